"""What stood together of a subject: by cluster, by site, by precision, with its network."""

from __future__ import annotations

from typing import Any

from detector.facts import PlacePeak
from detector.subjects import subjects
from tests.support.usage_rows import HOUR, at
from tests.unit.detector.test_subjects import HALF, node, view


def places(rows: list[dict[str, Any]]) -> tuple[PlacePeak, ...]:
    [(_, facts)] = subjects(view("tenant", rows))
    return facts.place_peaks


def peak(site: str | None, cluster: str | None, devices: float, **more: Any) -> PlacePeak:
    """Give the peak of so many of the catalogue's H100: 1e15 at 16 bit, 2e15 at 8."""
    rates = {
        "operations_per_second_16bit": devices * 1e15,
        "operations_per_second_8bit": devices * 2e15,
        "operations_per_second_any": devices * 2e15,
    }
    others = {"network_gbit_per_second_min": None, "is_network_known": False, "at": at(0)}
    return PlacePeak(site, cluster, ("t",), devices, **(rates | others | more))


def test_clusters_of_one_site_stand_apart_and_the_site_holds_them_all() -> None:
    rows = [
        node(0, HOUR, "a"),
        node(0, HOUR, "b", cluster_id="d", accelerator_count=30),
        node(HALF, HOUR, "c", cluster_id=None, accelerator_count=7),
        node(0, HOUR, "e", site_id=None, cluster_id=None, accelerator_count=500),
    ]
    assert places(rows) == (
        peak("s", None, 137, at=at(HALF)),
        peak("s", "c", 100),
        peak("s", "d", 30),
    )


def test_a_cluster_without_a_site_is_a_place_of_its_own() -> None:
    rows = [node(0, HOUR, "a", site_id=None), node(0, HOUR, "b")]
    assert places(rows) == (
        peak(None, "c", 100),
        peak("s", None, 100),
        peak("s", "c", 100),
    )


def test_the_network_is_that_of_the_slowest_node_and_unknown_where_one_is_unknown() -> None:
    typed = {"accelerator": None, "accelerator_count": None, "instance_type": "p5.48xlarge"}
    known = [node(0, HOUR, "a", **typed), node(0, HOUR, "b", **typed)]
    network = {"network_gbit_per_second_min": 3200.0, "is_network_known": True}
    assert places(known) == (peak("s", None, 16, **network), peak("s", "c", 16, **network))
    network["is_network_known"] = False
    mixed = [*known, node(0, HOUR, "c", accelerator_count=1)]
    assert places(mixed) == (peak("s", None, 17, **network), peak("s", "c", 17, **network))


def test_only_the_largest_few_clusters_are_kept() -> None:
    rows = [
        node(0, HOUR, f"r{number}", cluster_id=f"c{number}", accelerator_count=number + 1)
        for number in range(9)
    ]
    kept = [place.cluster_id for place in places(rows)]
    assert kept == [None, "c5", "c6", "c7", "c8"]


def test_hardware_that_the_catalogue_does_not_know_stands_nowhere() -> None:
    assert places([node(0, HOUR, "a", accelerator="toaster")]) == ()
