"""Dead counters of matrix pipes among sound ones: what the run's other nodes and hours tell."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
#: Device seconds of one hour times the 16-bit peak of the small catalogue's H100.
PEAK = 3600 * 1e15
FIGURES = ("operations_low", "operations_expected", "operations_high")
WORKING = {"tensor_active": 0.5, "sm_active": 0.6, "power_w": 500.0}
DEAD = WORKING | {"tensor_active": 0.0}


def node(
    name: str, shown: dict[str, float], hour: int = 0, job_id: str | None = "j"
) -> dict[str, Any]:
    telemetry = {f"telemetry.{field}": value for field, value in shown.items()}
    return usage_row(hour * HOUR, (hour + 1) * HOUR, resource_id=name, job_id=job_id, **telemetry)


def cells(*rows: dict[str, Any]) -> pl.DataFrame:
    usage = accumulate(usage_frame(rows))
    return describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells


def figures(*rows: dict[str, Any]) -> list[float]:
    found = cells(*rows)
    return [float(found[name].sum()) / PEAK for name in FIGURES]


SEVEN = [node(f"n{number}", WORKING) for number in range(7)]
SOUND = figures(*SEVEN, node("last", WORKING))


def test_one_dead_counter_among_eight_nodes_is_found_and_moves_only_the_low_end() -> None:
    dead = [*SEVEN, node("last", DEAD)]
    assert figures(*dead) == pytest.approx([SOUND[0] * 7 / 8, SOUND[1], SOUND[2]])
    (cell,) = cells(*dead).to_dicts()
    assert cell["pipe_at_rest"]
    assert cell["odds_ratio"] == pytest.approx(1 / 8)
    assert cell["seconds_contradiction"] == pytest.approx(3600)
    assert cell["seconds_counters"] == pytest.approx(7 * 3600)


@pytest.mark.parametrize("witness", ["power_w", "sm_active", "gpu_util"])
def test_one_other_figure_is_enough_to_tell_a_dead_counter(witness: str) -> None:
    level = {"power_w": 500.0, "sm_active": 0.6, "gpu_util": 0.98}[witness]
    others = [node(f"n{n}", {"tensor_active": 0.5, witness: level}) for n in range(7)]
    found = figures(*others, node("last", {"tensor_active": 0.0, witness: level}))
    assert found[1] == pytest.approx(SOUND[1])


def test_a_counter_that_reads_far_too_little_is_as_good_as_dead() -> None:
    found = figures(*SEVEN, node("last", WORKING | {"tensor_active": 0.01}))
    assert found[1] == pytest.approx(SOUND[1], rel=0.01)


def test_what_a_dead_counter_did_not_count_is_expected_in_proportion_to_power() -> None:
    idle = 0.15 * 700
    less = node("last", DEAD | {"power_w": idle + 0.8 * (500.0 - idle)})
    assert figures(*SEVEN, less)[1] == pytest.approx(SOUND[1] * (7 + 0.8) / 8)


@pytest.mark.parametrize(
    "shown",
    [{"power_w": 150.0}, {"power_w": 250.0, "sm_active": 0.9}, {"fp64_active": 0.5}],
    ids=["an idle node", "a node that waits in use", "another pipe at work"],
)
def test_a_pipe_that_truly_rests_is_believed(shown: dict[str, float]) -> None:
    resting = [*(node(f"n{n}", WORKING) for n in range(7)), node("last", DEAD | shown)]
    if "fp64_active" in shown:
        resting = [row | {"telemetry.fp64_active": 0.5} for row in resting]
    assert cells(*resting)["pipe_at_rest"].to_list() == [False]


def test_other_pipes_that_work_as_those_of_neighbours_do_hide_no_dead_counter() -> None:
    beside = {"fp32_active": 0.1, "dram_active": 0.4}
    others = [node(f"n{n}", WORKING | beside) for n in range(7)]
    sound = figures(*others, node("last", WORKING | beside))
    found = figures(*others, node("last", DEAD | beside))
    assert found[1] == pytest.approx(sound[1], rel=0.01)
    later = [node("last", DEAD | beside, 1)]
    assert cells(*others, *later)["pipe_at_rest"].to_list() == [False, True]
    simulating = [node("last", DEAD | beside | {"fp32_active": 0.3}, 1)]
    assert cells(*others, *simulating)["pipe_at_rest"].to_list() == [False, False]


def test_counters_that_all_die_half_way_are_told_by_the_hours_before() -> None:
    before = [node("n", WORKING, hour) for hour in range(3)]
    after = [node("n", DEAD, hour) for hour in range(3, 6)]
    alive = [node("n", WORKING, hour) for hour in range(6)]
    found, whole = figures(*before, *after), figures(*alive)
    assert found[1] == pytest.approx(whole[1])
    assert found[0] == pytest.approx(whole[0] / 2)
    assert found[2] == pytest.approx(whole[2])


def test_power_at_the_plug_tells_counters_that_all_die() -> None:
    hours = [("n", {"tensor_active": 0.5 if hour < 3 else 0.0}, hour) for hour in range(6)]
    plug = [node("n", {"power_w": 800.0}, hour) | {"vantage": "bmc"} for hour in range(6)]
    found = figures(*(node(*each) for each in hours), *plug)
    alive = [node("n", {"tensor_active": 0.5}, hour) for hour in range(6)]
    assert found[1] == pytest.approx(figures(*alive, *plug)[1])


def test_nodes_of_other_work_and_work_without_a_link_are_no_neighbours() -> None:
    alone = figures(node("last", DEAD, job_id="k"))
    together = figures(*SEVEN, node("last", DEAD, job_id="k"))
    assert together[1] == pytest.approx(figures(*SEVEN)[1] + alone[1])
    unlinked = [node(f"n{n}", WORKING, job_id=None) for n in range(7)]
    found = cells(*unlinked, node("last", DEAD, job_id=None))
    assert found["pipe_at_rest"].to_list() == [False]


def test_a_dead_counter_among_neighbours_that_hardly_work_tells_nothing() -> None:
    calm = {"tensor_active": 0.08, "sm_active": 0.6, "power_w": 300.0}
    rows = [node(f"n{n}", calm) for n in range(7)]
    assert not cells(*rows, node("last", calm | {"tensor_active": 0.0}))["pipe_at_rest"].any()


def test_a_guests_counters_are_neither_dead_nor_neighbours() -> None:
    guests = [row | {"vantage": "guest"} for row in (*SEVEN, node("last", DEAD))]
    assert not cells(*guests)["pipe_at_rest"].any()


def test_readings_at_rest_add_up_and_are_taken_back() -> None:
    rows = [*SEVEN, node("last", DEAD)]
    parts = [accumulate(usage_frame([row])) for row in rows]
    void = accumulate(usage_frame([rows[-1]], sign=-1))
    assert merge(parts).telemetry.equals(merge([accumulate(usage_frame(rows))]).telemetry)
    undone = merge([*parts, void]).telemetry
    assert undone.equals(merge([accumulate(usage_frame(SEVEN))]).telemetry)
