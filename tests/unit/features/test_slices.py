"""A slice in a name where no fraction was metered lowers the low bound alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
FIGURES = ("device_ms", "operations_low", "operations_expected", "operations_high")
SLICES = pl.DataFrame({"profile": ["1g.10gb"], "sku": ["H100"], "slice_fraction": [1 / 8]})


def figures(**metered: Any) -> tuple[Any, ...]:
    rows = [usage_row(0, HOUR, **metered)]
    usage = merge([accumulate(usage_frame(rows))])
    catalogue = replace(small_catalogue(), slices=SLICES)
    known = moments({NOW: NOW})
    return describe(usage, catalogue, no_segments(), known).cells.select(FIGURES).row(0)


@pytest.mark.parametrize("telemetry", [{}, {"telemetry.tensor_active": 0.5}])
def test_the_low_bound_follows_the_name_and_nothing_else_does(telemetry: dict[str, float]) -> None:
    whole = figures(accelerator="H100", **telemetry)
    sliced = figures(accelerator="NVIDIA H100 MIG 1g.10gb", **telemetry)
    assert sliced == (whole[0], whole[1] // 8, *whole[2:])


def test_a_fraction_that_was_metered_already_counts() -> None:
    metered = {"partition_fraction": 0.125}
    whole = figures(accelerator="H100", **metered)
    assert figures(accelerator="NVIDIA H100 MIG 1g.10gb", **metered) == whole


def test_a_slice_that_its_kind_does_not_have_lowers_nothing() -> None:
    assert figures(accelerator="H100 MIG 3g.40gb") == figures(accelerator="H100")
