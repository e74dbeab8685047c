"""Units cannot change a result: the same readings in any tool's spelling make the same interval."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from streams.record.book import Book, Closed, Rules
from streams.record.figures import Device, Drops, Figures, Sample
from streams.record.pages import read_page
from streams.record.rows import Named, RowReader, json_rows
from streams.record.tables import source_table

STEP_MS = 1_000
RULES = Rules(7_000, 3_000, 0.5, 4.0, 20.0)
#: Milliwatts, milliratio of the wall to the board, microjoules, whole percent.
POWER_UNITS = {"W": 1_000, "mW": 1, "kW": 1_000_000}
ENERGY_UNITS = {"uJ": 1, "mJ": 1_000, "J": 1_000_000, "kJ": 1_000_000_000}


@dataclass(frozen=True)
class Truth:
    """One reading of one device as it is."""

    percent: int
    milliwatts: int
    microjoules: int


@st.composite
def series(draw: st.DrawFn) -> list[Truth]:
    found, counter = [], draw(st.integers(0, 10**12))
    for _ in range(draw(st.integers(2, 20))):
        milliwatts = draw(st.integers(0, 70_000)) * 10
        counter += milliwatts * STEP_MS
        found.append(Truth(draw(st.integers(0, 100)), milliwatts, counter))
    return found


def decimal(value: int, of: int) -> str:
    """Write value / of exactly; ``of`` is a power of ten."""
    digits = len(str(of)) - 1
    whole, rest = divmod(value, of)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def intervals(readings: Sequence[Mapping[Device, Figures]]) -> list[Closed]:
    book = Book(RULES, 0)
    found: list[Closed] = []
    for step, figures in enumerate(readings):
        found += book.add(Sample(step * STEP_MS, figures))
    found += book.close((len(readings) - 1) * STEP_MS, "end")
    assert book.drops.take() == []
    return found


def of_smi(truths: Sequence[Truth], unit: str, beside: str, wall: int) -> list[Closed]:
    """Write as nvidia-smi does, units in header or value, with the power of the module too."""
    reader = RowReader(source_table("nvidia-smi"), Drops())
    in_header = f" [{unit}]" if beside == "header" else ""
    suffix = f" {unit}" if beside == "value" else ""
    reader.read(f"index, uuid, name, module.power.draw.instant [W], power.draw{in_header}")
    found = []
    for truth in truths:
        power = decimal(truth.milliwatts, POWER_UNITS[unit])
        module = decimal(truth.milliwatts + wall, 1_000)
        row = reader.read(f"0, GPU-a, H100, {module} W, {power}{suffix}")
        assert row is not None
        found.append({row.device: row.figures})
    return intervals(found)


def of_amd(truths: Sequence[Truth], power: str, energy: str, ratio: str) -> list[Closed]:
    reader = RowReader(source_table("amd-smi"), Drops(), {"0": Named("H100", "GPU-a")})
    found = []
    for truth in truths:
        use = str(truth.percent) if ratio == "%" else decimal(truth.percent, 100)
        sections = {
            "usage": {"gfx_activity": {"value": use, "unit": ratio}},
            "power": {
                "socket_power": {
                    "value": decimal(truth.milliwatts, POWER_UNITS[power]),
                    "unit": power,
                }
            },
            "energy": {
                "total_energy_consumption": {
                    "value": decimal(truth.microjoules, ENERGY_UNITS[energy]),
                    "unit": energy,
                }
            },
        }
        (row,) = json_rows(json.dumps([{"gpu": 0, **sections}]), reader)
        found.append({row.device: row.figures})
    return intervals(found)


def of_dcgm(truths: Sequence[Truth]) -> list[Closed]:
    labels = '{gpu="0",UUID="GPU-a",modelName="H100"}'
    return intervals(
        [
            read_page(
                f"DCGM_FI_DEV_GPU_UTIL{labels} {truth.percent}\n"
                f"DCGM_FI_DEV_POWER_USAGE{labels} {decimal(truth.milliwatts, 1_000)}\n"
                "# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter\n"
                f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{labels} "
                f"{decimal(truth.microjoules, 1_000)}\n",
                source_table("dcgm"),
                Drops(),
            )
            for truth in truths
        ]
    )


@given(series(), st.sampled_from([*POWER_UNITS]), st.sampled_from([*ENERGY_UNITS]))
def test_joules_and_watts_in_any_unit_and_from_any_tool_give_the_same_intervals(
    truths: list[Truth], power: str, energy: str
) -> None:
    expected = of_dcgm(truths)
    for ratio in ("%", "ratio"):
        assert of_amd(truths, power, energy, ratio) == expected


@given(
    series(),
    st.sampled_from([*POWER_UNITS]),
    st.sampled_from(["header", "value"]),
    st.integers(0, 2_000_000),
)
def test_the_place_of_the_unit_and_the_power_of_the_wall_change_nothing(
    truths: list[Truth], unit: str, beside: str, wall: int
) -> None:
    assert of_smi(truths, unit, beside, wall) == of_smi(truths, "W", "value", 0)


@given(series(), st.data())
def test_hours_are_whole_and_follow_on_each_other_whatever_readings_are_lost(
    truths: list[Truth], data: st.DataObject
) -> None:
    device = Device("GPU-a", "0", "H100")
    lost = data.draw(st.sets(st.integers(0, len(truths) - 1)))
    book = Book(RULES, 0)
    found: list[Closed] = []
    for step, truth in enumerate(truths):
        if step not in lost or step == 0:
            figures = Figures({"power_w": truth.milliwatts}, truth.microjoules)
            found += book.add(Sample(step * STEP_MS, {device: figures}))
    end_ms = (len(truths) - 1) * STEP_MS
    found += book.close(end_ms, "end")
    assert [each.start_ms for each in found[1:]] == [each.end_ms for each in found[:-1]]
    assert (found[0].start_ms, found[-1].end_ms) == (0, end_ms)
