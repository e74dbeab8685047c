"""Whole columns of usage events against the model's rules; what fails is read one by one.

These checks may refuse too much, never too little: the one-by-one reader has the last word on a
row that fails here, so only a row that passes must be one that the model accepts.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.events.fields import ACCELERATOR_COUNT_MAX
from detector.events.usage import PRECISIONS, PURCHASE_OPTIONS, SERVICE_CLASSES, VANTAGES
from streams.codec.rows import UNDIGESTED

_NAMES: Final = ("id", "source", "tenant_id", "resource_id")
_INSTANTS: Final = ("time", "start", "end")
_METERED: Final = frozenset(("instance_type", "accelerator", "accelerator_count"))
_WORDS: Final = {
    "service_class": SERVICE_CLASSES,
    "purchase_option": PURCHASE_OPTIONS,
    "vantage": VANTAGES,
    "precision": PRECISIONS,
}


def acceptable(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Say which rows the usage model accepts.

    The frame may lack optional columns of ``UNDIGESTED``; ``accelerator_count`` is Float64.
    """
    columns = set(frame.columns)
    checks = [check for name, check in _CHECKS.items() if name in columns]
    is_told = _says_what_was_metered(frozenset(columns & _METERED))
    passed = frame.select(pl.all_horizontal(*checks, is_told).alias("passed"))["passed"]
    return passed.fill_null(value=False).to_numpy()


def _check(name: str, kind: pl.DataType) -> pl.Expr | None:
    column = pl.col(name)
    if name in _NAMES:
        return column.is_not_null() & (column != "")
    if name in _INSTANTS:
        return column.is_not_null()
    if name in _WORDS:
        return column.is_null() | column.is_in(_WORDS[name])
    if name == "facility_country":
        return column.is_null() | column.str.contains("^[A-Z]{2}$")
    if name == "accelerator_count":
        whole = column.is_between(1, ACCELERATOR_COUNT_MAX) & (column == column.floor())
        return column.is_null() | whole
    if name == "partition_fraction":
        return column.is_null() | ((column > 0) & (column <= 1))
    return column.is_null() | column.is_finite() if kind == pl.Float64 else None


_CHECKS: Final = {
    name: check for name, kind in UNDIGESTED.items() if (check := _check(name, kind)) is not None
}


@lru_cache(maxsize=8)
def _says_what_was_metered(columns: frozenset[str]) -> pl.Expr:
    instance_type = _given("instance_type", columns)
    accelerator = _given("accelerator", columns)
    if "accelerator_count" not in columns:
        return instance_type
    return instance_type | (accelerator & pl.col("accelerator_count").is_not_null())


def _given(name: str, columns: Collection[str]) -> pl.Expr:
    if name not in columns:
        return pl.lit(value=False)
    return pl.col(name).is_not_null() & (pl.col(name) != "")
