"""The second half of the line, top to bottom: what happened, and who did it, to what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

import polars as pl

from detector.classifier.classify import classify, reasons_of
from detector.classifier.likeliest import likeliest
from detector.facts import Notice, Scope, SubjectFacts
from detector.ledger import UNATTRIBUTED, added, parts_of, spanning, spread, weigh
from detector.linkage import mark
from detector.meaning import Meaning
from detector.notices import both, notices, opening_notices
from detector.opening_rows import with_openings
from detector.parties import Parties
from detector.rules import Case, Finding, apply, told
from detector.subjects import Hour, View, subjects
from detector.versions import Moments, Reported, Version, due
from detector.watching import watched
from detector.whole import Part
from detector.withdrawn import corrected_tenants, withdrawn
from detector.worth import worth_a_look
from features import compute
from features.accumulate import Usage, merge, restrict
from features.completeness import metered
from features.pipeline import STATED, Described, describe
from features.repeated import repeated

#: Scopes that are held against thresholds.
REPORTED_SCOPES: tuple[Scope, ...] = ("training_run", "tenant", "owner")
#: Whom to look at in which hour of knowledge.
LOOKED: Final = pl.Schema({"as_of": pl.Int32(), "tenant_id": pl.String()})
NOTHING_SETTLED: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Moment:
    """What an hour of knowledge is called, and the hour of the newest event known by it.

    ``as_of`` is the hour itself, or the last event's time at the end of a replay.
    """

    as_of: datetime
    newest_hour: int


@dataclass(frozen=True)
class State:
    """What is held of some tenants: their usage, and beside it what corrections took out of it."""

    usage: Usage
    withdrawn: Usage


#: Who everybody is, as known at a whole hour since the epoch and seen at an instant.
PartiesAt = Callable[[int, datetime], Parties]


def assess_hours(
    usage: Usage,
    moments: Mapping[int, Moment],
    parties_at: PartiesAt,
    meaning: Meaning,
    reported: Mapping[str, Reported],
    looked: pl.DataFrame | None = None,
) -> list[Version]:
    """Give the report versions due at each of the hours, in order.

    ``moments``: by hour of knowledge. ``reported``: report id -> last version. ``looked``: LOOKED,
    the tenants to look at in each; None for everybody. What is left out is as it was before.
    """
    known = dict(reported)
    versions: list[Version] = []
    everyone = {hour: parties_at(hour, moment.as_of) for hour, moment in moments.items()}
    for hours in _runs(sorted(moments), everyone):
        newest = compute.moments({hour: moments[hour].newest_hour for hour in hours})
        known_of = newest if looked is None else newest.join(looked, on="as_of")
        described, by_scope = _work(usage, known_of, everyone, meaning)
        called = {h: Hour(moments[h].as_of, everyone[h].who_is) for h in hours}
        views = [
            View(s, by_scope[s], called, described.peaks, meaning.correlations)
            for s in REPORTED_SCOPES
        ]
        parties = {hour: everyone[hour] for hour in hours}
        explain = partial(explained, usage=usage, described=described, meaning=meaning)
        for version in due(Moments(views, parties, looked), meaning, known, explain):
            known[version.report.report_id] = version.reported
            versions.append(version)
    return versions


def assess_whole(
    state: State, hour: int, moment: Moment, parties: Parties, meaning: Meaning
) -> Part:
    """Describe everything as known at ``hour``: totals and findings."""
    usage = state.usage
    known = compute.moments({hour: moment.newest_hour})
    described, by_scope = ledgers(usage, known, {hour: parties}, meaning)
    odd = both(notices(described, meaning.catalogue.names), opening_notices(by_scope["tenant"]))
    called = {hour: Hour(moment.as_of, parties.who_is)}
    facts = []
    for scope in REPORTED_SCOPES:
        cells = worth_a_look(scope, by_scope[scope], described.peaks, parties, meaning)
        facts += [
            fact
            for _, fact in subjects(
                View(scope, cells, called, described.peaks, meaning.correlations)
            )
        ]
    parts = parts_of(by_scope)
    found = tuple(_findings(facts, parties, meaning, odd, moment.as_of))
    marks = mark(usage, described, by_scope["tenant"], parties, meaning)
    where = metered(usage, described.levels, described.specs, meaning.limits.unmetered_hours_min)
    where = replace(where, repeats=repeated(usage, described.specs))
    own = parts.filter(~spanning())
    totals, further = added([own], meaning.correlations), parts.filter(spanning())
    first_told = _first_told(state, known, by_scope["tenant"], {hour: parties}, meaning)
    lost = withdrawn(first_told, totals, meaning.correlations)
    return Part(totals, found, further, marks, where, watched(described, meaning), lost)


def _first_told(
    state: State,
    known: pl.DataFrame,
    cells: pl.DataFrame,
    everyone: Mapping[int, Parties],
    meaning: Meaning,
) -> dict[str, pl.DataFrame]:
    """Give the cells of tenants and owners as if no correction had come; nothing where none did.

    ``cells``: of all tenants, as corrected. Only those of whom something was corrected, and who
    share data with them, are described anew.
    """
    tenants = corrected_tenants(state.usage.strands, state.withdrawn.strands)
    if not tenants:
        return {}
    own = merge([restrict(state.usage, tenants), state.withdrawn])
    _, anew = ledgers(own, known, everyone, meaning)
    others = cells.filter(~pl.col("tenant_id").is_in(list(tenants)))
    held = pl.concat([_holders(each, [hour]) for hour, each in everyone.items()])
    return spread(pl.concat([others, anew["tenant"].select(others.columns)]).drop("id"), held)


def ledgers(
    usage: Usage,
    known: pl.DataFrame,
    everyone: Mapping[int, Parties],
    meaning: Meaning,
    settled: Mapping[str, float] = NOTHING_SETTLED,
) -> tuple[Described, dict[str, pl.DataFrame]]:
    """Describe hours over which the segments agree, and give each scope its cells.

    ``known``: MOMENTS, with ``tenant_id`` where only some are described; each hour of which has
    its parties in ``everyone``. ``settled`` takes the place of the classifier for the workloads it
    names: their probability of being training.
    """
    hours = known["as_of"].unique().sort().to_list()
    segments = everyone[hours[0]].segments
    stated = _stated(everyone, known)
    described = describe(usage, meaning.catalogue, segments, known, stated.select(list(STATED)))
    rows, chances = likeliest(described.rows, described.told, meaning.classifier)
    described = replace(described, rows=rows)
    if settled:
        told = pl.col("workload").replace_strict(settled, default=None, return_dtype=pl.Float64)
        chances = chances.with_columns(
            training_probability=pl.coalesce(told, "training_probability")
        )
    held = pl.concat([_holders(everyone[hour], [hour]) for hour in hours])
    opened = stated.join(described.stated, on=("as_of", "opening"))
    cells = with_openings(weigh(described.cells, chances), opened, segments, meaning.catalogue)
    return described, spread(cells, held)


def _stated(everyone: Mapping[int, Parties], known: pl.DataFrame) -> pl.DataFrame:
    """Give the openings known at each of the hours, of the tenants that are described."""
    hours = known["as_of"].unique().sort()
    stated = pl.concat(
        [everyone[hour].openings.with_columns(as_of=pl.lit(hour, pl.Int32)) for hour in hours]
    )
    whose = list(LOOKED)
    return stated if "tenant_id" not in known.columns else stated.join(known, on=whose, how="semi")


def _work(
    usage: Usage, known: pl.DataFrame, everyone: Mapping[int, Parties], meaning: Meaning
) -> tuple[Described, dict[str, pl.DataFrame]]:
    """Give the ledgers that are held against thresholds, without what no single subject did."""
    described, by_scope = ledgers(usage, known, everyone, meaning)
    owners = by_scope["owner"].filter(~pl.col("is_below_test"))
    runs = by_scope["training_run"].filter(pl.col("id") != UNATTRIBUTED)
    return described, by_scope | {"owner": owners, "training_run": runs}


def _runs(hours: Sequence[int], everyone: Mapping[int, Parties]) -> Iterator[list[int]]:
    group: list[int] = []
    for hour in hours:
        if group and not everyone[hour].segments.equals(everyone[group[-1]].segments):
            yield group
            group = []
        group.append(hour)
    if group:
        yield group


def _holders(parties: Parties, hours: Sequence[int]) -> pl.DataFrame:
    known = pl.DataFrame({"as_of": hours}, schema={"as_of": pl.Int32})
    return parties.holders.join(known, how="cross")


def explained(view: View, usage: Usage, described: Described, meaning: Meaning) -> View:
    """Add what a report tells of one subject at one hour, and what costs more than the answer.

    These are the classifier's reasons for its workloads, and its tenants' hours on the bill alone.
    """
    if view.cells.is_empty():
        return view
    place = ["as_of", "workload"]
    wanted = described.rows.join(view.cells.select(place).unique(), on=place, how="semi")
    judged = wanted.select("workload").hstack(classify(wanted, meaning.classifier))
    reasons = reasons_of(judged)
    return replace(
        view, reasons=reasons, unmetered_hours=_unmetered_hours(view, usage, described, meaning)
    )


def _unmetered_hours(view: View, usage: Usage, described: Described, meaning: Meaning) -> float:
    known = view.cells.select("as_of").unique()
    levels = described.levels.join(known, on="as_of", how="semi")
    coverage = usage.coverage.filter(pl.col("hour") <= known["as_of"].max())
    where = metered(
        replace(usage, coverage=coverage),
        levels,
        described.specs,
        meaning.limits.unmetered_hours_min,
    )
    own = where.places.join(view.cells.select("tenant_id").unique(), on="tenant_id", how="semi")
    return int(own["unmetered_ppb_ms"].sum()) // compute.PPB / compute.HOUR_MS


def _findings(
    facts: Sequence[SubjectFacts],
    parties: Parties,
    meaning: Meaning,
    odd: Mapping[str, Sequence[Notice]],
    as_of: datetime,
) -> Iterator[Finding]:
    packs, limits = meaning.policy.packs, meaning.limits
    for fact in facts:
        customers = parties.customers(fact.tenant_ids)
        own = tuple(odd.get(fact.subject_id, ())) if fact.scope == "tenant" else ()
        yield from apply(Case(fact, customers, packs, limits, meaning.countries, own))
    looked_at = {fact.subject_id for fact in facts if fact.scope == "tenant"}
    for tenant in sorted(odd.keys() - looked_at):
        yield from told(odd[tenant], as_of, limits, packs)
