"""Facts to report versions: what is due at one hour, given what was reported before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from detector.decide import Decision, ReportedFacts, decide, remember
from detector.facts import Scope, SubjectFacts, unmetered
from detector.meaning import Meaning
from detector.openings import worked
from detector.parties import Parties
from detector.parties.behind import behind
from detector.parties.moved import holders_told
from detector.policy.model import Pack, Threshold
from detector.report.document import Report, report_id
from detector.report.draft import Edition, Matter, Remark, draft
from detector.rules import Case, apply, flagged
from detector.subjects import View, subjects
from detector.who.graph import ALWAYS

#: Adds the classifier's reasons to a view.
Explain = Callable[[View], View]
_Seen = tuple[View, SubjectFacts]


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


@dataclass(frozen=True)
class Moments:
    """The hours of one pass: the three reporting scopes, and the parties by hour.

    ``looked``: (as_of, tenant_id), the tenants that are looked at in each; None for everybody.
    """

    views: Sequence[View]
    parties: Mapping[int, Parties]
    looked: pl.DataFrame | None = None

    def reported_at(
        self, hour: int, scope: Scope, known: Mapping[str, Reported]
    ) -> Iterator[Reported]:
        """Give the last version of each subject of a scope that is looked at in an hour."""
        own = (each for each in known.values() if each.scope == scope)
        last = {each.subject_id: each for each in own}
        if not last or self.looked is None:
            yield from last.values()
            return
        seen = set(self.looked.filter(as_of=hour)["tenant_id"])
        yield from (each for each in last.values() if not seen.isdisjoint(each.tenant_ids))


def due(
    moments: Moments, meaning: Meaning, reported: Mapping[str, Reported], explain: Explain
) -> Iterator[Version]:
    """Give the versions due at the hours of a pass, in order of time.

    ``explain`` adds the classifier's reasons to a view; it is asked only for what is due.
    """
    known = dict(reported)
    views = [_near(view, meaning, known) for view in moments.views]
    facts: dict[int, list[_Seen]] = {hour: [] for hour in moments.parties}
    for view in views:
        for hour, fact in subjects(view):
            facts[hour].append((view, fact))
    for hour, parties in sorted(moments.parties.items()):
        here = [*facts[hour], *_gone(facts[hour], replace(moments, views=views), known, hour)]
        for (view, fact), pack, threshold in _matters(here, meaning, known):
            decided = _decide(_Matter(fact, pack, threshold), meaning, known)
            if decided is not None:
                told = _Matter(_told(fact, view, hour, explain, moments.views), pack, threshold)
                decision, kept = _with_moves(told, decided, known, parties)
                version = _version(told, decision, kept, parties, meaning)
                known[version.report.report_id] = version.reported
                yield version


def _matters(
    here: Sequence[_Seen], meaning: Meaning, known: Mapping[str, Reported]
) -> Iterator[tuple[_Seen, Pack, Threshold]]:
    """Give what is to be judged: by the thresholds there are, and by those that were reported on.

    A threshold that left its pack is judged for the reports that rest on it, and for nobody else.
    """
    by_subject = {(fact.scope, fact.subject_id): (view, fact) for view, fact in here}
    for pack in meaning.policy.packs:
        yield from ((seen, pack, threshold) for threshold in pack.thresholds for seen in here)
        own = {each.id for each in pack.thresholds}
        for last in tuple(known.values()):
            seen, gone = by_subject.get((last.scope, last.subject_id)), last.facts.threshold
            if last.pack_id == pack.id and gone and gone.id not in own and seen:
                yield seen, pack, gone


def _near(view: View, meaning: Meaning, known: Mapping[str, Reported]) -> View:
    """Keep what passes a threshold at some hour, at that hour, and what was reported, always.

    A subject that passes is kept at every later hour of the pass too: it may be reported by then.
    """
    least = meaning.least_limit(is_biological=True) * (1 - 1e-9)
    always = sorted({r.subject_id for r in known.values() if r.scope == view.scope})
    sums = view.cells.group_by("as_of", "id").agg(
        expected=pl.col("training_operations_expected").sum()
    )
    first = (
        sums.filter((pl.col("expected") >= least) | pl.col("id").is_in(always))
        .group_by("id")
        .agg(since=pl.col("as_of").min())
    )
    cells = view.cells.join(first, on="id", how="inner").filter(pl.col("as_of") >= pl.col("since"))
    return replace(view, cells=cells)


def _gone(
    facts: Sequence[_Seen], moments: Moments, known: Mapping[str, Reported], hour: int
) -> Iterator[_Seen]:
    """Give reported subjects of which nothing metered is left at an hour."""
    present = {(fact.scope, fact.subject_id) for _, fact in facts}
    for view in moments.views:
        for last in moments.reported_at(hour, view.scope, known):
            if (last.scope, last.subject_id) not in present:
                yield view, _nothing_left(last, view.hours[hour].as_of, moments.parties[hour])


def _metered_since(
    views: Sequence[View], tenant_ids: tuple[str, ...], hour: int
) -> datetime | None:
    """Give the first metered instant of tenants at an hour, whoever holds them; None for none."""
    is_meant = pl.col("as_of") == hour, pl.col("id").is_in(list(tenant_ids))
    tenants = [replace(v, cells=v.cells.filter(*is_meant)) for v in views if v.scope == "tenant"]
    found = (fact.metered_since for view in tenants for _, fact in subjects(view))
    return min((each for each in found if each is not None), default=None)


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
    return decision, remember(previous, decision, facts, pack, threshold, meaning.countries)


def _with_moves(
    matter: _Matter,
    decided: tuple[Decision, ReportedFacts],
    known: Mapping[str, Reported],
    parties: Parties,
) -> tuple[Decision, ReportedFacts]:
    """Add to the reasons of a correction who held the tenants."""
    decision, kept = decided
    moved = _moved(known.get(matter.report_id), matter.facts, parties)
    return replace(decision, reasons=(*decision.reasons, *moved)), kept


def _moved(last: Reported | None, facts: SubjectFacts, parties: Parties) -> tuple[str, ...]:
    """Say who held the tenants, those that joined too, where that may be why it is corrected."""
    if last is None:
        return ()
    if facts.scope != "owner" and set(facts.owner_ids) == set(last.facts.owner_ids):
        return ()
    subject = (facts.scope, facts.subject_id)
    metered = (facts.metered_since or ALWAYS, last.facts.reported_until)
    since, _ = worked(metered, facts.openings)
    told = holders_told(subject, last.tenant_ids, (since, last.facts.reported_until), parties)
    if facts.scope == "owner":
        return told
    joined = tuple(each for each in facts.tenant_ids if each not in last.tenant_ids)
    return told + holders_told(subject, joined, (since, facts.last_end), parties)


def _told(
    facts: SubjectFacts, view: View, hour: int, explain: Explain, views: Sequence[View]
) -> SubjectFacts:
    own = view.cells.filter(as_of=hour, id=facts.subject_id)
    explained = list(subjects(explain(replace(view, cells=own))))
    if explained:
        return explained[0][1]
    return replace(facts, metered_since=_metered_since(views, facts.tenant_ids, hour))


def _version(
    matter: _Matter, decision: Decision, kept: ReportedFacts, parties: Parties, meaning: Meaning
) -> Version:
    facts, pack, threshold = matter.facts, matter.pack, matter.threshold
    customers = parties.customers(facts.tenant_ids)
    case = Case(facts, customers, meaning.policy.packs, meaning.limits, meaning.countries)
    name, ownership = parties.name_of(facts.scope, facts.subject_id), behind(parties, facts)
    places = parties.places_of(facts)
    report = draft(
        Matter(facts, customers, pack, threshold, name, ownership, places),
        Edition(decision.kind, kept.version, decision.standing, facts.as_of, decision.reasons),
        meaning.provenance,
        _remarks(case),
    )
    reported = Reported(
        pack.id, threshold.id, facts.scope, facts.subject_id, facts.tenant_ids, kept
    )
    return Version(report, reported, facts, pack)


def _remarks(case: Case) -> list[Remark]:
    """Give what the rules find on the subject; what rests on a pack of conduct is a red flag."""
    conduct = {pack.id for pack in case.packs if pack.subject_test.kind == "conduct"}
    found = (*apply(case), *flagged(case))
    return [Remark(each.rule_id, each.because, each.policy_id in conduct) for each in found]


def _nothing_left(last: Reported, as_of: datetime, parties: Parties) -> SubjectFacts:
    """Give the facts of a reported subject of which nothing metered remains."""
    instant = last.facts.reported_until
    spans = ((instant, instant),)
    person = parties.who_is(last.scope, last.subject_id, last.tenant_ids, spans)
    place = (last.scope, last.subject_id, last.tenant_ids)
    return replace(
        unmetered(*place, (as_of, instant), person.status),
        headquarters=person.headquarters,
        owner_ids=last.facts.owner_ids,
    )
