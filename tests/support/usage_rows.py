"""Usage rows for tests: the smallest valid event, overridden by keyword."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from detector.policy.physics import parse_physics
from features.compute import PRECISIONS, Catalogue
from features.physics import Physics
from features.prior import flat
from features.schema import USAGE_EVENTS

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3_600_000


def at(milliseconds: int) -> datetime:
    """Give an instant so many milliseconds after the tests' epoch."""
    return BEGIN + timedelta(milliseconds=milliseconds)


def usage_row(start_ms: int, end_ms: int, **fields: Any) -> dict[str, Any]:
    """Give one usage event from start to end, on one H100 of tenant t and resource r."""
    base = dict.fromkeys(USAGE_EVENTS)
    base |= {
        "ordinal": 0,
        "source": "meter",
        "id": "e",
        "time": at(end_ms),
        "name_hi": 1,
        "name_lo": 1,
        "payload_digest": 1,
        "tenant_id": "t",
        "resource_id": "r",
        "start": at(start_ms),
        "end": at(end_ms),
        "accelerator": "H100",
        "accelerator_count": 1,
    }
    return base | fields


def usage_frame(rows: Sequence[dict[str, Any]], hour: int = 0, sign: int = 1) -> pl.DataFrame:
    """Make the frame that ``accumulate`` takes; ``hour`` and ``sign`` in a row hold for it."""
    events = pl.DataFrame(
        [{k: v for k, v in row.items() if k in USAGE_EVENTS} for row in rows], schema=USAGE_EVENTS
    )
    return events.with_columns(
        hour=pl.Series([row.get("hour", hour) for row in rows], dtype=pl.Int32),
        sign=pl.Series([row.get("sign", sign) for row in rows], dtype=pl.Int64),
    )


@cache
def shipped_physics() -> Physics:
    """Read the limits of physics as shipped."""
    folder = Path(__file__).resolve().parents[2] / "detector/policy/reference"
    return parse_physics((folder / "physics.toml").read_text(encoding="utf-8")).physics()


def small_catalogue() -> Catalogue:
    """Give a catalogue of one accelerator (1e15 at 16 bit, 2e15 at 8) and one instance type."""
    peaks = dict.fromkeys([f"peak_{p}" for p in PRECISIONS], 1e15)
    accelerators = pl.DataFrame(
        {
            "alias_key": ["h100", "big", "big"],
            "sku": ["H100", "BIG-1", "BIG-2"],
            "family": ["hopper", "huge", "huge"],
            **{name: [peak, peak, 2 * peak] for name, peak in peaks.items()},
            "peak_fp8": [2e15, 2e15, 4e15],
            "peak_fp64": [1e14, 1e14, 1e14],
            "peak_fp32": [5e13, 5e13, 5e13],
            "peak_16bit": [1e15, 1e15, 2e15],
            "tdp_w": [700.0, 700.0, 1000.0],
            "memory_gb": [80.0, None, None],
            "is_loose": [False, False, False],
        }
    )
    instances = pl.DataFrame(
        {
            "alias_key": ["p5.48xlarge", "m7i.large"],
            "sku": ["H100", None],
            "accelerator_count": [8.0, 0.0],
            "network_gbit_per_second": [3200.0, None],
            "network_kind": ["EFA", None],
        }
    )
    return Catalogue(accelerators, instances, flat(0.1, 0.3, 0.5), shipped_physics())


def no_segments() -> pl.DataFrame:
    """Give the frame that says that no tenant ever changed hands."""
    return pl.DataFrame(
        schema={
            "tenant_id": pl.String,
            "segment": pl.Int32,
            "from_ms": pl.Int64,
            "to_ms": pl.Int64,
        }
    )
