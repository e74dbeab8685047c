"""One regime fitted: a robust ridge regression on few terms that a person can read.

The loss is Tukey's biweight: a run far from all others (a failed reproduction, many small models
on many chips) moves the line no more, and counts in the width of the interval instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.calibration.cases import Floats, Sample
from features.prior import Curve

_ROUNDS: Final = 60
#: A step that would run the wrong way is held at nothing by this much.
_HELD: Final = 1e9


@dataclass(frozen=True)
class Form:
    """What is fitted: knots of the curves, how hard effects are drawn to nothing, the loss.

    ``generation_ridge`` is in cases: so many at the centre are added to each generation, so that
    the effect of n cases counts by about n / (n + ridge).
    ``curve_ridge`` draws each step between knots to level. ``loss_width``: log10 distance past
    which a case has no more pull.
    """

    generation_ridge: float
    curve_ridge: float
    loss_width: float
    hours_knots: tuple[float, ...]
    device_knots: tuple[float, ...]


@dataclass(frozen=True)
class Line:
    """Fitted effects in log10 of the share."""

    form: Form
    centre: float
    generations: dict[str, float]
    hours_steps: Floats
    device_steps: Floats

    def predict(self, sample: Sample) -> Floats:
        """Give log10 of the expected share of each case."""
        effects = np.array([self.generations.get(str(each), 0.0) for each in sample.generation])
        hours = _steps(sample.log_hours, self.form.hours_knots) @ self.hours_steps
        devices = _steps(sample.log_devices, self.form.device_knots) @ self.device_steps
        return np.asarray(self.centre + effects + hours + devices)

    def device_hours_curve(self) -> Curve:
        """Give the curve over device hours."""
        return _curve(self.form.hours_knots, self.hours_steps)

    def devices_curve(self) -> Curve:
        """Give the curve over devices."""
        return _curve(self.form.device_knots, self.device_steps)


def fit(sample: Sample, form: Form) -> Line:
    """Fit a line to the cases; deterministic."""
    generations = sorted({str(each) for each in sample.generation})
    columns = np.column_stack(
        [(sample.generation == each).astype(float) for each in generations]
        + [_steps(sample.log_hours, form.hours_knots)]
        + [_steps(sample.log_devices, form.device_knots)]
    )
    hours, devices = len(form.hours_knots) - 1, max(0, len(form.device_knots) - 1)
    ridge = np.concatenate(
        [
            np.full(len(generations), form.generation_ridge),
            np.full(hours + devices, form.curve_ridge),
        ]
    )
    sign = np.array([0.0] * len(generations) + [1.0] * hours + [-1.0] * devices)
    centre, effects = _solve(columns, sample, ridge, sign, form.loss_width)
    split = len(generations)
    # A generation that no case has stands where the mean of the cases stands.
    pooled = float(np.average(columns[:, :split] @ effects[:split], weights=sample.weight))
    return Line(
        form,
        centre + pooled,
        dict(zip(generations, (effects[:split] - pooled).tolist(), strict=True)),
        effects[split : split + hours],
        effects[split + hours :],
    )


def _solve(
    columns: Floats, sample: Sample, ridge: Floats, sign: Floats, width: float
) -> tuple[float, Floats]:
    """Reweight and solve until it stands; the start is the least squares line.

    More hours may not lower the share, nor more devices raise it (``sign``). Where they seem to,
    the benchmark shows through: a fixed task takes more hours where the share is low.
    """
    target, pull, ridge = sample.log_share, sample.weight.copy(), ridge.copy()
    centre, effects = 0.0, np.zeros(columns.shape[1])
    for _ in range(_ROUNDS):
        middle = (pull @ columns) / pull.sum()
        level = (pull @ target) / pull.sum()
        shifted = columns - middle
        normal = shifted.T @ (shifted * pull[:, None]) + np.diag(ridge)
        effects = np.linalg.solve(normal, shifted.T @ (pull * (target - level)))
        ridge[effects * sign < 0.0] = _HELD
        effects = np.where(ridge < _HELD, effects, 0.0)
        centre = float(level - middle @ effects)
        far = (target - centre - columns @ effects) / width
        pull = sample.weight * np.where(np.abs(far) < 1.0, (1.0 - far**2) ** 2, 1e-4)
    return centre, effects


def _steps(place: Floats, knots: tuple[float, ...]) -> Floats:
    """Give how much of each piece between knots lies below ``place``, from 0 to 1.

    Where the place is unknown, half of every piece: the middle of what is possible.
    """
    if len(knots) < 2:
        return np.zeros((len(place), 0))
    ends = np.log10(np.array(knots))
    done = (place[:, None] - ends[:-1]) / np.diff(ends)
    return np.asarray(np.where(np.isnan(done), 0.5, np.clip(done, 0.0, 1.0)))


def _curve(knots: tuple[float, ...], steps: Floats) -> Curve:
    if len(knots) < 2:
        return Curve(((1.0, 0.0), (10.0, 0.0)), 0.0)
    levels = np.concatenate([[0.0], np.cumsum(steps)])
    pairs = tuple((float(q), float(e)) for q, e in zip(knots, levels, strict=True))
    return Curve(pairs, float(levels[-1] / 2.0))
