"""Cells to sums: what each run, tenant, owner and cluster did, and how it grew.

Owner sums are views: a cell counts for whoever held its tenant in its segment, and nobody's share
divides it. Training sums count a workload from a probability of 0.9 for low, 0.5 for expected and
0.1 for high; a probability never multiplies operations. Everything summed is whole numbers, so
that the four ledgers of a set of cells agree to the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from detector.correlated import ONE_ERROR, Correlations, cumulated, spared, squares
from detector.workload_sums import (
    OPERATIONS,
    SAID_BY,
    SECONDS,
    SUMS,
    TRAINING,
    by_workload,
    instants,
    pieces,
    pieces_by_workload,
)
from features.cells import whole_first
from features.compute import HOUR_MS, hours
from features.schema import beside

COUNTS_FROM: Final = {"low": 0.9, "expected": 0.5, "high": 0.1}
SCOPES: Final = ("tenant", "training_run", "owner", "cluster")
UNATTRIBUTED: Final = "unattributed"
INSTANT: Final = pl.Datetime("ms", "UTC")

TOTALS: Final = (
    "scope",
    "id",
    "tenant_ids",
    "accelerator_hours",
    "peak_operations",
    "operations_low",
    "operations_expected",
    "operations_high",
    "hardware_operations_expected",
    "training_probability",
    "training_operations_low",
    "training_operations_expected",
    "training_operations_high",
    "first_start",
    "last_end",
    "metered_since",
    "opening_operations_expected",
    "silent_ratio",
)
#: How far bounds lie from expected figures: of all work, and of what counts as training.
_DISTANCES: Final = ("low", "high", "training_low", "training_high")


def weigh(cells: pl.DataFrame, probabilities: pl.DataFrame) -> pl.DataFrame:
    """Say which operations count as training.

    ``cells``: the pipeline's. ``probabilities``: (as_of, workload, training_probability). Adds
    ``training_probability``, the three training sums, ``run_id`` (a run, or ``unattributed``) and
    ``since_ms``, the first metered instant of the tenant. Nothing of it is an opening:
    ``opening_ppb_ms`` and ``opening_operations`` are 0, ``opened_ms`` is null.
    """
    joined = beside(cells, probabilities, ["as_of", "workload"])
    likely = pl.col("training_probability").fill_null(0.0)
    return joined.with_columns(
        *[
            pl.when(likely >= least)
            .then(pl.col(f"operations_{bound}"))
            .otherwise(pl.lit(0, pl.Int128))
            .alias(f"training_operations_{bound}")
            for bound, least in COUNTS_FROM.items()
        ],
        run_id=pl.when("is_run").then("workload").otherwise(pl.lit(UNATTRIBUTED)),
        since_ms=pl.col("start_ms").min().over("as_of", "tenant_id"),
        opened_ms=pl.lit(None, pl.Int64),
        opening_ppb_ms=pl.lit(0, pl.Int128),
        opening_operations=pl.lit(0, pl.Int128),
    )


def spread(weighed: pl.DataFrame, holders: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give for each scope the cells with the ``id`` they count for.

    ``holders``: (as_of, tenant_id, segment, owner_id); a tenant may have several.
    """
    owned = weighed.join(holders, on=("as_of", "tenant_id", "segment"), how="inner")
    return {
        "tenant": weighed.with_columns(id=pl.col("tenant_id")),
        "training_run": weighed.with_columns(id=pl.col("run_id")),
        "owner": owned.with_columns(id=pl.col("owner_id")),
        "cluster": weighed.filter(pl.col("cluster_id").is_not_null()).with_columns(
            id=pl.col("cluster_id")
        ),
    }


def sums(cells: pl.DataFrame, correlations: Correlations = ONE_ERROR) -> pl.DataFrame:
    """Sum one scope's cells per (as_of, id); lows and highs as ``detector.correlated`` says."""
    return _concluded(_added_up(by_workload(cells)), correlations)


