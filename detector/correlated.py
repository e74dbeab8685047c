"""How far a sum may lie off: errors of one workload are one error, others agree in part.

The error of an estimate is read as three parts: one that all work of a subject shares, one that
the workloads of a tenant share besides, one of the workload alone. With d the distance of a
workload from its expected figure to a bound, in the sum of a subject

    distance^2 = rho_owner S^2 + (rho_tenant - rho_owner) T + (1 - rho_tenant) W

where S is the sum of all d, T the sum over tenants of the square of their d, and W the sum of the
squares of each workload's d. Within one tenant that is rho S^2 + (1 - rho) W, within one workload
the plain sum. It never falls when any d grows, so cumulative bounds never fall. The low and the
high side are each summed so.

Everything but the last step is whole numbers, so no sum depends on the order of its rows and
parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

#: Squares are of whole units of this many operations, so that they fit 128 bits: a hundredth of a
#: second of a large accelerator, and room for 10^32 operations.
UNIT_OPERATIONS: Final = 10**13


@dataclass(frozen=True)
class Correlations:
    """Correlation of errors between workloads of one tenant, and between tenants of one owner.

    ``between_tenants`` counts for at most ``within_tenant``: whoever shares a tenant shares an
    owner.
    """

    within_tenant: float
    between_tenants: float

    @property
    def shared(self) -> float:
        """The part that all work of a subject shares."""
        return min(self.between_tenants, self.within_tenant)


#: All errors are one error: the widest that a sum can be.
ONE_ERROR: Final = Correlations(1.0, 1.0)


def squares(
    by_workload: pl.DataFrame, key: Sequence[str], distances: Sequence[str]
) -> pl.DataFrame:
    """Sum the distances of workloads per ``key``, with what their correlated sum needs.

    ``by_workload``: one row per ``key`` and workload with ``home``, the tenant it is counted with,
    and the ``distances`` (whole operations, Int128). Gives for each distance D: ``D`` (its sum),
    ``D.units``, ``D.homes`` and ``D.workloads``: S, T and W of the module, in UNIT_OPERATIONS.
    All of them add up over sets of rows that share no home.
    """
    units = by_workload.with_columns(
        (pl.col(d) // UNIT_OPERATIONS).alias(f"{d}.units") for d in distances
    )
    homes = units.group_by(*key, "home").agg(
        *[pl.col(d, f"{d}.units").sum() for d in distances],
        *[_square(f"{d}.units").sum().alias(f"{d}.workloads") for d in distances],
    )
    return homes.group_by(key).agg(
        *[pl.col(d, f"{d}.units", f"{d}.workloads").sum() for d in distances],
        *[_square(f"{d}.units").sum().alias(f"{d}.homes") for d in distances],
    )


def spared(distance: str, correlations: Correlations) -> pl.Expr:
    """Give by how much the correlated distance is less than the sum of distances: whole operations.

    Reads the columns of ``squares``. Never negative, never more than the sum.
    """
    units = pl.col(f"{distance}.units").cast(pl.Float64)
    total = pl.when(units > 0).then(units**2)  # else all of it is added as one error
    homes, alone = (
        1.0 - pl.col(f"{distance}.{part}").cast(pl.Float64) / total
        for part in ("homes", "workloads")
    )
    rho, shared = correlations.within_tenant, correlations.shared
    ratio = (1.0 - (rho - shared) * homes - (1.0 - rho) * alone).clip(0.0, 1.0).sqrt()
    saved = (pl.col(distance).cast(pl.Float64) * (1.0 - ratio)).floor()
    return saved.fill_null(0.0).cast(pl.Int128)


def cumulated(steps: pl.DataFrame, bucket: Sequence[str], distances: Sequence[str]) -> pl.DataFrame:
    """Give what ``squares`` gives, of everything up to and with each bucket.

    ``steps``: distances per workload and ``bucket`` (as_of, id, end), with ``tenant_id``. A sum of
    squares grows from bucket to bucket by what the square of each workload grows.
    """
    *own, end = bucket
    ordered = steps.sort(*own, "workload", end).with_columns(
        work=pl.struct(*own, "workload").rle_id()
    )
    numbered = ordered.with_columns(home=pl.col("tenant_id").min().over("work"))
    units = [
        (pl.col(d).cum_sum().over("work") // UNIT_OPERATIONS).alias(f"{d}.at") for d in distances
    ]
    alone = numbered.with_columns(units).with_columns(
        column for d in distances for column in _growth(d, "work", "workloads")
    )
    grown = [f"{d}{part}" for d in distances for part in ("", ".units", ".workloads")]
    homes = (
        alone.lazy()  # sums of whole numbers, in any order: lazy is faster
        .group_by(*own, "home", end)
        .agg(pl.col(grown).sum())
        .collect()
        .sort(*own, "home", end)
        .with_columns(place=pl.struct(*own, "home").rle_id())
        .with_columns(
            pl.col(f"{d}.units").cum_sum().over("place").alias(f"{d}.at") for d in distances
        )
        .with_columns(_growth(d, "place", "homes")[1] for d in distances)
    )
    columns = [*grown, *(f"{d}.homes" for d in distances)]
    return (
        homes.lazy()
        .group_by(bucket)
        .agg(pl.col(columns).sum())
        .collect()
        .sort(bucket)
        .with_columns(pl.col(columns).cum_sum().over(own))
    )


def _growth(distance: str, group: str, part: str) -> tuple[pl.Expr, pl.Expr]:
    """Give by how much ``D.at``, and its square, grew since the row before in its group."""
    at = pl.col(f"{distance}.at")
    before = at.shift(1).over(group).fill_null(0)
    return (
        (at - before).alias(f"{distance}.units"),
        (at * at - before * before).alias(f"{distance}.{part}"),
    )


def _square(column: str) -> pl.Expr:
    return pl.col(column) * pl.col(column)
