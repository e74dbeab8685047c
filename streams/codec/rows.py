"""Typed events to the frames of the line: usage, corrections with their two payloads, records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from detector.events import USAGE, Correction, Event, Telemetry, Usage
from features.schema import CORRECTIONS, INSTANT, RECORDS, USAGE_DATA, USAGE_EVENTS
from streams.codec.canonical import canonical_text
from streams.codec.digest import name_digests, text_digest, usage_digests

#: Columns of a usage row before its digests are known; instants in milliseconds.
UNDIGESTED: Final = pl.Schema(
    {
        "ordinal": pl.Int64,
        "source": pl.String,
        "id": pl.String,
        "time": pl.Int64,
        **{name: pl.Int64 if kind == INSTANT else kind for name, kind in USAGE_DATA.items()},
    }
)
_DATA_FIELDS: Final = tuple(name for name in USAGE_DATA if not name.startswith("telemetry."))
_TELEMETRY_FIELDS: Final = tuple(
    name.removeprefix("telemetry.") for name in USAGE_DATA if name.startswith("telemetry.")
)
_NO_TELEMETRY: Final = Telemetry()
_PRESENT: Final = {name: pl.col(name).cast(kind) for name, kind in USAGE_EVENTS.items()}
_ABSENT: Final = {n: pl.lit(None, dtype=kind).alias(n) for n, kind in USAGE_EVENTS.items()}
#: Frames without rows are made once: each costs as much as decoding thousands of events.
_NO_USAGE: Final = USAGE_EVENTS.to_frame()
_NO_CORRECTIONS: Final = CORRECTIONS.to_frame()
_NO_RECORDS: Final = RECORDS.to_frame()

Row = tuple[object, ...]
Ordered = tuple[int, Event]


def usage_row(ordinal: int, event: Event, usage: Usage) -> Row:
    """Lay one usage payload out in the order of ``UNDIGESTED``."""
    telemetry = usage.telemetry or _NO_TELEMETRY
    return (
        ordinal,
        event.source,
        event.id,
        event.time_ms,
        *(getattr(usage, name) for name in _DATA_FIELDS),
        *(getattr(telemetry, name) for name in _TELEMETRY_FIELDS),
    )


def usage_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Build USAGE_EVENTS from rows of ``UNDIGESTED``."""
    if not rows:
        return _NO_USAGE
    return digested(pl.DataFrame(rows, schema=UNDIGESTED, orient="row"))


def digested(frame: pl.DataFrame) -> pl.DataFrame:
    """Give USAGE_EVENTS from columns of ``UNDIGESTED``; what nobody sent may be left out."""
    high, low = name_digests(frame["source"], frame["id"])
    payload = usage_digests(frame)
    digests = {"name_hi": high, "name_lo": low, "payload_digest": payload}
    whole = frame.with_columns(**{name: pl.Series(value) for name, value in digests.items()})
    present = set(whole.columns)
    return whole.select(
        _PRESENT[name] if name in present else _ABSENT[name] for name in USAGE_EVENTS
    )


def correction_frames(
    events: Sequence[Ordered],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Build CORRECTIONS, and its original and replacement payloads as USAGE_EVENTS.

    An original carries the name of the event corrected and the time of the correction, a
    replacement the name and the time of the correction itself.
    """
    if not events:
        return _NO_CORRECTIONS, _NO_USAGE, _NO_USAGE
    typed = [(ordinal, event, _correction(event)) for ordinal, event in events]
    originals = usage_frame(
        [
            _renamed(usage_row(ordinal, event, data.original), data, event)
            for ordinal, event, data in typed
        ]
    )
    replacements = usage_frame(
        [
            usage_row(ordinal, event, data.replacement)
            for ordinal, event, data in typed
            if data.replacement is not None
        ]
    )
    replaced = dict(replacements.select("ordinal", "payload_digest").iter_rows())
    first = originals["payload_digest"].to_list()
    payloads = [
        text_digest(
            event.type,
            canonical_text([data.original_id, data.original_source, digest, replaced.get(ordinal)]),
        )
        for (ordinal, event, data), digest in zip(typed, first, strict=True)
    ]
    names = _named(typed)
    corrections = names.with_columns(
        pl.Series("payload_digest", payloads, dtype=pl.UInt64),
        originals["source"].alias("original_source"),
        originals["id"].alias("original_id"),
        originals["name_hi"].alias("original_name_hi"),
        originals["name_lo"].alias("original_name_lo"),
        originals["payload_digest"].alias("original_digest"),
        pl.Series(
            "replacement_digest", [replaced.get(ordinal) for ordinal, _, _ in typed], pl.UInt64
        ),
    ).select(CORRECTIONS.names())
    return corrections, originals, replacements


def record_frame(events: Sequence[tuple[int, Event, str]]) -> pl.DataFrame:
    """Build RECORDS from events with the canonical text of their data."""
    if not events:
        return _NO_RECORDS
    names = _named(events)
    return names.with_columns(
        pl.Series("payload_digest", [text_digest(e.type, t) for _, e, t in events], pl.UInt64),
        pl.Series("type", [event.type for _, event, _ in events], pl.String),
        pl.Series("data", [text for _, _, text in events], pl.String),
    ).select(RECORDS.names())


def _named(events: Sequence[tuple[int, Event, object]]) -> pl.DataFrame:
    frame = pl.DataFrame(
        [(ordinal, event.source, event.id, event.time_ms) for ordinal, event, _ in events],
        schema={"ordinal": pl.Int64, "source": pl.String, "id": pl.String, "time": pl.Int64},
        orient="row",
    )
    high, low = name_digests(frame["source"], frame["id"])
    return frame.with_columns(
        pl.col("time").cast(INSTANT),
        pl.Series("name_hi", high, dtype=pl.UInt64),
        pl.Series("name_lo", low, dtype=pl.UInt64),
    )


def _correction(event: Event) -> Correction:
    if not isinstance(event.data, Correction):
        raise TypeError(f"expected a correction, got {type(event.data).__name__} ({USAGE})")
    return event.data


def _renamed(row: Row, data: Correction, event: Event) -> Row:
    source = event.source if data.original_source is None else data.original_source
    return (row[0], source, data.original_id, *row[3:])
