"""What goes wrong inside meters: zeros for readings, wrong units, nodes unseen, clocks off.

Faults strike a resource for a stretch of time, by a hash, so that they do not depend on the order
of play. They change what is told and never what is true.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import polars as pl

from streams.simulation.meter import FIELDS
from streams.simulation.scatter import mixed, uniform
from streams.simulation.workload import DAY_MS, HOUR_MS

Array = np.ndarray
#: How long a meter that reads zeros goes on doing so.
SILENT_GRAIN: Final = 6 * HOUR_MS
#: Fields that a wrong unit may strike, and what it multiplies them by.
WRONG_UNITS: Final = (("power_w", 1000.0), ("gpu_util", 100.0), ("tensor_active", 100.0))
_SILENT, _MISSING, _SKEWED, _ABSURD, _BY = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Faults:
    """How untidy meters are. Ratios are shares of resources times stretches, or of readings.

    ``silent_ratio``: resources whose telemetry reads zero for six hours; ``missing_ratio``:
    resources of which nothing arrives for a day; ``absurd_ratio``: readings with one figure in
    the wrong unit; ``skewed_ratio``: resources whose clock is off by up to ``skew_seconds``.
    """

    silent_ratio: float = 0.0
    missing_ratio: float = 0.0
    absurd_ratio: float = 0.0
    skewed_ratio: float = 0.0
    skew_seconds: float = 0.0


NONE: Final = Faults()


@cache
def known_faults() -> dict[str, Faults]:
    """Read the sets of faults beside this file, by name."""
    text = resources.files(__package__).joinpath("faults.toml").read_text("utf-8")
    return {
        name: Faults(**{key: float(value) for key, value in table.items() if key != "source"})
        for name, table in tomllib.loads(text).items()
    }


def told(readings: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Give what faulty meters tell of sound readings; same columns, perhaps fewer rows."""
    if faults == NONE or readings.is_empty():
        return readings
    resource = readings["resource_key"].to_numpy()
    start = readings["start_ms"].to_numpy()
    is_silent = _strikes(resource, _SILENT, start // SILENT_GRAIN, faults.silent_ratio)
    is_missing = _strikes(resource, _MISSING, start // DAY_MS, faults.missing_ratio)
    found = _absurd(_silenced(readings, is_silent), resource, start, faults.absurd_ratio)
    is_skewed = _strikes(resource, _SKEWED, np.zeros_like(start), faults.skewed_ratio)
    off = (2 * uniform(resource, _BY) - 1) * faults.skew_seconds * 1000.0 * is_skewed
    shift = pl.Series("shift", off.astype(np.int64))
    return found.with_columns(pl.col("start_ms") + shift, pl.col("end_ms") + shift).filter(
        pl.Series(~is_missing)
    )


def _silenced(readings: pl.DataFrame, is_silent: Array) -> pl.DataFrame:
    """Let what is measured read zero."""
    silent = pl.Series("silent", is_silent)
    return readings.with_columns(
        pl.when(silent & pl.col(field).is_not_null())
        .then(0.0)
        .otherwise(pl.col(field))
        .alias(field)
        for field in FIELDS
    )


def _absurd(readings: pl.DataFrame, resource: Array, start: Array, ratio: float) -> pl.DataFrame:
    is_absurd = _strikes(resource, _ABSURD, start, ratio)
    which = mixed(mixed(resource, start), _BY) % np.uint64(len(WRONG_UNITS))
    return readings.with_columns(
        pl.when(pl.Series(is_absurd & (which == number)))
        .then(pl.col(field) * factor)
        .otherwise(pl.col(field))
        .alias(field)
        for number, (field, factor) in enumerate(WRONG_UNITS)
    )


def _strikes(resource: Array, fault: int, cell: Array, ratio: float) -> Array:
    struck: Array = uniform(mixed(mixed(resource, fault), cell), fault) < ratio
    return struck
