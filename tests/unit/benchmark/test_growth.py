"""What a fifth of a history costs, from what had been read and spent after every batch."""

from __future__ import annotations

import pytest

from tests.benchmark import growth


def test_a_fifth_costs_what_its_batches_cost() -> None:
    marks = [(0, 0.0), (200, 0.001), (400, 0.002), (600, 0.004), (800, 0.006), (1000, 0.009)]

    assert growth.costs_of(marks) == pytest.approx([5.0, 5.0, 10.0, 10.0, 15.0])


def test_a_batch_that_spans_two_fifths_is_divided_in_proportion() -> None:
    assert growth.costs_of([(0, 0.0), (500, 0.001), (1000, 0.004)]) == pytest.approx(
        [2.0, 2.0, 4.0, 6.0, 6.0]
    )
