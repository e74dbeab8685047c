"""How the share of the peak follows node wall power, measured on runs that have both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.calibration.cases import Floats
from features.prior import Power

#: Wall power at rest over the rated power of the accelerators: host, fans, memory, idle boards.
WALL_IDLE: Final = 0.35
#: Host, fans and losses at load over the rated power of the accelerators: what wall holds more.
WALL_HOST: Final = 0.28
#: An accelerator at rest draws about this share of its rated power.
BOARD_IDLE: Final = 0.12
#: Before any measurement the share grows with busy power by an exponent from 0 (power tells
#: nothing) to 1 (work in proportion to power): the mean and the standard deviation of that range.
SLOPE_BEFORE: Final = 0.5
SLOPE_DOUBT: Final = 0.29


@dataclass(frozen=True)
class Response:
    """log10 correction of the prior = ``slope`` x (log10(busy) less its mean over the metered).

    ``measured`` is the slope that the metered runs show by themselves, ``error`` its standard
    error (infinite where they show none). ``middle``: the mean of log10(busy).
    """

    slope: float
    measured: float
    error: float
    middle: float


def fit_power(errors: Floats, power_ratio: Floats, noise: float) -> Response:
    """Fit residuals of the prior (log10, from a line that did not see the runs) on wall power.

    One value a configuration: repeats of one system teach nothing new about another. What the
    metered configurations lie above or below the line on the mean is their owner's, and not what
    power tells. ``noise``: standard deviation of the residuals of all configurations, metered or
    not, for those of a handful may lie on one line by chance. What was measured and what is known
    before weigh by their precision: the inverse of their variances.
    """
    busy = log_busy(power_ratio)
    middle = float(busy.mean())
    away = busy - middle
    spread = float(away @ away)
    if spread == 0.0:
        return Response(SLOPE_BEFORE, 0.0, float("inf"), middle)
    measured, error = float(away @ errors) / spread, noise / float(np.sqrt(spread))
    believed = SLOPE_DOUBT**2 / (SLOPE_DOUBT**2 + error**2)
    slope = believed * measured + (1.0 - believed) * SLOPE_BEFORE
    return Response(slope, measured, error, middle)


def wall_power(response: Response) -> Power:
    """Turn the response into the product's terms: the ratio at which the prior stands as it is."""
    reference = WALL_IDLE + (1.0 - WALL_IDLE) * 10**response.middle
    return Power(WALL_IDLE, float(np.clip(reference, 0.8, 1.4)), max(0.0, response.slope), 0.8)


def board_power(wall: Power) -> Power:
    """Take host, fans and losses off the wall figures: a board has no other calibration."""
    reference = max(wall.reference_ratio - WALL_HOST, BOARD_IDLE + 0.3)
    return Power(BOARD_IDLE, reference, wall.exponent, 0.5)


def log_busy(power_ratio: Floats) -> Floats:
    """Give log10 of wall power above rest, over what rated power would leave above it."""
    return np.asarray(np.log10(np.clip((power_ratio - WALL_IDLE) / (1.0 - WALL_IDLE), 0.02, 50.0)))
