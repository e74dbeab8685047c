"""One subject laid open: the cells, facts and feature rows behind its line in ``totals.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from detector.assess import Moment, ledgers
from detector.facts import Scope, SubjectFacts
from detector.meaning import Meaning
from detector.parties import Parties
from detector.subjects import Hour, View, subjects
from features import compute
from features.accumulate import Usage
from features.pipeline import Described

#: The order in which cells are summed, so that equal sets print equal digits.
CELL_ORDER = ("bucket", "tenant_id", "workload", "strand", "hardware", "segment")


@dataclass(frozen=True)
class Setting:
    """Everything that a total is made from, at one hour of knowledge.

    ``settled``: probability of being training, by workload, in place of the classifier's.
    """

    usage: Usage
    hour: int
    moment: Moment
    parties: Parties
    meaning: Meaning
    settled: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A setting described: what happened, and the cells that count for each scope's ids."""

    setting: Setting
    described: Described
    by_scope: Mapping[str, pl.DataFrame]

    def ids(self, scope: Scope) -> tuple[str, ...]:
        """Give the ids of a scope, as totals.csv has them."""
        return tuple(self.by_scope[scope]["id"].unique().sort())


@dataclass(frozen=True)
class Scene:
    """A subject's facts, its cells in the order of time, and the feature rows of its workloads.

    ``cells`` are what was metered; openings, which were only stated, stand in the facts.
    """

    facts: SubjectFacts
    cells: pl.DataFrame
    rows: pl.DataFrame


def lay_open(setting: Setting) -> Opened:
    """Describe everybody in a setting."""
    known = compute.moments({setting.hour: setting.moment.newest_hour})
    everyone = {setting.hour: setting.parties}
    return Opened(
        setting, *ledgers(setting.usage, known, everyone, setting.meaning, setting.settled)
    )


def scene(opened: Opened, scope: Scope, subject_id: str) -> Scene | None:
    """Give one subject by itself; None where nothing metered counts for it."""
    setting = opened.setting
    cells = opened.by_scope[scope].filter(id=subject_id).sort(CELL_ORDER)
    if cells.is_empty():
        return None
    hours = {setting.hour: Hour(setting.moment.as_of, setting.parties.who_is)}
    correlations = setting.meaning.correlations
    view = View(scope, cells, hours, opened.described.peaks, correlations)
    ((_, facts),) = subjects(view)
    workloads = cells.select("workload").unique()
    rows = opened.described.rows.join(workloads, on="workload", how="semi").sort("workload")
    return Scene(facts, cells.filter(pl.col("opened_ms").is_null()), rows)
