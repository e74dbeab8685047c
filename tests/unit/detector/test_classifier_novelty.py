"""How unlike a row is from those that were fitted: places, scores, distances to classes."""

from __future__ import annotations

import numpy as np
import pytest

from detector.classifier.novelty import fit_novelty, normal_scores, novelty, quantiles

NAN = float("nan")


def test_quantiles_are_figures_of_the_rows_and_nothing_of_what_was_never_metered() -> None:
    thirds = quantiles(np.array([NAN, 3.0, 1.0, 2.0]))
    assert (thirds.count(1.0), thirds.count(2.0), thirds.count(3.0)) == (6, 9, 6)
    assert list(thirds) == sorted(thirds)
    assert quantiles(np.array([NAN])) == ()


def test_a_figure_in_the_middle_scores_nothing_and_one_beyond_all_scores_most() -> None:
    known = {"even": tuple(float(n) for n in range(21)), "tied": (0.0,) * 20 + (1.0,)}
    given = np.array([[10.0, 0.0], [-10.0, 0.5], [900.0, 2.0], [NAN, NAN]])
    scores = normal_scores(given, known)
    end = 2.5758
    assert scores[:, 0] == pytest.approx([0.0, -end - 0.5, end + 2, NAN], abs=1e-3, nan_ok=True)
    assert scores[:, 1] == pytest.approx([-0.0627, 1.96, end + 1, NAN], abs=1e-3, nan_ok=True)
    assert np.isnan(normal_scores(given, {"even": known["even"], "tied": ()})[:, 1]).all()


def test_usual_figures_that_do_not_go_together_lie_far_out() -> None:
    rng = np.random.default_rng(1)
    one = rng.standard_normal(500)
    scores = np.column_stack([one, one + 0.1 * rng.standard_normal(500)])
    fitted = fit_novelty(scores, np.zeros(500, dtype=int), 1)
    together, apart, half, none = novelty(
        np.array([[1.5, 1.5], [1.5, -1.5], [1.5, NAN], [NAN, NAN]]), fitted
    )
    assert apart > 10
    assert max(together, half) < 2
    assert none == 0.0


def test_a_row_is_held_to_the_nearest_class() -> None:
    scores = np.array([[-2.0], [-2.1], [2.0], [2.1]])
    fitted = fit_novelty(scores, np.array([0, 0, 1, 1]), 2)
    near, between = novelty(np.array([[2.0], [0.0]]), fitted)
    assert near < 0 < between
