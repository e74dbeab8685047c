"""Odd but physical cases on the catalogue as shipped, each with what was worked out by hand.

Figures are in 10^15 operations a second of all devices together. Every case is a tenant of its own,
so that all are described at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.shipped_catalogue import shipped_catalogue
from tests.support.usage_rows import BEGIN, HOUR, no_segments, usage_frame, usage_row

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
NAMES = ("operations_low", "operations_expected", "operations_high", "hardware_operations_expected")
H100, A100, V100, B200 = "H100-SXM5-80GB", "A100-SXM4-80GB", "V100-SXM2-32GB", "B200-SXM"
#: The AI model's own part of what is executed: all of it, or three quarters where it recomputes.
OWN = (0.75, 1.0)
#: An active pipe does so much of its peak, at the least and at the most.
EDGE = (0.88, 1.0)


def metered(
    start: float = 0.0, end: float = 1.0, *, seen: dict[str, float] | None = None, **fields: Any
) -> dict[str, Any]:
    told = {f"telemetry.{name}": value for name, value in (seen or {}).items()}
    whole = {"accelerator": H100, "job_id": "j", **fields, **told}
    return usage_row(int(start * HOUR), int(end * HOUR), **whole)


def half_active(accelerator: str, precision: str | None) -> dict[str, Any]:
    return metered(accelerator=accelerator, precision=precision, seen={"tensor_active": 0.5})


#: Kind, precision stated by the host, operations a second executed by pipes half of the time.
PIPES = [
    (H100, None, 0.5 * 0.9894),
    (H100, None, 0.5 * (0.4 * 0.9894 + 0.6 * 1.9789)),  # 8 bit but for attention
    (H100, "fp8", 0.5 * (0.4 * 0.9894 + 0.6 * 1.9789)),
    (H100, "fp4", 0.5 * 1.9789),  # no 4-bit pipe: 4-bit weights run at 8 bit
    (A100, "fp8", 0.5 * 0.624),  # no fp8 pipe: they run at int8
    (A100, "bf16", 0.5 * 0.312),
    (V100, "bf16", 0.5 * 0.125),  # no bf16 pipe: it runs at fp16
    (B200, "fp4", 0.5 * (0.5 * 2.25 + 0.5 * 9.0)),
    ("MI300X", "bf16", 0.5 * 1.3074),
]
CLAIMS = ("fp64", "fp32", "tf32", "fp8")
#: The most that an H100 does at a precision below 16 bit, matrices or not.
WIDE = {"fp64": 0.0669, "fp32": 0.0669, "tf32": 0.4947}
DEAD_METERS: tuple[dict[str, float], ...] = ({"power_w": 0.0}, {"energy_j": 0.0}, {"power_w": 3.0})
UNNAMED: dict[str, Any] = {"accelerator": None, "accelerator_count": None}
PACKAGES: list[tuple[dict[str, Any], float]] = [
    ({"accelerator": "MI250X", "accelerator_count": 4}, 4 * 0.383),
    ({"accelerator": "MI250X GCD", "accelerator_count": 8}, 4 * 0.383),
    ({"accelerator": "TPU v3 core", "accelerator_count": 8}, 4 * 0.123),
    ({"instance_type": "v3-32"}, 16 * 0.123),
    ({"instance_type": "v5p-128"}, 64 * 0.459),
    ({"instance_type": "v5litepod-16"}, 16 * 0.197),
    ({"instance_type": "trn1.32xlarge"}, 16 * 0.190),
    ({"accelerator": "Gaudi2", "accelerator_count": 8}, 8 * 0.432),
]
PLUG: dict[str, Any] = {"vantage": "bmc", "accelerator_count": 8}
PLUGGED = metered(**PLUG, resource_id="a", seen={"power_w": 870.0})
CASES: dict[str, list[dict[str, Any]]] = {
    "unmetered": [metered()],
    "unmetered month": [metered(end=700.0)],
    "used": [metered(seen={"gpu_util": 0.9})],
    "idle": [metered(seen={"power_w": 70.0})],
    "powered": [metered(seen={"power_w": 600.0})],
    "powered as a node": [metered(seen={"power_w": 5600.0})],
    "energy reset": [metered(seen={"power_w": 600.0, "energy_j": 600.0 * 1800})],
    "counted": [metered(seen={"tensor_active": 0.5})],
    "counted often": [
        metered(n / 240, (n + 1) / 240, seen={"tensor_active": 0.2 + 0.6 * (n % 2)})
        for n in range(240)
    ],
    "unrated": [metered(accelerator="Trainium1")],
    "unrated, powered": [metered(accelerator="Trainium1", seen={"power_w": 300.0})],
    "unknown": [metered(accelerator="FooChip 9", seen={"tensor_active": 0.5, "power_w": 500.0})],
    "half the nodes": [PLUGGED, metered(**PLUG, resource_id="b")],
    "all the nodes": [PLUGGED, PLUGGED | {"resource_id": "b"}],
    "four boards": [metered(accelerator_count=4, seen={"tensor_active": 0.5})],
    "four boards of eight": [
        metered(accelerator_count=8),
        metered(accelerator_count=4, seen={"tensor_active": 0.5}),
    ],
    **{f"pipes {n}": [half_active(kind, bits)] for n, (kind, bits, _) in enumerate(PIPES)},
    **{
        f"{who} {bits} {hours:.0f}": [metered(end=hours, precision=bits, vantage=who)]
        for who in ("guest", "bill", "host")
        for bits in CLAIMS
        for hours in (1.0, 700.0)
    },
    **{f"{b}, powered": [metered(precision=b, seen={"power_w": 650.0})] for b in WIDE},
    **{f"dead {n}": [metered(seen=dead)] for n, dead in enumerate(DEAD_METERS)},
    **{f"used {n}": [metered(seen={"gpu_util": 0.9} | dead)] for n, dead in enumerate(DEAD_METERS)},
    **{f"package {n}": [metered(**{**UNNAMED, **f})] for n, (f, _) in enumerate(PACKAGES)},
}


@cache
def described() -> pl.DataFrame:
    rows = [
        row | {"tenant_id": name, "resource_id": f"{name}/{row['resource_id']}"}
        for name, own in CASES.items()
        for row in own
    ]
    usage = accumulate(usage_frame(rows))
    return describe(usage, shipped_catalogue(), no_segments(), moments({NOW: NOW})).cells


def cells(name: str) -> pl.DataFrame:
    found = described().filter(tenant_id=name)
    assert found.height > 0
    return found


def figures(name: str) -> list[float]:
    """Give low, expected, high and hardware operations, as if all were done in one hour."""
    return [float(cells(name)[column].sum()) / 3600e15 for column in NAMES]


@pytest.mark.parametrize("place", range(len(PIPES)), ids=[f"{k}-{b}" for k, b, _ in PIPES])
def test_the_interval_of_counters_holds_what_the_pipes_did(place: int) -> None:
    executed = PIPES[place][2]
    low, expected, high, _ = figures(f"pipes {place}")
    assert low <= OWN[0] * EDGE[0] * executed
    assert OWN[1] * EDGE[1] * executed <= high * (1 + 1e-9)
    assert low < expected < high


@pytest.mark.parametrize("bits", CLAIMS)
@pytest.mark.parametrize(("hours", "unstated"), [(1, "unmetered"), (700, "unmetered month")])
def test_a_precision_that_the_provider_did_not_see_lowers_the_low_bound_alone(
    bits: str, hours: int, unstated: str
) -> None:
    _, expected, most, hardware = figures(unstated)
    for who in ("guest", "bill"):
        claimed = figures(f"{who} {bits} {hours}")
        for told, bare in zip(claimed[1:], (expected, most, hardware), strict=True):
            assert told >= bare * (1 - 1e-9)
        assert bits == "fp8" or claimed[1] == pytest.approx(expected)
    if bits in ("fp64", "fp32"):
        assert figures(f"host {bits} {hours}")[2] < most / 5


@pytest.mark.parametrize("bits", WIDE)
@pytest.mark.parametrize("case", ["host {} 1", "{}, powered"])
def test_no_device_is_expected_to_execute_more_than_the_pipes_it_may_use(
    bits: str, case: str
) -> None:
    _, expected, high, hardware = figures(case.format(bits))
    assert expected < high <= WIDE[bits] * 1.001
    assert hardware <= WIDE[bits] * 1.001


@pytest.mark.parametrize("place", range(len(DEAD_METERS)), ids=map(str, DEAD_METERS))
def test_a_meter_that_reads_less_than_any_device_idles_on_says_nothing(place: int) -> None:
    assert figures(f"dead {place}") == figures("unmetered")
    assert figures(f"used {place}") == figures("used")


def test_an_idle_device_is_still_told_by_its_power() -> None:
    assert figures("idle")[2] < figures("unmetered")[2] / 10


def test_the_power_of_a_whole_node_in_the_place_of_a_boards_does_little() -> None:
    assert figures("powered as a node") == pytest.approx(figures("unmetered"), rel=0.5)


def test_an_energy_counter_that_was_reset_opens_the_low_end_and_lowers_nothing() -> None:
    assert figures("energy reset") == [0.0, *figures("powered")[1:]]


def test_power_of_a_kind_without_a_rated_power_says_nothing() -> None:
    assert figures("unrated, powered") == figures("unrated")


def test_a_kind_that_nobody_knows_has_hours_and_no_operations() -> None:
    assert cells("unknown")["device_ms"].sum() == HOUR
    assert cells("unknown")["sku"].to_list() == [None]
    assert figures("unknown") == [0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("place", range(len(PACKAGES)), ids=[str(f) for f, _ in PACKAGES])
def test_packages_cores_and_slices_come_to_the_same_peak(place: int) -> None:
    peak = float(cells(f"package {place}")["peak_operations"].sum()) / 3600e15
    assert peak == pytest.approx(PACKAGES[place][1], rel=2e-3)


def test_a_quarter_of_a_minute_or_an_hour_between_readings_makes_no_difference() -> None:
    assert figures("counted often") == pytest.approx(figures("counted"))


def test_wall_power_of_half_of_the_nodes_leaves_the_other_half_open() -> None:
    found = cells("half the nodes")
    assert [float(found[f"seconds_{b}"].sum()) / 3600 for b in ("power", "silence")] == [8.0, 8.0]
    high = figures("all the nodes")[2] / 2 + 8 * 1.9789
    assert figures("half the nodes")[2] == pytest.approx(high, rel=1e-3)


def test_half_of_the_boards_of_a_node_speak_for_all_that_are_there() -> None:
    assert cells("four boards of eight")["device_ms"].sum() == 8 * HOUR
    assert figures("four boards of eight") == pytest.approx(
        [2 * figure for figure in figures("four boards")], rel=1e-6
    )