def _added_up(workloads: pl.DataFrame) -> pl.DataFrame:
    """Add workloads up per (as_of, id), with what their correlated bounds need."""
    key = ("as_of", "id")
    total = workloads.group_by(key).agg(
        pl.col(SUMS).sum(),
        pl.col("tenant_ids").explode().unique().sort(),
        **instants(),
    )
    apart = workloads.with_columns(**_distances())
    return total.join(squares(apart, key, _DISTANCES), on=key, how="left").sort(key)


def _distances() -> dict[str, pl.Expr]:
    """How far each workload's bounds lie from its expected figure, nothing where it counts not."""
    low = pl.col("operations_expected") - pl.col("operations_low")
    high = pl.col("operations_high") - pl.col("operations_expected")
    likely, none = pl.col("training_probability").fill_null(0.0), pl.lit(0, pl.Int128)
    return {
        "low": low,
        "high": high,
        "training_low": pl.when(likely >= COUNTS_FROM["low"]).then(low).otherwise(none),
        "training_high": pl.when(likely >= COUNTS_FROM["high"]).then(high).otherwise(none),
    }


def _concluded(added_up: pl.DataFrame, correlations: Correlations) -> pl.DataFrame:
    """Turn whole numbers into the figures that are shown."""
    judged = pl.col("judged_ms").cast(pl.Float64)
    narrowed = {
        "operations_low": pl.col("operations_low") + spared("low", correlations),
        "operations_high": pl.col("operations_high") - spared("high", correlations),
        "training_operations_low": pl.col("training_operations_low")
        + spared("training_low", correlations),
        "training_operations_high": pl.col("training_operations_high")
        - spared("training_high", correlations),
    }
    device_ms = whole_first(pl.col("device_ppb_ms"))
    # in whole milliseconds, which may be more than a slice of a device held
    silent = pl.col("seconds_allocation") + pl.col("seconds_silence")
    return added_up.with_columns(
        **narrowed,
        **{name: pl.col(name).cast(pl.Float64) / 1000.0 for name in SECONDS},
        **{name: pl.col(name).cast(pl.Float64) for name in (*SAID_BY, "resource_ms")},
        training_probability=pl.when(judged > 0).then(pl.col("likely_ms") / judged),
        first_start=pl.coalesce("start_ms", "opened_ms").cast(INSTANT),
        last_end=pl.coalesce("end_ms", "opened_ms").cast(INSTANT),
        metered_since=pl.col("since_ms").cast(INSTANT),
        opening_operations_expected=pl.col("opening_operations"),
        device_ms=device_ms,
        opening_ms=whole_first(pl.col("opening_ppb_ms")),
        whole_ms=whole_first(pl.col("device_ppb_ms") + pl.col("opening_ppb_ms")),
    ).with_columns(
        accelerator_hours=hours(pl.col("whole_ms")),
        opening_hours=hours(pl.col("opening_ms")),
        silent_ratio=pl.when(pl.col("device_ms") > 0).then(
            pl.min_horizontal(silent * 1000.0 / pl.col("device_ms"), 1.0)
        ),
    )


