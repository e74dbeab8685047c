"""Rules about capacity: what stood together in one cluster or on one site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detector.documents import instant_text
from detector.facts import PlacePeak, Severity
from detector.policy.model import ClusterLeg, Pack
from detector.rules.rule import Case, Hit, Rule, Value, most_severe
from detector.thresholds.conditions import is_subject, network_class

_ONE_STEP_LESS: Final[Mapping[Severity, Severity]] = {
    "medium": "low",
    "low": "info",
    "info": "info",
}


def _cluster_past_test(case: Case) -> Hit | None:
    """Accelerators that were held at one instant in one place reach an instrument's cluster figure.

    The figure, operations per second at the theoretical maximum, names no precision, so three
    conventions are told side by side: dense at 16 bit, dense at 8 bit, the most at any precision.
    The order means machines in one data centre that are joined: one cluster on one site. Clusters
    of one site are added up as a second place, for one fabric can be metered under two names; of
    those nobody says that they are joined. A network known to be slower than the instrument's is
    no hit; an unknown one is told as unknown. Medium for a subject that would be reported, low
    where the person status is undetermined, info for a US person; one step less where only 8 bit
    or less reaches the figure, where only a whole site does, or where nothing is likely training.
    It counts what this subject was given: the cluster itself may be larger, and it misses one
    split over sites.
    """
    day = case.facts.as_of.date()
    hits = [
        Hit(_severity(case, pack, place, met), pack.id, _evidence(case, pack, leg, place, met))
        for pack in case.packs
        for leg in [pack.cluster]
        if leg is not None and pack.is_effective_on(day) and case.facts.scope in pack.scopes
        for place in _clusters_first(case)
        for met in [_conventions(place, leg)]
        if met and network_class(place, leg) != "slower"
    ]
    return most_severe(hits)


def _clusters_first(case: Case) -> list[PlacePeak]:
    """Order places by what they prove: a cluster before a site, the larger at 16 bit first."""
    return sorted(
        case.facts.place_peaks,
        key=lambda place: (place.cluster_id is None, -place.operations_per_second_16bit),
    )


def _conventions(place: PlacePeak, leg: ClusterLeg) -> tuple[str, ...]:
    peaks = {
        "16 bit": place.operations_per_second_16bit,
        "8 bit": place.operations_per_second_8bit,
        "its fastest precision": place.operations_per_second_any,
    }
    return tuple(name for name, peak in peaks.items() if peak >= leg.operations_per_second_ge)


def _severity(case: Case, pack: Pack, place: PlacePeak, met: tuple[str, ...]) -> Severity:
    severity: Severity = "info"
    if pack.reports and is_subject(case.facts, pack, case.countries):
        severity = "medium"
    elif pack.reports and case.facts.person_status.status == "undetermined":
        severity = "low"
    is_sure = "16 bit" in met and place.cluster_id is not None
    return severity if is_sure and case.facts.training.expected > 0 else _ONE_STEP_LESS[severity]


def _evidence(
    case: Case, pack: Pack, leg: ClusterLeg, place: PlacePeak, met: tuple[str, ...]
) -> dict[str, Value]:
    site = place.site_id or "a site that was not named"
    return {
        "place": f"site {site}" if place.cluster_id is None else f"{place.cluster_id} on {site}",
        "cluster_id": place.cluster_id,
        "site_id": place.site_id,
        "tenant_ids": place.tenant_ids,
        "accelerator_count": place.accelerators,
        "operations_per_second_16bit": place.operations_per_second_16bit,
        "operations_per_second_8bit": place.operations_per_second_8bit,
        "operations_per_second_any": place.operations_per_second_any,
        "conventions_met": met,
        "network_gbit_per_second_min": place.network_gbit_per_second_min,
        "network_class": network_class(place, leg),
        "largest_at": instant_text(place.at),
        "test_operations_per_second": leg.operations_per_second_ge,
        "test_gbit_per_second": leg.gbit_per_second_gt,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
        "training_operations_expected": case.facts.training.expected,
    }


RULES: Final = (
    Rule(
        id="cluster-past-test",
        title="A cluster as fast as an instrument names",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=("training_run", "tenant", "owner"),
        when=_cluster_past_test,
        because="In {place}, {accelerator_count} were held at one instant: "
        "{operations_per_second_16bit} operations a second at 16 bit, {operations_per_second_8bit} "
        "at 8 bit, {operations_per_second_any} at its fastest precision. That reaches the "
        "{test_operations_per_second} of {policy_id} ({legal_status}) at {conventions_met}; "
        "whether the nodes are joined by over {test_gbit_per_second} Gbit/s: {network_class}. "
        "Tenants: {tenant_ids}; the person status is {person_status}.",
    ),
)
