"""What a service sends follows from the model it serves and from what it computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streams.simulation.draw import draw_workload
from streams.simulation.families import family
from streams.simulation.parallel import Layout, width_of
from streams.simulation.serving import Spread
from streams.simulation.workload import Limits, Workload

#: 12 x depth x width^2, at a width of 128 a layer: 64 layers, 8,192 wide.
DENSE = 12.0 * 64 * 8192**2
WINDOW = (0, 100 * 86_400_000)


def services(name: str, count: int) -> list[Workload]:
    rng = np.random.default_rng(4)
    given = family(name)
    return [draw_workload(rng, given, "t", str(n), Limits(WINDOW, 100)) for n in range(count)]


def test_a_dense_model_over_eight_devices_sends_two_reductions_a_layer() -> None:
    inside, between = Spread(DENSE, 8, 0, 1, hands_over=False).bytes_per_operation
    assert width_of(DENSE) == pytest.approx(8192)
    # Two reductions of two bytes, each device sending 2 x 7/8 of them, on an eighth of the work.
    sent = 2 * 2 * 8192 * 2 * 7 / 8 * 64
    assert inside == pytest.approx(sent / (2 * DENSE / 8))
    assert between == 0.0


def test_a_service_sends_as_much_for_an_operation_as_a_training_of_the_same_model() -> None:
    training = Layout(DENSE, 4e6, 8, 1, 1, is_sharded=False, trainable_ratio=1.0)
    inside, _ = Spread(DENSE, 8, 0, 1, hands_over=False).bytes_per_operation
    assert inside / training.bytes_per_operation[0] == pytest.approx(1.5)


def test_a_model_on_one_device_sends_nothing() -> None:
    assert Spread(1e9, 1, 0, 1, hands_over=False).bytes_per_operation == (0.0, 0.0)


def test_experts_beyond_the_node_are_reached_between_nodes() -> None:
    near = Spread(3.7e10, 1, 8, 8, hands_over=False).bytes_per_operation
    far = Spread(3.7e10, 1, 8, 64, hands_over=False).bytes_per_operation
    assert near[1] == 0.0
    assert far[1] / far[0] == pytest.approx(56 / 7)
    assert sum(far) == pytest.approx(sum(near) * (63 / 64) / (7 / 8))


def test_what_was_read_elsewhere_is_handed_over_between_nodes() -> None:
    alone = Spread(DENSE, 8, 0, 1, hands_over=False)
    handed = replace(alone, hands_over=True)
    assert handed.bytes_per_operation[0] == alone.bytes_per_operation[0]
    # Two bytes each of keys and values, an eighth as wide, of each of 64 layers.
    assert handed.bytes_per_operation[1] == pytest.approx(64 * 2 * 2 * 8192 / 8 / (2 * DENSE))


def test_services_keep_within_their_links_and_within_their_units() -> None:
    for each in services("inference_fleet", 60):
        assert 0.0 <= each.level("nvlink") <= 0.9
        assert each.level("fabric") <= 0.9 * each.hardware.fabric_bytes_per_second
        assert each.level("tensor") <= each.level("sm") <= each.level("gpu_util")


def test_some_services_read_prompts_only_and_some_write_answers_only() -> None:
    busy = [each.level("tensor") for each in services("inference_fleet", 200)]
    assert sum(level > 0.35 for level in busy) > 10
    assert sum(level < 0.1 for level in busy) > 10
