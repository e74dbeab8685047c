"""Physics as expressions: units of the state, what a figure may be, peaks and operations.

Operations are dense, integer or floating point alike, one multiply-accumulate = 2. Peaks are dense
operations per second of one accelerator, from the accelerator catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from features.prior import Prior
from features.schema import TELEMETRY_AMOUNTS, TELEMETRY_RATIOS

HOUR_MS: Final = 3_600_000
DAY_HOURS: Final = 24
PPB: Final = 1_000_000_000
FINE_HORIZON_HOURS: Final = 45 * DAY_HOURS
PRECISIONS: Final = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8")
PRECISION_BITS: Final = dict(zip(PRECISIONS, (64, 32, 32, 16, 16, 8, 4, 8), strict=True))
BYTE_FIELDS: Final = tuple(f for f in TELEMETRY_AMOUNTS if f != "energy_j")
#: Whose figures weigh more; an absent vantage is the host's.
VANTAGE_TRUST: Final = {"host": 0, "bmc": 1, "bill": 2, "guest": 3}

#: The identifiers that say what hardware a strand is.
HARDWARE_FIELDS: Final = ("instance_type", "accelerator", "precision", "vantage")

#: Beyond these no accelerator or host exists: watts per accelerator, bytes per second and resource,
#: seconds per training step. A figure past them is dropped, and counted as impossible.
MAX_POWER_W: Final = 50_000.0
MAX_BYTES_PER_SECOND: Final = 1e15
MAX_STEP_PERIOD_S: Final = 86_400.0


def possible(field: str) -> pl.Expr:
    """Whether a telemetry figure is physically possible; null where it was not metered."""
    value = pl.col(f"telemetry.{field}")
    seconds = (pl.col("end") - pl.col("start")).dt.total_milliseconds() / 1000
    if field in TELEMETRY_RATIOS:
        ceiling = pl.lit(1.0)
    elif field == "step_period_s":
        ceiling = pl.lit(MAX_STEP_PERIOD_S)
    elif field in ("power_w", "power_w_std"):
        ceiling = pl.lit(MAX_POWER_W)
    elif field == "energy_j":
        ceiling = MAX_POWER_W * seconds
    else:
        ceiling = MAX_BYTES_PER_SECOND * seconds
    return (value >= 0) & (value <= ceiling)


def quantum(field: str) -> int:
    """How many integer steps of the state make one unit of a telemetry field."""
    if field in TELEMETRY_RATIOS:
        return 1_000_000
    return 1 if field in BYTE_FIELDS else 1_000_000 if field == "step_period_s" else 1_000


def cold_bucket(newest_hour: int) -> int:
    """Give the first hour bucket that is still fine when the newest event is of this hour.

    It follows event time, not the clock, so that totals stay a function of the events alone.
    """
    return newest_hour // DAY_HOURS * DAY_HOURS - FINE_HORIZON_HOURS


#: Hours of knowledge to look from: ``as_of`` and the ``cold`` bucket as it stood then.
MOMENTS: Final = pl.Schema({"as_of": pl.Int32(), "cold": pl.Int32()})


def moments(newest_hours: Mapping[int, int]) -> pl.DataFrame:
    """Make MOMENTS from hour of knowledge -> hour of the newest event known by it."""
    rows = [(hour, cold_bucket(newest)) for hour, newest in sorted(newest_hours.items())]
    return pl.DataFrame(rows, schema=MOMENTS, orient="row")


def hours(milliseconds: pl.Expr) -> pl.Expr:
    """Turn milliseconds into hours, row by row.

    A division by a constant is made by polars as a product with its reciprocal, and one hour
    would read 0.9999999999999999. A divisor in a column of its own is divided by as it stands.
    """
    return milliseconds / (milliseconds * 0 + float(HOUR_MS))


@dataclass(frozen=True)
class Catalogue:
    """The accelerator and instance catalogues (one row an alias) and the utilisation prior."""

    accelerators: pl.DataFrame
    instances: pl.DataFrame
    prior: Prior

    @cached_property
    def instance_specs(self) -> pl.DataFrame:
        """One row per instance type: what ``specify`` looks up by its name."""
        return self.instances.select(
            "alias_key",
            "network_kind",
            instance_sku="sku",
            catalogue_count="accelerator_count",
            network_gbit_s="network_gbit_per_second",
        ).unique("alias_key", keep="first", maintain_order=True)

    @cached_property
    def kinds(self) -> pl.DataFrame:
        """One row per accelerator kind, whatever it is called."""
        return self.accelerators.drop("alias_key").unique("sku", keep="first", maintain_order=True)


def alias_key(name: pl.Expr) -> pl.Expr:
    """Normalise a metered name for an exact catalogue lookup: case and white space only."""
    return name.str.strip_chars().str.to_lowercase().str.replace_all(r"\s+", " ")


def specify(strands: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Say what hardware each strand is: one row a strand, nulls where the catalogue knows nothing.

    Columns: ``strand``, ``tenant_id``, ``sku`` (candidates joined by `` | ``), ``catalogue_count``
    (accelerators per resource where only the instance type was metered), ``peak_low``,
    ``peak_expected`` (at the stated precision, else 16 bit), ``peak_16bit_low`` and
    ``peak_16bit_expected`` (least and mean over the candidates), ``peak_high`` (the most that the
    hardware can do at any precision its provider did not rule out), ``peak_8bit`` (mean over the
    candidates of what each does with 8-bit input, in the widest pipe that takes it), ``peak_any``
    (the most at any precision, whatever was claimed), ``tdp_w``, ``generation`` (the architecture,
    null where the candidates differ), ``network_gbit_s`` and ``network_kind`` (what joins the
    instance type to others), ``stated_bits`` (of the stated precision), ``service_class``,
    ``is_known``, ``trust`` (0 best), ``rank`` (which strand names the
    work when several meter one resource).
    """
    kinds = strands.select(HARDWARE_FIELDS).unique(maintain_order=True).with_row_index("kind")
    is_linked = pl.any_horizontal(pl.col("data_ref", "job_id").fill_null("") != "")
    return (
        strands.select(
            "strand", "tenant_id", "service_class", *HARDWARE_FIELDS, unlinked=~is_linked
        )
        .join(_specify_kinds(kinds, catalogue), on=HARDWARE_FIELDS, how="left", nulls_equal=True)
        .with_columns(
            rank=pl.col("unlinked").cast(pl.Int32) * 8 + pl.col("trust").cast(pl.Int32),
        )
        .drop("kind", "unlinked", *HARDWARE_FIELDS)
        .sort("strand")
    )


