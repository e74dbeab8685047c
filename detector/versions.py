"""Facts to report versions: what is due at one hour, given what was reported before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from detector.decide import Decision, ReportedFacts, decide, remember
from detector.facts import Curve, Interval, Scope, SubjectFacts
from detector.meaning import Meaning
from detector.parties import Parties
from detector.policy.model import Pack, Threshold
from detector.report.document import Report, report_id
from detector.report.draft import Edition, Matter, Remark, draft
from detector.rules import Case, apply
from detector.subjects import View, subjects

#: Adds the classifier's reasons to a view.
Explain = Callable[[View], View]


@dataclass(frozen=True)
class Reported:
    """The last version of one report, as the store keeps it."""

    pack_id: str
    threshold_id: str
    scope: Scope
    subject_id: str
    tenant_ids: tuple[str, ...]
    facts: ReportedFacts


@dataclass(frozen=True)
class Version:
    """A report version that is due, what to remember of it, and the facts it was drawn from."""

    report: Report
    reported: Reported
    facts: SubjectFacts
    pack: Pack


def due(
    views: Sequence[View],
    parties: Parties,
    meaning: Meaning,
    known: Mapping[str, Reported],
    explain: Explain,
) -> Iterator[Version]:
    """Give what is due at one hour: every subject that is worth a look or was reported before.

    ``explain`` adds the classifier's reasons to a view; it is asked only for what is due.
    """
    for view in views:
        least = min(meaning.limits_of_reports(), default=float("inf"))
        near = _near(view.cells, least, {r.subject_id for r in known.values()})
        facts = {
            fact.subject_id: fact for fact in subjects(replace(view, cells=near), parties.who_is)
        }
        for last in known.values():
            if last.scope == view.scope and last.subject_id not in facts:
                facts[last.subject_id] = _nothing_left(last, view.as_of, parties)
        for pack in meaning.policy.packs:
            for threshold in pack.thresholds:
                for _, fact in sorted(facts.items()):
                    matter = _Matter(fact, pack, threshold)
                    decided = _decide(matter, meaning, known)
                    if decided is not None:
                        told = _Matter(_told(fact, view, parties, explain), pack, threshold)
                        yield _version(told, *decided, parties, meaning)


def _near(cells: pl.DataFrame, least: float, always: set[str]) -> pl.DataFrame:
    """Keep the cells of subjects whose expected training passes a threshold, or of ``always``."""
    sums = cells.group_by("id").agg(pl.col("training_operations_expected").sum())
    near = sums.filter(
        (pl.col("training_operations_expected") >= least * (1 - 1e-9))
        | pl.col("id").is_in(sorted(always))
    )
    return cells.join(near.select("id"), on="id", how="semi")


@dataclass(frozen=True)
class _Matter:
    facts: SubjectFacts
    pack: Pack
    threshold: Threshold

    @property
    def report_id(self) -> str:
        facts = self.facts
        return report_id(self.pack.id, facts.scope, facts.subject_id, self.threshold.id)


def _decide(
    matter: _Matter, meaning: Meaning, known: Mapping[str, Reported]
) -> tuple[Decision, ReportedFacts] | None:
    facts, pack, threshold = matter.facts, matter.pack, matter.threshold
    last = known.get(matter.report_id)
    previous = last.facts if last is not None else None
    decision = decide(previous, facts, pack, threshold, facts.as_of, meaning.countries)
    if decision is None:
        return None
    return decision, remember(previous, decision, facts, pack, threshold)


def _told(facts: SubjectFacts, view: View, parties: Parties, explain: Explain) -> SubjectFacts:
    own = replace(view, cells=view.cells.filter(pl.col("id") == facts.subject_id))
    explained = subjects(explain(own), parties.who_is)
    return explained[0] if explained else facts


def _version(
    matter: _Matter, decision: Decision, kept: ReportedFacts, parties: Parties, meaning: Meaning
) -> Version:
    facts, pack, threshold = matter.facts, matter.pack, matter.threshold
    customers = parties.customers(facts.tenant_ids)
    case = Case(facts, customers, meaning.policy.packs, meaning.limits, meaning.countries)
    report = draft(
        Matter(facts, customers, pack, threshold, parties.name_of(facts.scope, facts.subject_id)),
        Edition(decision.kind, kept.version, decision.standing, facts.as_of, decision.reasons),
        meaning.provenance,
        [Remark(f.rule_id, f.because) for f in apply(case)],
    )
    reported = Reported(
        pack.id, threshold.id, facts.scope, facts.subject_id, facts.tenant_ids, kept
    )
    return Version(report, reported, facts, pack)


def _nothing_left(last: Reported, as_of: datetime, parties: Parties) -> SubjectFacts:
    """Give the facts of a reported subject of which nothing metered remains."""
    instant = last.facts.reported_until
    span = (instant, instant)
    person = parties.who_is(last.scope, last.subject_id, last.tenant_ids, span)
    none = Interval(0.0, 0.0, 0.0)
    return SubjectFacts(
        scope=last.scope,
        subject_id=last.subject_id,
        as_of=as_of,
        tenant_ids=last.tenant_ids,
        training_run_ids=(),
        cluster_ids=(),
        accelerator_hours=0.0,
        peak_operations=0.0,
        operations=none,
        hardware_operations_expected=0.0,
        training=none,
        training_probability=None,
        first_start=instant,
        last_end=instant,
        curve=Curve((), (), (), ()),
        person_status=person.status,
        headquarters=person.headquarters,
        owner_ids=last.facts.owner_ids,
    )
