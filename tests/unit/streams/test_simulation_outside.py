"""What leaves a workload for the outside, and what it holds, follow what it does for others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streams.simulation.allocation import allocate
from streams.simulation.behaviour import OUTWARD, Behaviour
from streams.simulation.draw import draw_workload
from streams.simulation.evasion import Training, disguise
from streams.simulation.families import families, family
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload

MIDNIGHT = 20_000 * DAY_MS
WINDOW = (MIDNIGHT, MIDNIGHT + 20 * DAY_MS)


def drawn(name: str, seed: int = 1) -> Workload:
    """One workload of a family over the whole window."""
    rng = np.random.default_rng(seed)
    work = draw_workload(rng, family(name), "t", "w", Limits(WINDOW, 900, 64))
    return replace(work, start_ms=WINDOW[0], end_ms=WINDOW[1], stalls=(), rhythms=())


def hours(workload: Workload, seed: int = 7) -> dict[str, np.ndarray]:
    """The figures of one resource, hour by hour."""
    start = np.arange(*WINDOW, HOUR_MS)
    one = np.zeros(len(start), dtype=np.int64)
    return Behaviour(seed, (workload,)).during(one, one, start, start + HOUR_MS)


def followed(name: str, seed: int) -> float:
    """How far what leaves follows the use, from hour to hour."""
    found = hours(drawn(name, seed), seed)
    return float(np.corrcoef(found["egress"], found["gpu_util"])[0, 1])


def test_what_leaves_follows_the_use_of_a_service_and_not_that_of_a_training() -> None:
    services = [followed("inference_fleet", seed) for seed in range(1, 9)]
    trainings = [followed("pretraining", seed) for seed in range(1, 9)]
    assert np.mean(services) > 0.5
    assert abs(np.mean(trainings)) < 0.2
    assert max(abs(each) for each in trainings) < 0.6


@pytest.mark.parametrize("name", ["pretraining", "inference_fleet"])
def test_what_leaves_is_on_average_what_was_drawn(name: str) -> None:
    shares = []
    for seed in range(1, 25):
        work = drawn(name, seed)
        found = hours(work, seed)
        shares += [found[way].mean() / work.level(way) for way in OUTWARD]
    assert np.mean(shares) == pytest.approx(1.0, abs=0.15)


def test_a_stalled_training_sends_on_and_a_stalled_answer_does_not_leave() -> None:
    stall = ((MIDNIGHT + HOUR_MS, MIDNIGHT + 2 * HOUR_MS),)
    training = replace(drawn("pretraining"), stalls=stall)
    answers = replace(drawn("batch_inference"), stalls=stall, answers=1.0)
    assert hours(training)["egress"][1] > 0.0
    assert hours(answers)["egress"][1] == 0.0
    assert hours(answers)["egress"][2] > 0.0


def test_only_work_that_answers_sends_with_the_load() -> None:
    assert {each.name for each in families() if each.answers > 0.0} == {
        *("inference", "inference_fleet", "batch_inference"),
        *("rendering", "synthetic_data"),
    }
    assert all(0.0 <= each.answers <= 1.0 for each in families())


def test_camouflage_sends_its_padding_with_the_load_as_far_as_it_goes() -> None:
    plain = Training((drawn("pretraining"),), WINDOW)
    hidden = disguise(plain, "inference_camouflage", 0.4, np.random.default_rng(1))
    assert [each.answers for each in hidden.pieces] == [0.4]


def test_reserved_resources_stay_when_the_load_falls_and_others_go() -> None:
    work = replace(drawn("inference"), device_count=64, resource_device_count=8)
    held = {
        option: allocate(np.random.default_rng(3), (replace(work, purchase_option=option),))
        for option in ("reserved", "capacity_block", "on_demand")
    }
    whole = 8 * (WINDOW[1] - WINDOW[0])
    times = {name: int((each.end_ms - each.start_ms).sum()) for name, each in held.items()}
    assert times["reserved"] == times["capacity_block"] == whole
    assert times["on_demand"] < whole
