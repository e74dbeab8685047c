"""Simulated work keeps to the physics that is published: traffic, steps, beats, stalls, idling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from streams.simulation.allocation import allocate
from streams.simulation.behaviour import Behaviour
from streams.simulation.draw import draw_workload
from streams.simulation.families import LEVELS, families, family, node
from streams.simulation.meter import Meter
from streams.simulation.parallel import Layout, draw_layout, physics
from streams.simulation.requests import rates
from streams.simulation.scatter import drawn, mean_scatter, mixed
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Rhythm, Workload

MIDNIGHT = 20_000 * DAY_MS
LLAMA = Layout(4.05e11, 1.6e7, tensor=8, pipeline=16, data=128, is_sharded=False, trainable_ratio=1)


def plain(**changes: Any) -> Workload:
    """A training that nothing disturbs."""
    window = (MIDNIGHT, MIDNIGHT + 3 * DAY_MS)
    drawn_one = draw_workload(
        np.random.default_rng(1), family("pretraining"), "t", "w", Limits(window, 900, 64)
    )
    steady = {"noise": 0.0, "flicker": 0.0, "diurnal": 0.0, "tensor": 0.4, "power": 0.9}
    return replace(
        drawn_one,
        hardware=node("H100-SXM5-80GB"),
        start_ms=window[0],
        end_ms=window[1],
        levels=tuple(steady.get(n, v) for n, v in zip(LEVELS, drawn_one.levels, strict=True)),
        **{"rhythms": (), "stalls": (), **changes},
    )


def during(workload: Workload, start: list[int], end: list[int]) -> dict[str, np.ndarray]:
    one = np.zeros(len(start), dtype=np.int64)
    begun = np.array(start) + MIDNIGHT
    return Behaviour(7, (workload,)).during(one, one, begun, np.array(end) + MIDNIGHT)


def test_the_width_of_a_model_is_that_of_published_models_of_its_size() -> None:
    gpt3 = Layout(1.75e11, 3.2e6, 8, 8, 16, is_sharded=False, trainable_ratio=1)
    assert LLAMA.width == pytest.approx(16_384, rel=0.01)
    assert gpt3.width == pytest.approx(12_288, rel=0.01)


def test_a_step_takes_as_long_as_its_operations() -> None:
    # 6 x 405e9 x 16e6 over 16,384 devices at 400e12 a second
    assert LLAMA.step_seconds(4e14) == pytest.approx(5.93, rel=0.01)


def test_a_sharded_model_sends_a_byte_and_an_eighth_of_it_leaves_the_node() -> None:
    sharded = Layout(7e9, 4e6, 1, 1, 64, is_sharded=True, trainable_ratio=1)
    inside, between = sharded.bytes_per_operation
    # 3 passes of 2 bytes a parameter, against 6 operations a parameter and token
    total = 3 * 2 * (63 / 64) / (6 * 4e6 / 64)
    assert inside + between == pytest.approx(total)
    assert between == pytest.approx(total / 8)


def test_adapters_exchange_almost_nothing_and_write_small_checkpoints() -> None:
    whole = Layout(7e9, 4e6, 1, 1, 64, is_sharded=False, trainable_ratio=1)
    adapters = replace(whole, trainable_ratio=0.004)
    assert adapters.bytes_per_operation[1] < whole.bytes_per_operation[1] / 100
    assert adapters.checkpoint_bytes == pytest.approx(whole.checkpoint_bytes * 0.004)
    assert whole.checkpoint_bytes == 14 * 7e9


def test_no_drawn_model_is_larger_than_the_memory_of_its_devices() -> None:
    rng = np.random.default_rng(3)
    training = family("pretraining").training
    assert training is not None
    facts = physics()["memory"]
    for devices in (32, 256, 4096):
        layouts = [draw_layout(rng, training, devices, node("A100-SXM4-80GB")) for _ in range(40)]
        room = devices * 80e9 * facts["usable_ratio"]
        assert all(
            each.parameters * facts["bytes_per_parameter"] <= room * 1.001 for each in layouts
        )
        assert all(each.tensor * each.pipeline * each.data <= devices for each in layouts)


def test_a_beat_is_seen_at_a_fine_cadence_and_smoothed_away_at_a_coarse_one() -> None:
    beat = Rhythm("checkpoint", 600_000, 60_000, (("tensor", 0.0),))
    minutes = list(range(0, 3_600_000, 60_000))
    fine = during(plain(rhythms=(beat,)), minutes, [m + 60_000 for m in minutes])["tensor"]
    coarse = during(plain(rhythms=(beat,)), [0], [3_600_000])["tensor"]
    assert np.flatnonzero(fine == 0.0).tolist() == list(range(0, 60, 10))
    assert coarse[0] == pytest.approx(fine.mean(), rel=0.01)
    assert beat.mean_factor("tensor") == pytest.approx(0.9)


def test_a_stalled_training_idles_and_does_no_operations() -> None:
    stalled = plain(stalls=((MIDNIGHT + HOUR_MS, MIDNIGHT + 2 * HOUR_MS),))
    found = during(
        stalled, [0, HOUR_MS, HOUR_MS * 3 // 2], [HOUR_MS, 2 * HOUR_MS, 5 * HOUR_MS // 2]
    )
    whole, none, half = found["tensor"]
    assert none == 0.0
    assert half == pytest.approx(whole / 2, rel=0.02)
    assert found["power"][1] == pytest.approx(70 / 700)


def test_readings_of_any_cadence_add_up_to_the_same_operations() -> None:
    limits = Limits((MIDNIGHT, MIDNIGHT + DAY_MS), 900, 64)
    rng = np.random.default_rng(4)
    work = draw_workload(rng, family("finetuning"), "t", "w", limits)
    sums = []
    for cadence_ms in (60_000, HOUR_MS):
        plan = (replace(work, cadence_ms=cadence_ms),)
        meter = Meter(5, plan, allocate(np.random.default_rng(6), plan))
        sums.append(meter.readings(*limits.window)["operations"].sum())
    assert sums[0] == pytest.approx(sums[1], rel=0.03)


def test_cutting_a_window_changes_no_reading() -> None:
    limits = Limits((MIDNIGHT, MIDNIGHT + DAY_MS), 900, 64)
    plan = (draw_workload(np.random.default_rng(8), family("inference"), "t", "w", limits),)
    meter = Meter(5, plan, allocate(np.random.default_rng(6), plan))
    middle = MIDNIGHT + DAY_MS // 2
    cut = [meter.readings(MIDNIGHT, middle), meter.readings(middle, limits.window[1])]
    whole = meter.readings(*limits.window)
    order = ["resource_id", "start_ms"]
    assert cut[0].vstack(cut[1]).sort(order).equals(whole.sort(order))


def test_drawn_numbers_have_mean_zero_and_variance_one_and_depend_on_the_key_alone() -> None:
    keys = mixed(np.arange(20_000), 3)
    values = drawn(keys, 1)
    assert abs(values.mean()) < 0.03
    assert values.var() == pytest.approx(1.0, abs=0.03)
    assert np.array_equal(values[::-1], drawn(keys[::-1], 1))


def test_scatter_finer_than_an_interval_averages_out() -> None:
    keys = mixed(np.arange(5_000), 9)
    start = np.zeros(5_000, dtype=np.int64)
    short = mean_scatter(keys, start, start + 60_000, (60_000,))
    long = mean_scatter(keys, start, start + 6_000_000, (60_000,))
    assert short.std() == pytest.approx(1.0, abs=0.05)
    assert long.std() == pytest.approx(0.1, abs=0.01)


def test_every_trace_of_requests_has_a_source_and_lasts_half_an_hour_at_least() -> None:
    assert {name: len(trace) >= 180 for name, trace in rates().items()} == {
        "azure_conversation_2023": True,
        "mooncake_conversation": True,
    }


def test_every_beat_names_figures_that_exist_and_fits_its_period() -> None:
    for each in families():
        for beat in each.beats:
            assert {name for name, _ in beat.factors} <= set(LEVELS)
            assert 0.0 < beat.share[0] <= beat.share[1] < 1.0
            assert beat.factors


def test_no_work_draws_less_than_its_matrix_units_need_or_more_than_it_can_use() -> None:
    rng = np.random.default_rng(9)
    limits = Limits((MIDNIGHT, MIDNIGHT + DAY_MS), 900, 64)
    for kind in families():
        for number in range(20):
            work = draw_workload(rng, kind, "t", f"w-{number}", limits)
            idle = work.hardware.idle_w / work.hardware.tdp_w
            assert work.level("power") <= 1.0
            assert work.level("power") >= min(1.0, idle + (1 - idle) * work.level("tensor"))
            assert work.level("tensor") <= work.level("sm") <= work.level("gpu_util")
            if work.level("gpu_util") < 0.03:
                assert work.level("power") < idle + 0.05


def test_nothing_is_ever_done_less_than_not_at_all() -> None:
    swinging = {"diurnal": 0.95, "noise": 0.8, "flicker": 2.0}
    quiet = draw_workload(
        np.random.default_rng(2),
        family("inference"),
        "t",
        "w",
        Limits((MIDNIGHT, MIDNIGHT + 9 * DAY_MS), 9**9),
    )
    levels = zip(LEVELS, quiet.levels, strict=True)
    plan = replace(quiet, levels=tuple(swinging.get(n, v) for n, v in levels))
    hours = list(range(0, 9 * DAY_MS, HOUR_MS))
    found = during(plan, hours, [at + HOUR_MS for at in hours])
    assert all((found[name] >= 0.0).all() for name in LEVELS)
