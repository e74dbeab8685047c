"""Weaker names and tiny fractions that the provider's own events belie are asked about."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.cli import main
from tests.support.provider import Json, lines, usage

HOURS = 24
#: What eight H100 exchange in an hour of training, both ways, as one node reads it.
EXCHANGED = 8 * 150e9 * 3600
NODE: Json = {"accelerator_count": 8, "job_id": "j"}


def work(**fields: object) -> list[Json]:
    """Give a day of one node, hour by hour."""
    return [usage(f"e{n}", n, n + 1, **{**NODE, **fields}) for n in range(HOURS)]


def told(folder: Path, events: Sequence[Json]) -> tuple[list[Json], dict[str, str]]:
    """Replay; give the findings on belied hardware, and the row of the tenant."""
    folder.mkdir()
    (folder / "events.ndjson").write_bytes(lines(events))
    out = folder / "out"
    assert main(["replay", str(folder / "events.ndjson"), "--out", str(out)]) == 0
    rows = [json.loads(line) for line in (out / "findings.ndjson").read_text().splitlines()]
    with (out / "totals.csv").open(newline="", encoding="utf-8") as stream:
        (own,) = [row for row in csv.DictReader(stream) if row["scope"] == "tenant"]
    return [row for row in rows if row["rule_id"].endswith("-belied")], own


def test_traffic_that_the_named_chip_cannot_carry_is_asked_about(tmp_path: Path) -> None:
    moved = {"nvlink_bytes": EXCHANGED, "tensor_active": 0.4, "power_w": 300.0}
    (found,), _ = told(tmp_path / "t4", work(accelerator="T4", telemetry=moved))
    assert (found["rule_id"], found["severity"]) == ("accelerator-belied", "low")
    assert found["evidence"]["accelerator"] == ["T4"]
    assert found["evidence"]["accelerator_hours"] == 8.0 * HOURS
    assert told(tmp_path / "h100", work(accelerator="H100", telemetry=moved))[0] == []
    little = {"nvlink_bytes": EXCHANGED / 8, "tensor_active": 0.4}
    assert told(tmp_path / "little", work(accelerator="T4", telemetry=little))[0] == []


def test_what_a_guest_says_of_traffic_belies_nothing(tmp_path: Path) -> None:
    moved = {"nvlink_bytes": EXCHANGED}
    events = work(accelerator="T4", telemetry=moved, vantage="guest")
    assert told(tmp_path / "guest", events)[0] == []


@pytest.mark.parametrize(
    ("name", "instance", "is_asked"),
    [("T4", "p5.48xlarge", True), ("H100", "p5.48xlarge", False), ("H100", "g4dn.xlarge", False)],
)
def test_a_name_weaker_than_its_instance_type_is_asked_about(
    tmp_path: Path, name: str, instance: str, is_asked: bool
) -> None:
    found, _ = told(tmp_path / "named", work(accelerator=name, instance_type=instance))
    assert [row["evidence"]["sign"] for row in found] == (
        [["an instance type of a faster accelerator"]] if is_asked else []
    )


def test_more_power_than_the_named_chip_draws_is_asked_about_in_low_words(tmp_path: Path) -> None:
    drawn = {"power_w": 300.0, "tensor_active": 0.4}
    (found,), _ = told(tmp_path / "t4", work(accelerator="T4", telemetry=drawn))
    assert found["evidence"]["sign"] == ["more power than a device of that kind draws"]
    assert found["severity"] == "low"
    assert told(tmp_path / "h100", work(accelerator="H100", telemetry=drawn))[0] == []
    strays = [
        usage(f"s{n}", n, n + 0.1, **NODE, accelerator="T4", telemetry={"power_w": 40_000.0})
        for n in range(HOURS)
    ]
    rest = [
        usage(f"w{n}", n + 0.1, n + 1, **NODE, accelerator="T4", telemetry={"power_w": 40.0})
        for n in range(HOURS)
    ]
    assert told(tmp_path / "strays", [*strays, *rest])[0] == []
    plug = work(accelerator="T4", telemetry=drawn, vantage="bmc")
    assert told(tmp_path / "plug", plug)[0] == []


def test_a_thousandth_of_boards_at_work_opens_the_high_bound_and_is_asked_about(
    tmp_path: Path,
) -> None:
    busy = {"power_w": 650.0, "tensor_active": 0.4}
    _, whole = told(tmp_path / "whole", work(telemetry=busy))
    (found,), thin = told(tmp_path / "thin", work(telemetry=busy, partition_fraction=0.001))
    assert found["rule_id"] == "fraction-belied"
    assert found["evidence"]["accelerator_hours"] == pytest.approx(0.008 * HOURS)
    assert found["evidence"]["whole_accelerator_hours"] == pytest.approx(8 * HOURS)
    assert float(thin["accelerator_hours"]) == pytest.approx(0.008 * HOURS)
    high, other = (float(row["operations_high"]) for row in (thin, whole))
    assert 0.5 * other < high < 2 * other
    expected, other = (float(row["operations_expected"]) for row in (thin, whole))
    assert expected < other / 100


def test_a_node_told_by_its_instance_type_and_a_thousandth_is_asked_about(tmp_path: Path) -> None:
    fields = {"accelerator": None, "accelerator_count": None, "instance_type": "p5.48xlarge"}
    busy = {"power_w": 650.0}
    found, _ = told(tmp_path / "p5", work(telemetry=busy, partition_fraction=0.001, **fields))
    assert [row["rule_id"] for row in found] == ["fraction-belied"]
    assert found[0]["evidence"]["whole_accelerator_hours"] == pytest.approx(8 * HOURS)


@pytest.mark.parametrize(
    ("fraction", "watts"), [(0.15, 650.0), (0.001, 90.0), (0.001, None), (None, 650.0)]
)
def test_slices_and_boards_at_rest_are_no_question(
    tmp_path: Path, fraction: float | None, watts: float | None
) -> None:
    figures = {} if watts is None else {"telemetry": {"power_w": watts}}
    assert told(tmp_path / "sliced", work(partition_fraction=fraction, **figures))[0] == []
