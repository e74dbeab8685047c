"""What holds the subject's runs together: the names that make one run, and links to other runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from detector.documents import percent_text
from detector.explain.document import Explanation, LinkLine, NameLine
from detector.explain.scene import Opened, Scene
from detector.linkage import linkage, mark
from detector.linked import Link
from features.compute import HOUR_MS

#: Names and links listed; the rest is counted.
LINES_MAX: Final = 8
_KINDS: Final = {"side_by_side": "side by side", "succession": "one after the other"}


def names(opened: Opened, shown: Scene) -> tuple[NameLine, ...]:
    """Give the jobs and data that the hours of a training run were metered under, largest first."""
    if shown.facts.scope != "training_run":
        return ()
    strands = opened.setting.usage.strands.select("strand", "job_id", "data_ref")
    named = shown.cells.join(strands, on="strand", how="left")
    lines: list[NameLine] = []
    for kind, column in (("data", "data_ref"), ("job", "job_id")):
        held = (
            named.filter(pl.col(column).fill_null("") != "")
            .group_by(name=column)
            .agg(pl.col("device_ms").sum(), pl.col("tenant_id").unique().sort())
            .sort("device_ms", "name", descending=[True, False])
        )
        lines += [
            NameLine(
                kind=kind, name=name, tenant_ids=tuple(tenants), accelerator_hours=ms / HOUR_MS
            )
            for name, ms, tenants in held.iter_rows()
        ]
    return tuple(lines)


@dataclass(frozen=True)
class Beside:
    """What links may lead to: ``opened``, and how many tenants of all run each image.

    ``is_whole``: everything that was metered is opened.
    """

    opened: Opened
    commons: pl.DataFrame
    is_whole: bool


def links(beside: Beside, shown: Scene) -> tuple[LinkLine, ...]:
    """Give the links of the subject's runs to each other and to all that is opened beside them."""
    opened = beside.opened
    setting, weighed = opened.setting, opened.by_scope["tenant"]
    marks = mark(setting.usage, opened.described, weighed, setting.parties, setting.meaning)
    own = set(shown.cells["workload"].unique())
    return tuple(
        _line(link, own)
        for link in linkage(replace(marks, commons=beside.commons), setting.meaning)
        if not own.isdisjoint((link.run_a, link.run_b))
    )


def _line(link: Link, own: set[str]) -> LinkLine:
    ours, other = sorted((link.run_a, link.run_b), key=lambda run: run not in own)
    return LinkLine(
        run_id=ours,
        other_run_id=other,
        kind=_KINDS.get(link.kind, link.kind),
        score=link.score,
        tenant_ids=link.tenant_ids,
        evidence=link.evidence,
    )


def told(explanation: Explanation) -> Iterator[str]:
    """Say it, a sentence a name or link; nothing of a subject that has neither."""
    listed = explanation.names[:LINES_MAX]
    for each in listed:
        of = " and ".join(each.tenant_ids)
        yield f"The {each.kind} {each.name} of {of}: {each.accelerator_hours:,.0f} hours."
    if len(explanation.names) > len(listed):
        yield f"And {len(explanation.names) - len(listed):,} more names of jobs and data."
    for link in explanation.links[:LINES_MAX]:
        why = "; ".join(link.evidence)
        yield (
            f"Link to {link.other_run_id} ({link.kind}, of {' and '.join(link.tenant_ids)}): one "
            f"training with a probability of {percent_text(link.score)}"
            f"{f', for {why}' if why else ''}. It adds nothing to a figure."
        )
    if len(explanation.links) > LINES_MAX:
        yield f"And {len(explanation.links) - LINES_MAX:,} more links; links.csv has them all."
    if explanation.names and not explanation.links:
        yield "No other run is linked to it."
    if not explanation.links_are_whole:
        yield (
            "Links were looked for among the tenants that share an owner, data or a resource with "
            "it: the others are too many to be laid open here. See links.csv."
        )
