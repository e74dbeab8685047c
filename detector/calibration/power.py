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
#: The fit is drawn to no effect by the weight of so many configurations: few were ever metered.
RIDGE_CONFIGURATIONS: Final = 3.0


@dataclass(frozen=True)
class Response:
    """log10 correction of the prior = ``offset`` + ``slope`` x log10(busy), both drawn to 0."""

    offset: float
    slope: float

    def correction(self, power_ratio: Floats) -> Floats:
        """Give what to add to log10 of the expected share."""
        return np.asarray(self.offset + self.slope * _log_busy(power_ratio))


def fit_power(errors: Floats, power_ratio: Floats) -> Response:
    """Fit residuals of the prior (log10, from a line that did not see the runs) on wall power.

    One value a configuration: repeats of one system teach nothing new about another.
    """
    busy = _log_busy(power_ratio)
    columns = np.column_stack([np.ones(len(busy)), busy])
    spread = float(np.mean(busy**2))
    ridge = RIDGE_CONFIGURATIONS * np.diag([1.0, spread])
    offset, slope = np.linalg.solve(columns.T @ columns + ridge, columns.T @ errors)
    return Response(float(offset), float(slope))


def wall_power(response: Response) -> Power:
    """Turn the response into the product's terms: the ratio at which the prior stands as it is."""
    slope = max(response.slope, 0.05)
    reference = WALL_IDLE + (1.0 - WALL_IDLE) * 10 ** (-response.offset / slope)
    return Power(WALL_IDLE, float(np.clip(reference, 0.8, 1.4)), slope, 0.8)


def board_power(wall: Power) -> Power:
    """Take host, fans and losses off the wall figures: a board has no other calibration."""
    reference = max(wall.reference_ratio - WALL_HOST, BOARD_IDLE + 0.3)
    return Power(BOARD_IDLE, reference, wall.exponent, 0.5)


def _log_busy(power_ratio: Floats) -> Floats:
    return np.asarray(np.log10(np.clip((power_ratio - WALL_IDLE) / (1.0 - WALL_IDLE), 0.02, 50.0)))