def curves(cells: pl.DataFrame, correlations: Correlations = ONE_ERROR) -> pl.DataFrame:
    """Cumulate one scope's training operations over its buckets; no bound ever falls.

    Columns: as_of, id, start_ms, end_ms, low, expected, high (whole operations).
    """
    end = (pl.col("bucket").cast(pl.Int64) + pl.col("width_hours")) * HOUR_MS
    numbered, names = _numbered(cells)
    steps = (
        numbered.lazy()  # sums of whole numbers, in any order: lazy is faster
        .group_by("as_of", "id", "workload", end_of_bucket_ms=end)
        .agg(
            pl.col(*OPERATIONS, *TRAINING).sum(),
            pl.col("training_probability").first(),
            pl.col("tenant_id").min(),
            start_ms=pl.coalesce("start_ms", "opened_ms").min(),
            end_ms=pl.coalesce("end_ms", "opened_ms").max(),
        )
        .with_columns(**_distances())
        .collect()
    )
    bucket = ("as_of", "id", "end_of_bucket_ms")
    own = ("as_of", "id")
    grown = (
        steps.lazy()
        .group_by(bucket)
        .agg(pl.col(TRAINING).sum(), pl.col("start_ms").min(), last_ms=pl.col("end_ms").max())
        .collect()
        .sort(bucket)
        .with_columns(pl.col(TRAINING).cum_sum().over(own))
    )
    return _narrowed(grown, steps, bucket, correlations).select(
        "as_of",
        pl.col("id").cat.to(names).cast(pl.String),
        "start_ms",
        end_ms=pl.min_horizontal("end_of_bucket_ms", "last_ms"),
        low=pl.col("training_operations_low"),
        expected=pl.col("training_operations_expected"),
        high=pl.col("training_operations_high"),
    )


def _narrowed(
    grown: pl.DataFrame, steps: pl.DataFrame, bucket: Sequence[str], correlations: Correlations
) -> pl.DataFrame:
    """Narrow cumulated bounds by what different workloads do not share, where there are several."""
    *own, _ = bucket
    works = steps.select(pl.struct(*own, "workload").n_unique()).item()
    if works == steps.select(pl.struct(own).n_unique()).item():
        return grown
    apart = cumulated(steps, bucket, ("training_low", "training_high"))
    low = pl.col("training_operations_low") + spared("training_low", correlations)
    high = pl.col("training_operations_high") - spared("training_high", correlations)
    return grown.join(apart, on=bucket, how="left", maintain_order="left").with_columns(
        low.cum_max().over(own), high.cum_max().over(own)
    )


def _numbered(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.Enum]:
    """Write numbers for names, which sort and group faster; give the type that reads the ids.

    The numbers follow the order of the names, so that nothing depends on the order of the rows.
    """
    names = {c: pl.Enum(cells[c].unique().sort()) for c in ("id", "workload", "tenant_id")}
    numbers = [pl.col(c).cast(known).to_physical() for c, known in names.items()]
    return cells.with_columns(numbers), names["id"]


def parts_of(by_scope: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give every scope's sums in whole numbers, before they are concluded; see ``added``.

    ``by_scope``: ``spread``'s. Cells are summed once, to pieces that are spread in their turn.
    """
    holders = by_scope["owner"].select("as_of", "tenant_id", "segment", "owner_id").unique()
    own = spread(pieces(by_scope["tenant"]), holders)
    rows = [
        _added_up(pieces_by_workload(own[scope])).with_columns(scope=pl.lit(scope))
        for scope in SCOPES
    ]
    return pl.concat(rows).drop("as_of")


def spanning() -> pl.Expr:
    """Say which rows of ``parts_of`` or TOTALS may go on in other parts of the state."""
    return (pl.col("scope") == "cluster") | (pl.col("id") == UNATTRIBUTED)


def added(parts: Sequence[pl.DataFrame], correlations: Correlations = ONE_ERROR) -> pl.DataFrame:
    """Add ``parts_of`` of states that share no tenant: the rows of ``totals.csv``.

    Clusters and unattributed work may span the parts; every figure is as if there were one.
    """
    together = (
        pl.concat(parts)
        .group_by("scope", "id")
        .agg(
            pl.exclude("tenant_ids", *instants()).sum(),
            pl.col("tenant_ids").explode().unique().sort(),
            **instants(),
        )
    )
    shown = _concluded(together, correlations).with_columns(
        tenant_ids=pl.col("tenant_ids").list.join(";")
    )
    return shown.select(TOTALS).sort("scope", "id")


def totals(
    by_scope: Mapping[str, pl.DataFrame], correlations: Correlations = ONE_ERROR
) -> pl.DataFrame:
    """Give the rows of ``totals.csv``: TOTALS columns, sorted by scope and id."""
    return added([parts_of(by_scope)], correlations)
