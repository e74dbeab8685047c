"""Which figures the classifier hears: those that the provider's own meters bear out.

What a customer's own meter tells cannot be checked where the provider's tell nothing of it. So the
row that counts is made without it, as if there were the allocation alone; another is made with it,
and the two are held against each other where they are judged: a customer's word may speak for
training and never against it, and for no work that others hold the most of.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PROVIDER_TRUST
from features.rates import PLACE
from features.schema import OF_DEVICE, SQUARED_FIELDS, TELEMETRY_FIELDS, beside
from features.witness import HEARSAY

#: What counters of activity tell: all of it reads low where power contradicts it.
_COUNTED: Final = (
    *("tensor_active", "tensor_active.square", "tensor_active_std", "gpu_util", "gpu_util.square"),
    *("sm_active", "dram_active", "fp64_active", "activity"),
)


def told_by_customers(rates: pl.DataFrame) -> pl.DataFrame:
    """Give the rates of the places of which a customer's own meter tells anything."""
    return rates.filter(pl.any_horizontal(_hearsay(f) for f in TELEMETRY_FIELDS))


def spoken_for(cells: pl.DataFrame, named: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """Give ``work`` of the workloads for which customers' own meters speak.

    Who shares data with others and holds less than half of the device time cannot speak for them:
    one node of a stranger would make a training of a whole service. ``cells``: with ``work``;
    ``named``: ``cells.numbered``'s; ``told``: ``told_by_customers``'s.
    """
    tenants = named.select("as_of", "strand", "tenant_id")
    whose = cells.select(*PLACE, "work", "device_ppb_ms").join(tenants, on=("as_of", "strand"))
    heard = whose.join(told, on=PLACE, how="semi").select("work", "tenant_id").unique()
    time = pl.col("device_ppb_ms").sum()
    own = whose.join(heard, on=heard.columns, how="semi").group_by("work").agg(own=time)
    whole = whose.join(own, on="work", how="semi").group_by("work").agg(whole=time)
    held = own.join(whole, on="work").filter(2 * pl.col("own") >= pl.col("whole"))
    return held["work"].sort()


def unconfirmed(rates: pl.DataFrame) -> pl.DataFrame:
    """Leave a customer's counters out of operations where the provider's own tell of the device.

    Another pipe or memory at work would explain power beside a counter that reads nothing, and a
    dead one would be believed: a customer's word must hide no contradiction among the provider's.
    """
    own = [pl.col(f).is_not_null() & ~_hearsay(f) for f in OF_DEVICE]
    is_beside = pl.any_horizontal(own)
    if not rates.select((is_beside & pl.any_horizontal(map(_hearsay, OF_DEVICE))).any()).item():
        return rates
    return rates.with_columns(_where(~(is_beside & _hearsay(f)), pl.col(f)) for f in OF_DEVICE)


def restated(cells: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Put every figure metered back into cells, a customer's own too; ``rates``: of all places."""
    figures = [*TELEMETRY_FIELDS, *(f"{f}.square" for f in SQUARED_FIELDS)]
    told = beside(cells.drop(figures), rates.select(*PLACE, *figures), list(PLACE))
    return told.with_columns(activity=pl.coalesce("activity", "sm_active", "gpu_util"))


def provided(cells: pl.DataFrame) -> pl.DataFrame:
    """Leave out of each cell what no meter of the provider gave, and the time it spoke for.

    ``cells``: ``describe.estimate``'s frame.
    """
    own = {f: ~_hearsay(f) for f in TELEMETRY_FIELDS}
    kept = {
        **own,
        **{f"{f}.square": own[f] for f in SQUARED_FIELDS},
        "activity": pl.col("is_activity_trusted"),
        "power_ratio": pl.col("is_power_trusted"),
    }
    return cells.with_columns(
        *[_where(is_own, pl.col(name)).alias(name) for name, is_own in kept.items()],
        share_allocation=1.0 - pl.col("share_seen") - pl.col("share_silence"),
    )


def believed(cells: pl.DataFrame) -> pl.DataFrame:
    """Leave out counters that read lower than the power drawn allows: they say nothing true.

    Where that is most of the time in which counters tell a workload's use, none of them is heard:
    what would be left are its rests, and they would stand for the whole.
    """
    time = pl.col("device_ppb_ms")
    is_above = pl.col("power_above_use") | pl.col(HEARSAY)
    if not (cells["power_above_use"].any() or cells[HEARSAY].any()):
        return cells
    told = _where(pl.col("activity").is_not_null(), time).sum()
    denied = _where(is_above & pl.col("activity").is_not_null(), time).sum()
    is_true = ~is_above & (2 * denied <= told).over("work")
    return cells.with_columns(_where(is_true, pl.col(c)).alias(c) for c in _COUNTED)


def _hearsay(field: str) -> pl.Expr:
    is_known = pl.col(field).is_not_null()
    return (is_known & (pl.col(f"{field}.trust") > PROVIDER_TRUST)).fill_null(value=False)


def _where(is_so: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(is_so).then(value)
