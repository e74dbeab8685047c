"""Links over all parts of the state: marks of each part, links between them, what follows.

A part gives its marks (``mark``), small whatever its size; ``linkage`` compares the marks of all
parts, for the pieces of one training may lie in tenants that share nothing else. Runs are never
merged by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from detector.facts import Curve, Interval, SubjectFacts
from detector.ledger import sums
from detector.linked import Link, LinkedRuns
from detector.meaning import Meaning
from detector.parties import Parties
from detector.rules import Case, Finding, apply
from detector.rules.links import RULES
from features.accumulate import Usage
from features.links import links
from features.pipeline import Described
from features.signatures import commons, signatures

_BOUNDS: Final = ("low", "expected", "high")
_WORDS: Final = {
    "image": ("both run the image {what}", "they run different images"),
    "hardware": ("both hold {what}", "they hold different accelerators or sizes"),
    "cluster": ("both run in cluster {what}", "they run in different clusters"),
    "step_period": ("both take {what} a step", "their training steps differ in length"),
    "instants": (
        "{what} beginnings and stops fall together",
        "only {what} beginnings and stops fall together",
    ),
    "succession": ("one begins {what} after the other ends", "one begins {what} after the other"),
}
#: A piece that weighs less than this, either way, is not worth a word.
WORTH_A_WORD: Final = 0.05


@dataclass(frozen=True)
class Marks:
    """What one part gives for links: SIGNATURES, COMMONS, and the operations of the workloads.

    ``masses``: ``ledger.sums`` by workload, with ``is_run``: one row a signature.
    """

    signatures: pl.DataFrame
    commons: pl.DataFrame
    masses: pl.DataFrame


def mark(usage: Usage, described: Described, weighed: pl.DataFrame, meaning: Meaning) -> Marks:
    """Take the marks of the workloads of one part that may matter. ``weighed``: ledger.weigh's."""
    masses = _masses(weighed, meaning)
    strands = weighed.select("strand", workload="workload").unique()
    wanted = strands.join(masses.select("workload"), on="workload", how="semi")
    found = signatures(wanted, usage, described.levels, described.specs)
    return Marks(found, commons(usage.strands), masses)


def _masses(weighed: pl.DataFrame, meaning: Meaning) -> pl.DataFrame:
    """Sum the workloads that may be training and are no crumb of the smallest threshold."""
    figures = meaning.links
    least = figures.operations_ratio_min * meaning.least_limit()
    maybe = pl.col("training_probability").fill_null(1.0) >= figures.training_probability_min
    heavy = (
        weighed.filter(maybe)
        .group_by("workload", "is_run")
        .agg(pl.col("operations_high").sum().cast(pl.Float64))
        .filter(pl.col("operations_high") >= least)
        .select("workload", "is_run")
    )
    cells = weighed.join(heavy.select("workload"), on="workload", how="semi")
    return (
        sums(cells.with_columns(id="workload"))
        .rename({"id": "workload"})
        .join(heavy, on="workload", how="left")
        .sort("workload")
    )


def together_marks(parts: Sequence[Marks]) -> Marks:
    """Put the marks of parts together that share no tenant."""
    counted = pl.concat([part.commons for part in parts])
    return Marks(
        pl.concat([part.signatures for part in parts]),
        counted.group_by("image_id").agg(pl.col("tenant_count").sum()).sort("image_id"),
        pl.concat([part.masses for part in parts]),
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
    return f"{for_it.format(what=piece['what'])} (by chance {piece['chance']:.2g})"


def link_findings(
    found: Sequence[Link],
    marks: Marks,
    parties: Parties,
    as_of: datetime,
    meaning: Meaning,
) -> Iterator[Finding]:
    """Give the findings on runs that pass a threshold only together."""
    linked_runs = {run for link in found for run in (link.run_a, link.run_b)}
    rows = marks.masses.filter(pl.col("workload").is_in(sorted(linked_runs)))
    by_run = {row["workload"]: row for row in rows.iter_rows(named=True)}
    for linked in groups(found, by_run, meaning.links.score_sure):
        facts = _facts([by_run[run] for run, _ in linked.members], parties, as_of)
        customers = parties.customers(facts.tenant_ids)
        packs = meaning.policy.packs
        case = Case(facts, customers, packs, meaning.limits, meaning.countries, linked=linked)
        yield from apply(case, RULES)


def groups(
    found: Sequence[Link], by_run: dict[str, dict[str, Any]], score_sure: float
) -> Iterator[LinkedRuns]:
    """Put linked runs together; the weakest link that was needed for it is the group's score."""
    heads: dict[str, str] = {}
    needed: dict[str, list[Link]] = {}

    def head(run: str) -> str:
        while heads.setdefault(run, run) != run:
            run = heads[run]
        return run

    for link in sorted(found, key=lambda each: (-each.score, each.run_a, each.run_b)):
        one, other = sorted((head(link.run_a), head(link.run_b)))
        if one != other:
            heads[other] = one
            needed[one] = [*needed.pop(one, []), *needed.pop(other, []), link]
    members: dict[str, list[str]] = {}
    for run in sorted(heads):
        members.setdefault(head(run), []).append(run)
    for name, held in sorted(needed.items()):
        score = min(link.score for link in held)
        evidence = dict.fromkeys(piece for link in held for piece in link.evidence)
        runs = tuple((run, _interval(by_run[run], "training_operations")) for run in members[name])
        yield LinkedRuns(runs, score, tuple(evidence), is_sure=score >= score_sure)


def _interval(row: dict[str, Any], name: str) -> Interval:
    low, expected, high = (float(row[f"{name}_{bound}"]) for bound in _BOUNDS)
    return Interval(min(low, expected), expected, max(expected, high))


def _facts(rows: Sequence[dict[str, Any]], parties: Parties, as_of: datetime) -> SubjectFacts:
    """Facts of a group, as if its members were one run; bounds add up as one error."""
    tenants = tuple(sorted({tenant for row in rows for tenant in row["tenant_ids"]}))
    runs = [row["workload"] for row in rows if row["is_run"]]
    first, last = min(r["first_start"] for r in rows), max(r["last_end"] for r in rows)
    training = _sum([_interval(row, "training_operations") for row in rows])
    subject = runs[0] if runs else tenants[0]
    person = parties.who_is("training_run", subject, tenants, (first, last))
    bounds = (training.low,), (training.expected,), (training.high,)
    return SubjectFacts(
        scope="training_run" if runs else "tenant",
        subject_id=subject,
        as_of=as_of,
        tenant_ids=tenants,
        training_run_ids=tuple(runs),
        cluster_ids=(),
        accelerator_hours=sum(row["accelerator_hours"] for row in rows),
        peak_operations=float(sum(row["peak_operations"] for row in rows)),
        operations=_sum([_interval(row, "operations") for row in rows]),
        hardware_operations_expected=float(
            sum(row["hardware_operations_expected"] for row in rows)
        ),
        training=training,
        training_probability=None,
        first_start=first,
        last_end=last,
        curve=Curve((last,), *bounds, (first,)),
        person_status=person.status,
        headquarters=person.headquarters,
        owner_ids=person.owner_ids,
        biological_share_ratio=person.biological_share_ratio,
    )


def _sum(intervals: Sequence[Interval]) -> Interval:
    return Interval(
        sum(each.low for each in intervals),
        sum(each.expected for each in intervals),
        sum(each.high for each in intervals),
    )