def _specify_kinds(kinds: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Say it of each distinct HARDWARE_FIELDS: there are few of them, however many strands."""
    keyed = kinds.with_columns(
        instance_key=alias_key(pl.col("instance_type")),
        accelerator_key=alias_key(pl.col("accelerator")),
        precision_column=pl.col("precision").fill_null("16bit"),
        trust=pl.col("vantage").fill_null("host").replace_strict(VANTAGE_TRUST, default=3),
    )
    with_instance = keyed.join(
        catalogue.instance_specs, left_on="instance_key", right_on="alias_key", how="left"
    )
    candidates = _candidates(with_instance, catalogue)
    peaks = candidates.group_by("kind").agg(
        sku=pl.col("sku").unique().sort().str.join(" | "),
        **_peak_aggregates(),
        tdp_w=pl.col("tdp_w").mean(),
        generation=pl.when(pl.col("family").n_unique() == 1).then(pl.col("family").first()),
    )
    none_carried = pl.col("accelerator").is_null() & (pl.col("catalogue_count") == 0)
    return with_instance.join(peaks, on="kind", how="left").select(
        "kind",
        *HARDWARE_FIELDS,
        "sku",
        "catalogue_count",
        *_peak_aggregates(),
        "tdp_w",
        "generation",
        "network_gbit_s",
        "network_kind",
        "trust",
        stated_bits=pl.col("precision").replace_strict(
            PRECISION_BITS, default=None, return_dtype=pl.Int32
        ),
        is_known=pl.col("peak_expected").is_not_null() | none_carried.fill_null(False),
    )


def _candidates(kinds: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Give one row per kind and catalogue row it may be; an instance type settles an alias."""
    columns = ["kind", "precision_column", "instance_sku", "trust"]
    by_alias = kinds.filter(pl.col("accelerator").is_not_null()).join(
        catalogue.accelerators, left_on="accelerator_key", right_on="alias_key", how="inner"
    )
    settles = (pl.col("sku") == pl.col("instance_sku")).fill_null(False)
    by_alias = by_alias.filter(settles | ~settles.any().over("kind"))
    by_instance = kinds.filter(pl.col("accelerator").is_null()).join(
        catalogue.kinds.with_columns(instance_sku=pl.col("sku")), on="instance_sku", how="inner"
    )
    peaks = [c for c in catalogue.kinds.columns if c.startswith("peak_")]
    columns += ["sku", "family", "tdp_w", *peaks]
    return pl.concat([by_alias.select(columns), by_instance.select(columns)])


def _peak_aggregates() -> dict[str, pl.Expr]:
    """Peaks of one kind over its candidates; the stated precision narrows only when trusted."""
    stated = pl.coalesce(
        [
            pl.when(pl.col("precision_column") == p).then(pl.col(f"peak_{p}"))
            for p in (*PRECISIONS, "16bit")
        ]
        + [pl.col("peak_16bit")]
    )
    most = pl.max_horizontal([f"peak_{p}" for p in PRECISIONS])
    is_settled = (pl.col("precision_column") != "16bit") & (pl.col("trust") <= 1)
    return {
        "peak_low": stated.min(),
        "peak_expected": stated.mean(),
        "peak_16bit_low": pl.col("peak_16bit").min(),
        "peak_16bit_expected": pl.col("peak_16bit").mean(),
        "peak_high": pl.when(is_settled).then(stated).otherwise(most).max(),
        "peak_8bit": pl.max_horizontal("peak_fp8", "peak_int8", "peak_16bit").mean(),
        "peak_any": most.max(),
        "peak_fp64": pl.col("peak_fp64").mean(),
        "peak_fp32": pl.col("peak_fp32").mean(),
    }
