"""Opening balances: what was done before metering began, as somebody stated it.

An opening is a record, applied when work is judged and never folded into state. Per tenant and
link (data reference and job) the latest by event time holds; a customer's own word stands beside
the provider's and never below it. See docs/openings.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from detector.facts import OpeningFacts

OPENING: Final = "trainwatch.opening.v1"
#: The openings that hold. ``at_ms``: the instant before which the work was done; amounts are null
#: where they were not stated; ``is_word``: the customer's own word alone; ``is_impossible``: an
#: amount beyond what anybody could have done was dropped.
OPENINGS: Final = pl.Schema(
    {
        "opening": pl.Int64(),
        "tenant_id": pl.String(),
        "job_id": pl.String(),
        "data_ref": pl.String(),
        "at_ms": pl.Int64(),
        "accelerator_hours": pl.Float64(),
        "low": pl.Float64(),
        "expected": pl.Float64(),
        "high": pl.Float64(),
        "basis": pl.String(),
        "is_word": pl.Boolean(),
        "is_impossible": pl.Boolean(),
    }
)
#: Beyond these nothing was ever computed: a thousand times the largest training runs known in 2026,
#: and ten million accelerators for a year. More is an error of the sender, not a run.
MAX_OPERATIONS: Final = 1e29
MAX_ACCELERATOR_HOURS: Final = 1e11

_AMOUNTS: Final = ("accelerator_hours", "low", "expected", "high")
_PROVIDERS: Final = ("provider_estimate", "other_provider")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_MOMENT: Final = timedelta(milliseconds=1)
#: The first instant of the calendar, in milliseconds since the epoch.
FIRST_MS: Final = (_FIRST - _EPOCH) // _MOMENT
Event = tuple[Mapping[str, Any], datetime]
Row = dict[str, Any]
Span = tuple[datetime, datetime]


def openings(events: Iterable[Event]) -> pl.DataFrame:
    """Give the openings that hold (OPENINGS), of events in the order of (time, source, id)."""
    latest: dict[tuple[object, ...], dict[bool, Row]] = {}
    for data, time in events:
        row = _row(data, time)
        link = (row["tenant_id"], row["job_id"], row["data_ref"])
        latest.setdefault(link, {})[row["is_word"]] = row
    held = [_together(latest[link]) for link in sorted(latest, key=str)]
    return pl.DataFrame(
        [row | {"opening": number} for number, row in enumerate(held)], schema=OPENINGS
    )


def bound_of(data: Mapping[str, Any], operations_per_hour: float) -> float:
    """Give the most operations that an opening can be expected to add, whatever else is known."""
    row = _row(data, _EPOCH + timedelta(days=10**6))
    stated = max((row[name] for name in _AMOUNTS[1:] if row[name] is not None), default=0.0)
    return float(stated + (row["accelerator_hours"] or 0.0) * operations_per_hour)


def _row(data: Mapping[str, Any], time: datetime) -> Row:
    """Read one opening. It counts when it was sent, where ``at`` lies after that."""
    stated: Mapping[str, Any] = data.get("operations") or {}
    amounts = {name: stated.get(name) for name in ("low", "expected", "high")}
    wrong = {name for name, value in amounts.items() if value and value > MAX_OPERATIONS}
    spent = data.get("accelerator_hours")
    if spent is not None and spent > MAX_ACCELERATOR_HOURS:
        wrong.add("accelerator_hours")
    said = amounts | {"accelerator_hours": spent}
    at = min(datetime.fromisoformat(data["at"]), time)
    return {
        "tenant_id": data["tenant_id"],
        "job_id": data.get("job_id") or None,
        "data_ref": data.get("data_ref") or None,
        "at_ms": (at - _EPOCH) // _MOMENT,
        "basis": data.get("basis"),
        "is_word": data.get("basis") not in _PROVIDERS,
        "is_impossible": bool(wrong),
        **{
            name: None if name in wrong or value is None else float(value)
            for name, value in said.items()
        },
    }


def _together(said: Mapping[bool, Row]) -> Row:
    """Put the provider's figure and the customer's word together: a word adds, it never lowers."""
    if len(said) == 1:
        return next(iter(said.values()))
    figure, word = said[False], said[True]
    raised = {
        name: _larger(figure[name], word[name])
        for name in ("accelerator_hours", "expected", "high")
    }
    most = raised["high"]
    if most is not None and raised["expected"] is not None:
        raised["high"] = max(most, raised["expected"])
    return figure | raised | {"is_impossible": figure["is_impossible"] or word["is_impossible"]}


def _larger(one: float | None, other: float | None) -> float | None:
    given = [amount for amount in (one, other) if amount is not None]
    return max(given, default=None)


def worked(span: Span, openings: Iterable[OpeningFacts]) -> Span:
    """Give the first instant of work and the end of its last, what was stated included.

    ``span``: of what was metered. An opening was done in the last millisecond before its ``at``,
    so whoever held the tenant then is among those for whom the work was done. Where all of it was
    metered as well, nothing of it is left to ask about.
    """
    left = (each for each in openings if each.accelerator_hours or each.operations.high)
    stated = sorted(each.at for each in left)
    if not stated:
        return span
    begun = max(stated[0], _FIRST + _MOMENT) - _MOMENT  # the calendar has nothing before its first
    return min(span[0], begun), max(span[1], stated[-1])


def cut_at(
    segments: pl.DataFrame, holders: pl.DataFrame, held: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cut the segments of tenants at their openings, and give every piece its holders.

    So no cell straddles the instant of an opening, and what was metered before it is exact.
    ``segments``: (tenant_id, segment, from_ms, to_ms); ``holders``: by tenant and segment.
    """
    if held.height == 0:
        return segments, holders
    cuts = held.select("tenant_id", from_ms="at_ms").unique()
    whole = cuts.select("tenant_id").unique().join(segments, on="tenant_id", how="anti")
    always = whole.with_columns(
        segment=pl.lit(0, pl.Int32), from_ms=pl.lit(-(2**62)), to_ms=pl.lit(2**62)
    )
    known = pl.concat([segments, always.select(segments.columns)])
    starts = pl.concat([known.select("tenant_id", "from_ms"), cuts]).unique()
    ends = pl.col("from_ms").shift(-1).over("tenant_id", order_by="from_ms").fill_null(2**62)
    pieces = starts.sort("tenant_id", "from_ms").with_columns(to_ms=ends)
    placed = pieces.join(known, on="tenant_id", how="inner", suffix="_whole").filter(
        (pl.col("from_ms_whole") <= pl.col("from_ms")) & (pl.col("from_ms") < pl.col("to_ms_whole"))
    )
    numbered = placed.sort("tenant_id", "from_ms").with_columns(
        piece=pl.int_range(pl.len()).over("tenant_id").cast(pl.Int32)
    )
    moved = holders.join(
        numbered.select("tenant_id", "segment", "piece"), on=["tenant_id", "segment"], how="left"
    )
    return (
        numbered.select("tenant_id", "piece", "from_ms", "to_ms").rename({"piece": "segment"}),
        moved.with_columns(segment=pl.coalesce("piece", "segment")).select(holders.columns),
    )
