"""What wall power is believed to tell of the share of the peak."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from detector.calibration.fitting import noise_of
from detector.calibration.power import WALL_IDLE, board_power, fit_power, wall_power

RATIOS = np.array([0.8, 1.0, 1.2, 1.4])


def test_many_sure_runs_are_believed_about_power_and_few_doubtful_ones_are_not() -> None:
    steep = np.log10((RATIOS - WALL_IDLE) / (1.0 - WALL_IDLE))
    assert fit_power(steep, RATIOS, noise=1e-6).slope == pytest.approx(1.0, abs=0.001)
    assert fit_power(steep, RATIOS, noise=10.0).slope == pytest.approx(0.5, abs=0.001)
    assert fit_power(0.0 * steep, RATIOS, noise=1e-6).slope == pytest.approx(0.0, abs=0.001)
    between = fit_power(steep, RATIOS, noise=0.1)
    assert 0.5 < between.slope < 1.0
    assert between.measured == pytest.approx(1.0)


def test_what_the_metered_lie_above_the_line_on_the_mean_is_not_told_by_power() -> None:
    found, above = (fit_power(np.full(4, level), RATIOS, noise=0.1) for level in (0.0, 0.3))
    assert above.slope == pytest.approx(found.slope)
    assert np.isinf(fit_power(np.zeros(1), RATIOS[:1], noise=0.1).error)


def test_a_board_stands_at_the_wall_figures_less_its_host() -> None:
    wall = wall_power(fit_power(np.zeros(4), RATIOS, noise=0.1))
    middle = 10 ** np.log10((RATIOS - WALL_IDLE) / (1.0 - WALL_IDLE)).mean()
    assert wall.reference_ratio == pytest.approx(WALL_IDLE + (1.0 - WALL_IDLE) * middle)
    board = board_power(wall)
    assert (board.idle_ratio, board.exponent) == (0.12, wall.exponent)
    assert board.reference_ratio == pytest.approx(wall.reference_ratio - 0.28)


def test_noise_is_that_of_configurations_however_often_each_ran() -> None:
    cases = pl.DataFrame({"configuration": ["a", "a", "a", "b"]})
    assert noise_of(cases, np.array([0.1, 0.2, 0.3, 0.0])) == pytest.approx(0.1)
