"""Links over all parts of the state: marks of each part, links between them, what follows.

A part gives its marks (``mark``), small whatever its size; ``linkage`` compares the marks of all
parts, for the pieces of one training may lie in tenants that share nothing else. Runs are never
merged by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from detector.documents import operations_text
from detector.ledger import sums
from detector.linked import Link
from detector.meaning import Meaning
from detector.parties import Parties
from features.accumulate import Usage
from features.links import links
from features.pipeline import Described
from features.signatures import commons, signatures

_WORDS: Final = {
    "image": ("both run the image {what}", "they run different images"),
    "hardware": ("both hold {what}", "they hold different accelerators or sizes"),
    "cluster": ("both run in cluster {what}", "they run in different clusters"),
    "step_period": ("both take {what} a step", "their training steps differ in length"),
    "instants": (
        "{what} beginnings, stops and pauses fall together",
        "only {what} beginnings, stops and pauses fall together",
    ),
    "succession": ("one begins {what} after the other ends", "one begins {what} after the other"),
}
#: A piece that weighs less than this, either way, is not worth a word.
WORTH_A_WORD: Final = 0.05
#: An opening of a run, which is a row beside what was metered of it.
_IS_STATED_RUN: Final = pl.col("opened_ms").is_not_null() & pl.col("is_run")
#: One in more than this is written with a power of ten.
ODDS_MAX: Final = 1e6


@dataclass(frozen=True)
class Marks:
    """What one part gives for links: SIGNATURES, COMMONS, and the operations of the workloads.

    ``masses``: ``ledger.sums`` by workload, with ``is_run``: of every signature, and of tenants
    that declared what they train. ``jobs``: (tenant_id, job_id, workload) of the latter.
    """

    signatures: pl.DataFrame
    commons: pl.DataFrame
    masses: pl.DataFrame
    jobs: pl.DataFrame


def mark(
    usage: Usage, described: Described, weighed: pl.DataFrame, parties: Parties, meaning: Meaning
) -> Marks:
    """Take the marks of the workloads of one part that may matter. ``weighed``: ledger.weigh's.

    What was stated of a run before metering began counts with the run.
    """
    works = weighed.with_columns(id=pl.when(_IS_STATED_RUN).then("run_id").otherwise("workload"))
    named = works.select("strand", "tenant_id", "is_run", workload="id").unique()
    heavy = _heavy(works, meaning)
    wanted = named.join(heavy, on="workload", how="semi").select("strand", "workload")
    found = signatures(wanted, usage, described.levels, described.specs, described.cells)
    planned = works.filter(pl.col("tenant_id").is_in(sorted(parties.tenants_with_plans())))
    kept = pl.concat([heavy, planned.select(workload="id")]).unique()
    masses = sums(works.join(kept, left_on="id", right_on="workload", how="semi"))
    return Marks(
        found,
        commons(usage.strands),
        masses.rename({"id": "workload"})
        .join(named.select("workload", "is_run").unique(), on="workload", how="left")
        .sort("workload"),
        _jobs(planned, usage),
    )


def _jobs(planned: pl.DataFrame, usage: Usage) -> pl.DataFrame:
    """Say which work each job of these cells belongs to, as metered and as openings state it."""
    strands = usage.strands.select("strand", "job_id")
    whose, is_stated = ("tenant_id", "job_id", "workload"), pl.col("opened_ms").is_not_null()
    named = planned.rename({"workload": "part", "id": "workload"})
    metered = named.filter(~is_stated).select("strand", "tenant_id", "workload").unique()
    rows = [metered.join(strands, on="strand", how="left").select(whose)]
    if "job_id" in planned.columns:
        rows.append(named.filter(is_stated).select(whose))
    return pl.concat(rows).unique().sort(pl.all())


def _heavy(works: pl.DataFrame, meaning: Meaning) -> pl.DataFrame:
    """Name the workloads that may be training and are no crumb of the smallest threshold."""
    figures = meaning.links
    least = figures.operations_ratio_min * meaning.least_limit()
    maybe = pl.col("training_probability").fill_null(1.0) >= figures.training_probability_min
    return (
        works.select("id", "operations_high", "training_probability")
        .filter(maybe)
        .group_by("id")
        .agg(pl.col("operations_high").sum().cast(pl.Float64))
        .filter(pl.col("operations_high") >= least)
        .select(workload="id")
    )


def together_marks(parts: Sequence[Marks]) -> Marks:
    """Put the marks of parts together that share no tenant."""
    counted = pl.concat([part.commons for part in parts])
    return Marks(
        pl.concat([part.signatures for part in parts]),
        counted.group_by("image_id").agg(pl.col("tenant_count").sum()).sort("image_id"),
        pl.concat([part.masses for part in parts]),
        pl.concat([part.jobs for part in parts]),
    )


def linkage(marks: Marks, meaning: Meaning) -> tuple[Link, ...]:
    """Link the workloads of all parts: the links of at least the least score, best first."""
    rows = links(marks.signatures, marks.commons, meaning.links)
    return tuple(_link(row) for row in rows.iter_rows(named=True))


def _link(row: dict[str, Any]) -> Link:
    told = [_sentence(piece) for piece in row["pieces"] if abs(piece["points"]) >= WORTH_A_WORD]
    return Link(
        run_a=row["run_a"],
        run_b=row["run_b"],
        tenant_ids=tuple(row["tenant_ids"]),
        kind=row["kind"],
        score=row["score"],
        evidence=tuple(told),
    )


def _sentence(piece: dict[str, Any]) -> str:
    for_it, against = _WORDS[piece["piece"]]
    if piece["points"] < 0 or piece["chance"] is None:
        return f"against it: {against.format(what=piece['what'])}"
    return f"{for_it.format(what=piece['what'])} (by chance {_odds(piece['chance'])})"


def _odds(chance: float) -> str:
    """Write a chance as one in so many."""
    many = 1.0 / chance
    if many >= ODDS_MAX:
        return f"1 in {operations_text(many)}"
    return f"1 in {many:.2g}" if many < 100 else f"1 in {many:,.0f}"
