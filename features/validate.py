"""Usage events in, candidates and refusals out: what an event says must be possible in time.

Types, ranges and vocabularies are checked where bytes are decoded; here stand the checks that
compare fields with one another and with the clock, once for every carrier.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from features.schema import REFUSED, USAGE_EVENTS, conform

MAX_INTERVAL: Final = timedelta(days=31)
MAX_AHEAD: Final = timedelta(days=1)
MAX_LATENESS: Final = timedelta(days=400)


def validate(events: pl.DataFrame, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split usage events (schema USAGE_EVENTS) into candidates and REFUSED rows.

    ``now`` is the real clock, used only to refuse events from the future. The first failed check
    in the order below gives the reason.
    """
    events = conform(events, USAGE_EVENTS, "usage events")
    if events.is_empty():
        return events, pl.DataFrame(schema=REFUSED)
    checks = _checks(now)
    bad = pl.any_horizontal([condition for _, condition in checks])
    if not events.select(bad.any()).item():
        return events, pl.DataFrame(schema=REFUSED)
    told = zip(checks, _details(), strict=True)
    detail = pl.coalesce([pl.when(condition).then(text) for (_, condition), text in told])
    reason = pl.coalesce([pl.when(c).then(pl.lit(name)) for name, c in checks])
    refused = events.filter(bad).select("ordinal", reason=reason, detail=detail)
    return events.filter(~bad), conform(refused, REFUSED, "refused")


def future_reason(time: pl.Expr, now: datetime) -> pl.Expr:
    """Whether an event's own ``time`` lies over a day past the real clock, for any event type."""
    return time > pl.lit(now + MAX_AHEAD).cast(pl.Datetime("ms", "UTC"))


def _checks(now: datetime) -> list[tuple[str, pl.Expr]]:
    start, end, time = pl.col("start"), pl.col("end"), pl.col("time")
    has_accelerator = (
        pl.col("accelerator").is_not_null() & pl.col("accelerator_count").is_not_null()
    )
    return [
        ("missing_field", pl.col("instance_type").is_null() & ~has_accelerator),
        ("interval_empty", end <= start),
        ("interval_too_long", (end - start) > MAX_INTERVAL),
        ("in_the_future", end > time + MAX_AHEAD),
        ("in_the_future", future_reason(time, now)),
        ("too_late", end < time - MAX_LATENESS),
    ]


def _details() -> list[pl.Expr]:
    """Say what each of the checks expected, and what came."""
    start, end, time = pl.col("start"), pl.col("end"), pl.col("time")
    return [
        pl.lit("expected instance_type, or accelerator with accelerator_count; found neither"),
        _say("expected end after start; found start {} and end {}", start, end),
        _say("expected at most 31 days; found start {} and end {}", start, end),
        _say("expected end at most a day after time; found end {} and time {}", end, time),
        _say("expected time at most a day past the clock; found time {}", time),
        _say("expected end at most 400 days before time; found end {} and time {}", end, time),
    ]


def _say(text: str, *values: pl.Expr) -> pl.Expr:
    stamps = [value.dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ") for value in values]
    return pl.format(text, *stamps)
