"""The catalogue as shipped, and what it makes of a name."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from features.compute import Catalogue, specify
from features.schema import STRANDS
from streams.packaged import build_meaning, default_policies


@cache
def shipped_catalogue() -> Catalogue:
    return build_meaning(default_policies()).catalogue


def specified(*metered: dict[str, Any]) -> pl.DataFrame:
    """Give the specs of strands that differ in these identifiers only."""
    rows = [{"strand": place, "tenant_id": "t", **row} for place, row in enumerate(metered)]
    return specify(pl.DataFrame(rows, schema=STRANDS), shipped_catalogue())
