"""Findings on runs that pass a threshold only together: linked runs, and lines of AI models.

They are assembled over all parts of the state, after each part has been judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from detector.facts import Interval, Scope, SubjectFacts
from detector.findings.groups import group_facts, one_bucket
from detector.lineage import Declared, lines
from detector.linkage import Marks
from detector.linked import Line, Link, LinkedRuns
from detector.meaning import Meaning
from detector.openings import MAX_OPERATIONS
from detector.parties import Parties
from detector.rules import Case, Finding, apply
from detector.rules.links import RULES
from detector.subjects import interval_of


def link_findings(
    found: Sequence[Link],
    marks: Marks,
    parties: Parties,
    as_of: datetime,
    meaning: Meaning,
) -> Iterator[Finding]:
    """Give the findings on links and lines; at most one a rule and subject."""
    named = {run for link in found for run in (link.run_a, link.run_b)}
    named |= set(marks.jobs["workload"])
    rows = marks.masses.filter(pl.col("workload").is_in(sorted(named)))
    by_run = {row["workload"]: row for row in rows.iter_rows(named=True)}
    training = {run: interval_of(row, "training_operations") for run, row in by_run.items()}
    for linked in groups(found, training, meaning.links.score_sure):
        facts = _facts([by_run[run] for run, _ in linked.members], parties, as_of)
        yield from apply(_case(facts, parties, meaning, linked=linked), RULES)
    for line in _largest(lines(_declared(marks, parties), training)):
        own = _facts([by_run[run] for run in line.own_runs], parties, as_of)
        facts = replace(
            own,
            training=line.training,
            curve=one_bucket((own.first_start, own.last_end), line.training),
        )
        whole = replace(line, alone=own.training)
        yield from apply(_case(facts, parties, meaning, line=whole), RULES)


def _case(facts: SubjectFacts, parties: Parties, meaning: Meaning, **of: Any) -> Case:  # noqa: ANN401
    customers = parties.customers(facts.tenant_ids)
    packs = meaning.policy.packs
    return Case(facts, customers, packs, meaning.limits, meaning.countries, **of)


def groups(
    found: Sequence[Link], training: Mapping[str, Interval], score_sure: float
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
        runs = tuple((run, training[run]) for run in members[name])
        yield LinkedRuns(runs, score, tuple(evidence), is_sure=score >= score_sure)


def _facts(rows: Sequence[dict[str, Any]], parties: Parties, as_of: datetime) -> SubjectFacts:
    """Facts of a group of runs under the name of its first run, or tenant where none is a run."""
    tenants = sorted({tenant for row in rows for tenant in row["tenant_ids"]})
    runs = tuple(row["workload"] for row in rows if row["is_run"])
    subject: tuple[Scope, str] = ("training_run", runs[0]) if runs else ("tenant", tenants[0])
    facts = group_facts(subject, rows, tenants, parties, as_of)
    return replace(facts, training_run_ids=runs)


def _declared(marks: Marks, parties: Parties) -> list[Declared]:
    """Say which runs each declaration is about: its jobs', or all where the tenant has but one."""
    runs: dict[str, dict[str | None, set[str]]] = {}
    for tenant, job, workload in marks.jobs.iter_rows():
        runs.setdefault(tenant, {}).setdefault(job, set()).add(workload)
    kin = _kin(parties.holders)
    return [
        Declared(
            tenant_id=tenant,
            declaration_id=name,
            model_name=data.get("model_name"),
            base_model=data.get("base_model"),
            base_operations=min(data.get("base_model_operations", 0.0), MAX_OPERATIONS),
            runs=tuple(sorted(_runs_of(data, runs.get(tenant, {}), is_only=len(plans) == 1))),
            kin=kin.get(tenant, frozenset((tenant,))),
        )
        for tenant, events in sorted(parties.plans().items())
        for plans in [{data["declaration_id"]: data for data, _ in events}]
        for name, data in sorted(plans.items())
    ]


def _runs_of(
    data: Mapping[str, Any], runs: Mapping[str | None, set[str]], *, is_only: bool
) -> set[str]:
    jobs = data.get("job_ids") or (runs if is_only else ())
    return {run for job in jobs for run in runs.get(job, ())}


def _kin(holders: pl.DataFrame) -> dict[str, frozenset[str]]:
    """Tenants that some owner has held in common, by tenant."""
    held = holders.select("tenant_id", "owner_id").unique()
    pairs = held.join(held, on="owner_id", suffix="_b")
    both = pairs.group_by("tenant_id").agg(pl.col("tenant_id_b").unique())
    return {tenant: frozenset(others) for tenant, others in both.iter_rows()}


def _largest(found: Iterator[Line]) -> Iterator[Line]:
    """Keep the largest line of each first run: one finding a subject."""
    best: dict[str, Line] = {}
    for line in found:
        known = best.get(line.own_runs[0])
        if known is None or line.training.expected > known.training.expected:
            best[line.own_runs[0]] = line
    yield from (best[run] for run in sorted(best))
