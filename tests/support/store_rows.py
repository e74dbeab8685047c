"""The smallest frames that the store takes: claimed names, records, a sum as state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from features.schema import NAMES
from streams.store import Frames, Store
from streams.store.reader import STORED_RECORDS

START = datetime(2026, 3, 1, tzinfo=UTC)


class Interrupted(Exception):
    """Something in the caller goes wrong in the middle of a transaction."""


def minute(count: int) -> datetime:
    return START + timedelta(minutes=count)


def names(rows: Iterable[tuple[int, int, int]], kind: int = 0, minutes: int = 0) -> pl.DataFrame:
    """Give claimed names from (hi, lo, payload digest), all of one kind and time."""
    listed = [(kind, hi, lo, digest, minute(minutes)) for hi, lo, digest in rows]
    return pl.DataFrame(listed, NAMES, orient="row")


def found(store: Store, asked: Sequence[tuple[int, int]], kind: int = 0) -> dict[int, int]:
    """Look names (hi, lo) up; give the payload digest by position."""
    hi = pl.Series([hi for hi, _ in asked], dtype=pl.UInt64)
    lo = pl.Series([lo for _, lo in asked], dtype=pl.UInt64)
    answer = store.lookup_names(kind, hi, lo)
    return dict(zip(answer["position"], answer["payload_digest"], strict=True))


def records(rows: Iterable[tuple[int, str, str, str]], type_name: str) -> pl.DataFrame:
    """Give stored records from (minutes, source, id, data)."""
    listed = [
        (ordinal, source, event_id, minute(minutes), 1, 2, 3, type_name, text, 7)
        for ordinal, (minutes, source, event_id, text) in enumerate(rows)
    ]
    return pl.DataFrame(listed, STORED_RECORDS, orient="row")


def amounts(**values: int) -> Frames:
    """Give a state of one frame: an Int128 amount by key."""
    return {
        "amounts": pl.DataFrame(
            {"key": list(values), "amount": list(values.values())},
            schema={"key": pl.String, "amount": pl.Int128},
        )
    }


def add(parts: Sequence[Frames]) -> Frames:
    """Add states up: the commutative sum that the store merges with."""
    rows = pl.concat([part["amounts"] for part in parts])
    return {"amounts": rows.group_by("key").agg(pl.col("amount").sum()).sort("key")}


def total(store: Store, kind: str = "usage") -> dict[str, int]:
    """Give the sum of all segments by key."""
    parts = [segment.frames for segment in store.segments(kind)]
    frame = add([amounts(), *parts])["amounts"]
    return dict(zip(frame["key"], frame["amount"], strict=True))
