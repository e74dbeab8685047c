"""The conditions of a pack held against a subject: is it meant, is the threshold passed.

Shared by rules and decide, so that a finding and a report never mean different things by them.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from detector.errors import DetectorError
from detector.facts import Place, PlacePeak, StatusFinding, SubjectFacts
from detector.policy.model import (
    ClusterLeg,
    HeadquartersTest,
    ListedOwnerTest,
    Pack,
    PersonTest,
    Threshold,
)
from detector.policy.tables import CountryTable
from detector.thresholds.crossing import passes

#: Reasons for a person status that one sentence names.
REASONS_MAX: Final = 4


def because_of(found: StatusFinding) -> str:
    """Say why a person status is what it is, for the end of a sentence; nothing without reasons."""
    told, left = found.reasons[:REASONS_MAX], len(found.reasons) - REASONS_MAX
    more = (f"And {left} more reasons.",) if left > 0 else ()
    return f", because: {' '.join((*told, *more))}".removesuffix(".") if told else ""


def is_subject(facts: SubjectFacts, pack: Pack, countries: CountryTable | None) -> bool:
    """Say whether the pack is about this subject, as far as is known.

    A test of persons takes the person statuses it names; a headquarters test takes a subject with
    a headquarters or an ultimate parent's in its places; a test of listed owners one that they own
    for sure, as far as screening found who is listed; a test of conduct always.
    """
    match pack.subject_test:
        case PersonTest() as test:
            return facts.person_status.status in test.person_statuses
        case HeadquartersTest() as test:
            return bool(headquarters_within(facts, test, countries))
        case ListedOwnerTest():
            return any(each.pack_id == pack.id and each.is_sure for each in facts.listed_owners)
        case _:
            return True


def headquarters_within(
    facts: SubjectFacts, test: HeadquartersTest, countries: CountryTable | None
) -> tuple[Place, ...]:
    """Give the headquarters that lie in the places of the test."""
    if countries is None:
        raise DetectorError(
            "country table: expected one, because a pack tests headquarters, got none; pass the "
            "table of detector/policy/reference/country_groups.toml"
        )
    return tuple(each for each in facts.headquarters if _is_named(each[0], test, countries, facts))


def _is_named(
    code: str, test: HeadquartersTest, countries: CountryTable, facts: SubjectFacts
) -> bool:
    day = facts.as_of.date()
    in_group = any(countries.is_member(code, group, day) for group in test.country_groups)
    return in_group or countries.country(code) in test.countries


def counts_for(facts: SubjectFacts, pack: Pack, threshold: Threshold) -> bool:
    """Say whether the threshold is about this work, however many operations it has.

    A threshold for biological training needs a declared share above the pack's; where the pack
    requires the cluster leg, one cluster on one site must have been fast enough.
    """
    share = facts.biological_share_ratio
    floor = threshold.biological_share_ratio_gt
    if floor is not None and (share is None or share <= floor):
        return False
    if not pack.require_cluster_leg or pack.cluster is None:
        return True
    return _cluster_peak(facts, pack.cluster) >= pack.cluster.operations_per_second_ge


def _cluster_peak(facts: SubjectFacts, leg: ClusterLeg) -> float:
    """Give the largest peak at 16 bit of a cluster whose network is not known to be too slow."""
    if not facts.place_peaks:
        return facts.cluster_peak_operations_per_second
    clusters = (place for place in facts.place_peaks if place.cluster_id is not None)
    return max(
        (c.operations_per_second_16bit for c in clusters if network_class(c, leg) != "slower"),
        default=0.0,
    )


def network_class(place: PlacePeak, leg: ClusterLeg) -> Literal["faster", "slower", "unknown"]:
    """Say whether the nodes of a place are joined faster than the instrument names.

    Faster where every node's network is known and above the figure, slower where every one's is
    known and one is not; else unknown, which rules out nothing.
    """
    slowest = place.network_gbit_per_second_min
    if slowest is None or not place.is_network_known:
        return "unknown"
    return "faster" if slowest > leg.gbit_per_second_gt else "slower"


def is_past(facts: SubjectFacts, pack: Pack, threshold: Threshold) -> bool:
    """Say whether the expected training operations are past a threshold that counts for them."""
    past = passes(facts.training.expected, threshold.operations, threshold.comparison)
    return past and counts_for(facts, pack, threshold)


def is_reportable(
    facts: SubjectFacts, pack: Pack, threshold: Threshold, countries: CountryTable | None
) -> bool:
    """Say whether a crossing of this threshold by this subject is a report, not only a finding."""
    reports = pack.reports and threshold.reports and facts.scope in pack.scopes
    return reports and is_subject(facts, pack, countries)


def not_asked(facts: SubjectFacts, pack: Pack, threshold: Threshold) -> str | None:
    """Say why the pack, as it is loaded, asks for no report of this kind; None where it asks."""
    if threshold.id not in {each.id for each in pack.thresholds}:
        return f"The pack {pack.id} has no threshold {threshold.id} any more."
    if not pack.reports or not threshold.reports:
        return f"The pack {pack.id} makes this a finding now, and not a report."
    if facts.scope not in pack.scopes:
        return f"The pack {pack.id} holds nothing of scope {facts.scope} against a threshold now."
    return None


def not_meant(facts: SubjectFacts, pack: Pack) -> str:
    """Say why the subject is none that the pack is about."""
    match pack.subject_test:
        case PersonTest() as test:
            return (
                f"The pack {pack.id} is about persons whose status is "
                f"{' or '.join(test.person_statuses)}; here it is {facts.person_status.status}."
            )
        case HeadquartersTest():
            return f"No headquarters known lies in a place that the pack {pack.id} names."
        case _:
            return f"By the lists given, no owner known is one that the pack {pack.id} is about."


def is_in_force(pack: Pack, threshold: Threshold, day: date) -> bool:
    """Say whether both the instrument and this number of it hold on ``day``."""
    return pack.is_effective_on(day) and threshold.is_effective_on(day)
