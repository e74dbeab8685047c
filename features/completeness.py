"""What was metered where and by whom: the raw rows of the completeness view.

Hours on the bill that no meter of the provider saw count in every total all the same: here they
are told apart. Accelerator-hours throughout; a resource counts with the most devices that anybody
metered on it for that tenant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from features.accumulate import Usage
from features.activity import united
from features.compute import HOUR_MS, held_ppb
from features.repeated import REPEATS

#: Where and for whom: a place is one tenant's work in one region and site.
PLACE: Final = ("tenant_id", "region", "site_id")
SCOPES: Final = {"tenant": "tenant_id", "region": "region", "site": "site_id"}
#: Milliseconds of accelerators, in parts per 10^9: all; without telemetry; on the bill; on the bill
#: and seen by no meter of the provider; the same for long on a resource that such a meter saw at
#: another time; the same after it was last seen; by a guest alone.
AMOUNTS: Final = (
    "device_ppb_ms",
    "silent_ppb_ms",
    "bill_ppb_ms",
    "unmetered_ppb_ms",
    "gap_ppb_ms",
    "open_gap_ppb_ms",
    "guest_only_ppb_ms",
)
PLACES: Final = pl.Schema(
    {
        **dict.fromkeys(PLACE, pl.String()),
        **dict.fromkeys(AMOUNTS, pl.Int128()),
        "first_start_ms": pl.Int64(),
        "last_end_ms": pl.Int64(),
    }
)
STRETCHES: Final = pl.Schema(
    {"scope": pl.String(), "id": pl.String(), "from_hour": pl.Int64(), "until_hour": pl.Int64()}
)
_CLASSES: Final = {"host": "provider", "bmc": "provider", "bill": "bill", "guest": "guest"}
_NAMES: Final = ("provider", "bill", "guest")
_UNIT: Final = ("resource_id", "tenant_id")
_KINDS: Final = {
    "bill_ppb_ms": "is_billed",
    "unmetered_ppb_ms": "is_unmetered",
    "gap_ppb_ms": "is_gap",
    "open_gap_ppb_ms": "is_open_gap",
    "guest_only_ppb_ms": "is_guest_only",
}


@dataclass(frozen=True)
class Metered:
    """PLACES; STRETCHES: the whole hours in which a tenant, region or site was metered; REPEATS."""

    places: pl.DataFrame
    stretches: pl.DataFrame
    repeats: pl.DataFrame


def nothing_metered() -> Metered:
    """Give the neutral element of ``gathered``."""
    frames = [pl.DataFrame(schema=each) for each in (PLACES, STRETCHES, REPEATS)]
    return Metered(*frames)


def gathered(parts: Sequence[Metered]) -> Metered:
    """Put parts of the state together that share no tenant."""
    stretches = pl.concat([part.stretches for part in parts])
    places = pl.concat([part.places for part in parts]).sort(PLACE)
    repeats = pl.concat([part.repeats for part in parts]).sort("tenant_id", "times")
    return Metered(places, united(stretches, ["scope", "id"]), repeats)


def metered(usage: Usage, levels: pl.DataFrame, specs: pl.DataFrame, long_hours: float) -> Metered:
    """Say what was metered where, in a state of which everything is known.

    ``levels``: the timeline's, of one hour of knowledge. ``specs``: ``compute.specify``'s.
    ``long_hours``: shorter stretches on the bill alone are rounding or delay, and not long.
    Its REPEATS are empty: ``features.repeated`` makes them, where they are asked for.
    """
    named = usage.strands.select(
        "strand", *PLACE, seer=pl.col("vantage").fill_null("host").replace_strict(_CLASSES)
    )
    stood = levels.join(named, on="strand", how="left")
    rows = pl.concat(
        [
            _stood(stood),
            *_told_otherwise(usage.coverage, named, specs, round(long_hours * HOUR_MS)),
        ],
        how="diagonal",
    )
    places = rows.group_by(PLACE).agg(
        *[pl.col(c).sum() if c in rows.columns else _nothing().alias(c) for c in AMOUNTS],
        pl.col("first_start_ms").min(),
        pl.col("last_end_ms").max(),
    )
    repeats = pl.DataFrame(schema=REPEATS)
    return Metered(places.select(list(PLACES)).sort(PLACE), _stretches(stood), repeats)


def _nothing() -> pl.Expr:
    return pl.lit(0, pl.Int128())


def _stood(stood: pl.DataFrame) -> pl.DataFrame:
    length = (pl.col("end_ms") - pl.col("start_ms")).cast(pl.Int128)
    seen = pl.max_horizontal("seen_1", "seen_2", "seen_4")
    return stood.group_by(PLACE).agg(
        device_ppb_ms=(pl.col("devices_ppb") * length).sum(),
        silent_ppb_ms=((pl.col("devices_ppb") - seen) * length).sum(),
        first_start_ms=pl.col("start_ms").min(),
        last_end_ms=pl.col("end_ms").max(),
    )


def _told_otherwise(
    coverage: pl.DataFrame, named: pl.DataFrame, specs: pl.DataFrame, long_ms: int
) -> list[pl.DataFrame]:
    """Hours on the bill and hours by a guest's word, of the resources that have any."""
    others = named.filter(pl.col("seer") != "provider")
    told = coverage.join(others.select("strand"), on="strand", how="semi")
    if told.height == 0:
        return []
    contested = coverage.join(told.select("resource_id").unique(), on="resource_id", how="semi")
    counts = specs.select("strand", "catalogue_count")
    lines = contested.join(named, on="strand").join(counts, on="strand")
    spent = (
        _sections(lines, long_ms)
        .group_by(_UNIT)
        .agg(
            pl.when(kind).then("length").otherwise(0).sum().alias(amount)
            for amount, kind in _KINDS.items()
        )
    )
    priced = spent.join(_homes(lines), on=_UNIT).with_columns(
        pl.col(amount).cast(pl.Int128) * pl.col("devices_ppb") for amount in _KINDS
    )
    return [priced.group_by(PLACE).agg(pl.col(list(_KINDS)).sum())]


