"""Comparing real and simulated series: what the statistics say, and the page they come onto."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from streams.compared import __main__ as command
from streams.compared.page import Compared, differences, picture, series_table
from streams.compared.real import READINGS
from streams.compared.statistics import Shape, shape

MARKS = ("series", "differences", "jobs", "requests")


def readings(values: dict[tuple[str, str], list[float]], step_s: float = 15.0) -> pl.DataFrame:
    rows = [
        (run, node, number * step_s, value, None)
        for (run, node), series in values.items()
        for number, value in enumerate(series)
    ]
    return pl.DataFrame(rows, schema=READINGS, orient="row")


def test_a_set_is_described_by_level_spread_memory_and_togetherness() -> None:
    beat = [0.2, 0.2, 0.8, 0.8] * 4
    found = shape(readings({("a", "1"): beat, ("a", "2"): beat}), "power", 15, ordered=True)
    assert found is not None
    assert (found.runs, found.series, found.readings) == (1, 2, 32)
    assert found.mean == pytest.approx(0.5)
    assert found.quantiles == pytest.approx((0.2, 0.5, 0.8))
    assert found.within == pytest.approx(0.3)
    assert found.memory == pytest.approx(np.corrcoef(beat[:-1], beat[1:])[0, 1])
    assert found.together == pytest.approx(1.0)
    assert found.swing is None


def test_the_swing_of_a_day_is_half_the_range_of_its_hours_over_their_mean() -> None:
    day = [0.1 if hour < 12 else 0.3 for hour in range(24)]
    found = shape(readings({("a", "1"): day}, 3600.0), "power", 3600, ordered=True)
    assert found is not None
    assert found.swing == pytest.approx(0.5)


def test_what_nobody_measured_has_no_shape_and_what_has_no_order_no_memory() -> None:
    frame = readings({("a", "1"): [0.1] * 20})
    assert shape(frame, "util", 15, ordered=True) is None
    found = shape(frame, "power", 15, ordered=False)
    assert found is not None
    assert (found.within, found.memory, found.together, found.swing) == (None, None, None, None)


def test_the_page_says_what_is_far_apart_and_nothing_else() -> None:
    real = Shape(1, 1, 9, 0.8, (0.7, 0.8, 0.9), 0.02, 0.1, None, None)
    simulated = Shape(9, 9, 99, 0.6, (0.4, 0.6, 0.8), 0.03, 0.2, 0.9, None)
    row = Compared("a set", "hpc", 15, "power", real, simulated)
    assert differences([row]).splitlines()[1:] == ["- a set, power: mean 0.80, simulated 0.60."]
    assert series_table([row]).splitlines()[2:] == [
        "| power: a set (15 s) | 1 / 1 / 9 | 0.80 | 0.70 / 0.80 / 0.90 | 0.02 | 0.10 | - | - |",
        "| — simulated `hpc` | 9 / 9 / 99 | 0.60 | 0.40 / 0.60 / 0.80 | 0.03 | 0.20 | 0.90 | - |",
    ]
    assert picture("Power", [row]).count("<circle") == 2


def test_a_folder_with_one_set_gives_a_page_of_that_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.compared.played.WORKLOADS", 2)
    monkeypatch.setattr("streams.compared.played.HOURS", 1)
    monkeypatch.setattr("streams.compared.played.JOBS_DRAWN", 20)
    folder = tmp_path / "hecbiosim_hpc"
    folder.mkdir()
    lines = [f"r,0,{t},50,90" for t in range(0, 600, 5)]
    table = "\n".join(["run_id,gpu,t_s,util_gpu_pct,power_w", *lines, ""])
    (folder / "gpu_series.csv").write_text(table)
    pl.read_csv(folder / "gpu_series.csv").write_csv(
        folder / "gpu_series.csv.gz", compression="gzip"
    )
    page = "\n".join(f"<!-- {mark}: begin -->\n<!-- {mark}: end -->" for mark in MARKS)
    found = command.files(tmp_path, page)
    assert sorted(found) == [
        "simulator-devices.svg",
        "simulator-hours.svg",
        "simulator-power.svg",
        "simulator-util.svg",
        "simulator.md",
    ]
    assert "| power: molecular dynamics, V100 (15 s) | 1 / 1 / 40 | 0.30 |" in found["simulator.md"]
    assert found == command.files(tmp_path, page)
