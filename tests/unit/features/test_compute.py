"""What a metered name says of the hardware."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from features.compute import added, specify
from features.schema import STRANDS
from tests.support.usage_rows import small_catalogue


def strands(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"strand": place, "tenant_id": "t", **row} for place, row in enumerate(rows)],
        schema=STRANDS,
    )


def test_terms_are_added_from_the_left_whatever_the_number_of_threads() -> None:
    terms = pl.DataFrame({"a": [1e16, 0.5], "b": [1.0, None], "c": [-1e16, 0.25], "d": [1.0, 0.0]})
    assert terms.select(added(map(pl.col, terms.columns))).to_series().to_list() == [1.0, 0.75]


def test_the_core_adds_no_fractions_in_an_order_of_threads() -> None:
    root = Path(__file__).resolve().parents[3]
    files = (path for ring in ("features", "detector") for path in (root / ring).rglob("*.py"))
    found = {path.name for path in files if "pl.sum_horizontal(" in path.read_text("utf-8")}
    assert found == {"telemetry.py", "timeline.py"}  # whole numbers; two terms, either order


def test_the_least_and_the_most_of_a_kind_stand_beside_what_is_typical() -> None:
    metered = strands(
        {"instance_type": "p5.48xlarge"},
        {"accelerator": "big", "precision": "fp8", "vantage": "host"},
        {"instance_type": "m7i.large"},
        {"accelerator": "nothing"},
    )
    columns = ("sku", "generation", "peak_8bit", "peak_any", "network_gbit_s", "network_kind")
    assert specify(metered, small_catalogue()).select(columns).rows() == [
        ("H100", "hopper", 2e15, 2e15, 3200.0, "EFA"),
        ("BIG-1 | BIG-2", "huge", 3e15, 4e15, None, None),
        (None, None, None, None, None, None),
        (None, None, None, None, None, None),
    ]


def test_what_the_provider_saw_narrows_the_peak_that_holds_but_not_what_the_kind_can_do() -> None:
    metered = strands(
        {"accelerator": "H100", "precision": "bf16", "vantage": "host"},
        {"accelerator": "H100", "precision": "bf16", "vantage": "guest"},
    )
    columns = ("peak_expected", "peak_high", "peak_any")
    assert specify(metered, small_catalogue()).select(columns).rows() == [
        (1e15, 1e15, 2e15),
        (1e15, 2e15, 2e15),
    ]


def test_kinds_of_several_generations_have_none() -> None:
    catalogue = small_catalogue()
    mixed = pl.when(pl.col("sku") == "BIG-1").then(pl.lit("large")).otherwise("family")
    accelerators = catalogue.accelerators.with_columns(family=mixed)
    found = specify(
        strands({"accelerator": "big"}),
        replace(catalogue, accelerators=accelerators),
    )
    assert found.select("sku", "generation").rows() == [("BIG-1 | BIG-2", None)]