def _homes(lines: pl.DataFrame) -> pl.DataFrame:
    """Give each tenant's resource its region and site, and its most devices."""
    most = held_ppb().max()
    return lines.group_by(_UNIT).agg(pl.col("region", "site_id").min(), devices_ppb=most)


def _sections(lines: pl.DataFrame, long_ms: int) -> pl.DataFrame:
    """Cut each tenant's resource where anybody's word on it begins or ends."""
    units = lines.select(_UNIT).unique()
    provided = lines.filter(seer="provider").select("resource_id", "seer", "at_ms", "delta")
    # Whatever tenant the provider's meter names: the resource was seen.
    everywhere = units.join(provided, on="resource_id", how="inner")
    told = lines.filter(pl.col("seer") != "provider").select(everywhere.columns)
    steps = [
        pl.when(pl.col("seer") == name).then("delta").otherwise(0).sum().alias(name)
        for name in _NAMES
    ]
    # Every word on a resource ends, so one running sum over the sorted rows serves them all.
    sections = (
        pl.concat([everywhere, told])
        .group_by(*_UNIT, "at_ms")
        .agg(steps)
        .sort(*_UNIT, "at_ms")
        .with_columns(pl.col(_NAMES).cum_sum(), until_ms=pl.col("at_ms").shift(-1))
        .filter(pl.any_horizontal([pl.col(name) > 0 for name in _NAMES]))
    )
    is_billed, is_seen = pl.col("bill") > 0, pl.col("provider") > 0
    flagged = sections.with_columns(
        length=pl.col("until_ms") - pl.col("at_ms"),
        is_billed=is_billed,
        is_unmetered=is_billed & ~is_seen,
        is_guest_only=~is_billed & ~is_seen,
    )
    apart = (pl.col("at_ms") != pl.col("until_ms").shift(1).over(_UNIT)).fill_null(value=True)
    changed = (pl.col("is_unmetered") != pl.col("is_unmetered").shift(1).over(_UNIT)).fill_null(
        value=True
    )
    run = pl.col("length").sum().over("run")
    # A resource that no meter of the provider ever saw is not one that a meter lost.
    last_seen = pl.col("until_ms").filter(is_seen).max().over(_UNIT)
    is_gap = pl.col("is_unmetered") & (run >= long_ms) & last_seen.is_not_null()
    return flagged.with_columns(run=(apart | changed).cum_sum()).with_columns(
        is_gap=is_gap, is_open_gap=(is_gap & (pl.col("at_ms") >= last_seen)).fill_null(value=False)
    )


def _stretches(stood: pl.DataFrame) -> pl.DataFrame:
    hours = {
        "from_hour": pl.col("start_ms") // HOUR_MS,
        "until_hour": (pl.col("end_ms") - 1) // HOUR_MS + 1,
    }
    found = [
        stood.filter(pl.col(column).is_not_null()).select(
            scope=pl.lit(scope), id=pl.col(column), **hours
        )
        for scope, column in SCOPES.items()
    ]
    return united(pl.concat(found), ["scope", "id"])
