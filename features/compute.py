"""Physics as expressions: units of the state, what a figure may be, peaks and operations.

Operations are dense, integer or floating point alike, one multiply-accumulate = 2. Peaks are dense
operations per second of one accelerator, from the accelerator catalogue.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Final

import polars as pl

from features.names import LINK_RATES, PODS, SLICES, Names
from features.physics import Physics
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
#: Vantages trusted this much or better are the provider's own: host and bmc.
PROVIDER_TRUST: Final = 1
#: The trust of the bmc, whose power is read at the plug, with host, fans and losses in it.
WALL_TRUST: Final = VANTAGE_TRUST["bmc"]

#: The identifiers that say what hardware a strand is.
HARDWARE_FIELDS: Final = ("instance_type", "accelerator", "precision", "vantage")

#: Beyond these no accelerator or host exists: watts per accelerator, bytes per second and resource,
#: seconds per training step. A figure past them is dropped, and counted as impossible.
MAX_POWER_W: Final = 50_000.0
#: Nor does an accelerator that is switched on draw less than this, at rest either.
MIN_POWER_W: Final = 2.0
MAX_BYTES_PER_SECOND: Final = 1e15
MAX_STEP_PERIOD_S: Final = 86_400.0


def limit(field: str) -> float:
    """Give the most that a telemetry figure can be; of an amount, the most of it a second."""
    if field in TELEMETRY_RATIOS:
        return 1.0
    if field == "step_period_s":
        return MAX_STEP_PERIOD_S
    return MAX_BYTES_PER_SECOND if field in BYTE_FIELDS else MAX_POWER_W


def least(field: str) -> float:
    """Give the least that a telemetry figure can be; of an amount, the least of it a second."""
    return MIN_POWER_W if field in ("power_w", "energy_j") else 0.0


def possible(field: str) -> pl.Expr:
    """Whether a telemetry figure is physically possible; null where it was not metered."""
    value = pl.col(f"telemetry.{field}")
    seconds = (pl.col("end") - pl.col("start")).dt.total_milliseconds() / 1000
    per = seconds if field in TELEMETRY_AMOUNTS else pl.lit(1.0)
    return (value >= least(field) * per) & (value <= limit(field) * per)


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


def as_known(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Give the rows as they were known at each of the moments: with ``as_of`` and ``cold``.

    ``rows`` have ``strand`` and ``hour``, the first hour of knowledge that may know them.
    ``known``: MOMENTS; with a column ``strand``, who is looked at when, else everybody always is.
    """
    if "strand" in known.columns:
        at_each = rows.join(known, on="strand", how="inner")
    else:
        at_each = rows.join(known, how="cross")
    return at_each.filter(pl.col("hour") <= pl.col("as_of"))


def added(terms: Iterable[pl.Expr]) -> pl.Expr:
    """Add fractions up from the left; null counts as 0.

    ``pl.sum_horizontal`` adds in an order that the number of threads decides, and with it the last
    digit. Of whole numbers it does as well.
    """
    return reduce(operator.add, (term.fill_null(0.0) for term in terms))


def held_ppb() -> pl.Expr:
    """Give the accelerators of one resource, in parts per 10^9: as stated, else as its type has.

    Reads ``devices`` and ``fraction_ppb`` of the coverage and ``catalogue_count`` of the specs; 0
    where nobody knows.
    """
    return pl.coalesce(
        pl.col("devices") * pl.col("fraction_ppb"),
        (pl.col("catalogue_count") * pl.col("fraction_ppb")).round().cast(pl.Int64),
        pl.lit(0, pl.Int64),
    )


def hours(milliseconds: pl.Expr) -> pl.Expr:
    """Turn milliseconds into hours, row by row.

    A division by a constant is made by polars as a product with its reciprocal, and one hour
    would read 0.9999999999999999. A divisor in a column of its own is divided by as it stands.
    """
    return milliseconds / (milliseconds * 0 + float(HOUR_MS))


@dataclass(frozen=True)
class Catalogue:
    """The accelerator and instance catalogues (one row an alias), the utilisation prior, limits.

    ``slices`` and ``pods``: how the names of parts of a device and of pods are read.
    ``link_rates``: what the links of a kind carry.
    """

    accelerators: pl.DataFrame
    instances: pl.DataFrame
    prior: Prior
    physics: Physics

    slices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SLICES))
    pods: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PODS))
    link_rates: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINK_RATES))

    @cached_property
    def names(self) -> Names:
        """What the metered names are looked up in."""
        return Names(self.accelerators, self.instances, self.slices, self.pods)


def specify(strands: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Say what hardware each strand is: one row a strand, nulls where the catalogue knows nothing.

    Columns: ``strand``, ``tenant_id``, ``sku`` (candidates joined by `` | ``), ``catalogue_count``
    (accelerators per resource where only the instance type was metered), ``peak_low``,
    ``peak_expected`` (at the stated precision, else 16 bit), ``peak_believed`` (the same, but that
    of 16 bit where its provider did not see a precision that does less), ``peak_16bit_low``,
    ``peak_16bit_expected`` and ``peak_16bit_high``, ``peak_high`` (the most that the hardware can
    do at any precision its provider did not rule out), ``peak_8bit`` (what it does with 8-bit
    input, in the widest pipe that takes it), ``peak_any`` (the most at any precision, whatever was
    claimed), ``tdp_w``, ``generation`` (the architecture, null where the candidates differ),
    ``slice_fraction`` (the share of one device that the name itself states, null where it states
    none), ``network_gbit_s`` and ``network_kind`` (what joins the instance type to others),
    ``stated_bits`` (of the stated precision), ``service_class``, ``is_known``, ``trust`` (0 best),
    ``rank`` (which strand names the work when several meter one resource). Low, high and any are
    taken over all a name may mean, what is expected is the mean over what it most often means.
    """
    kinds = strands.select(HARDWARE_FIELDS).unique(maintain_order=True).with_row_index("kind")
    is_linked = pl.any_horizontal(pl.col("data_ref", "job_id").fill_null("") != "")
    return (
        strands.select(
            "strand", "tenant_id", "service_class", *HARDWARE_FIELDS, unlinked=~is_linked
        )
        .join(
            specify_kinds(kinds, catalogue.names), on=HARDWARE_FIELDS, how="left", nulls_equal=True
        )
        .with_columns(
            rank=pl.col("unlinked").cast(pl.Int32) * 8 + pl.col("trust").cast(pl.Int32),
        )
        .drop("kind", "unlinked", *HARDWARE_FIELDS)
        .sort("strand")
    )


def specify_kinds(kinds: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Say it of each distinct HARDWARE_FIELDS: there are few of them, however many strands.

    ``kinds`` has these and ``kind``, a row number.
    """
    keyed = kinds.with_columns(
        precision_column=pl.col("precision").fill_null("16bit"),
        trust=pl.col("vantage").fill_null("host").replace_strict(VANTAGE_TRUST, default=3),
    )
    with_instance = names.with_instances(keyed)
    meant = pl.col("sku", "tdp_w", "family").filter(~pl.col("is_loose"))
    peaks = (
        names.candidates(with_instance)
        .with_columns(**_peaks())
        .group_by("kind")
        .agg(meant, pl.col("slice_fraction").min(), **_peak_aggregates())
        .with_columns(
            sku=pl.col("sku").list.unique().list.sort().list.join(" | "),
            tdp_w=pl.col("tdp_w").list.mean(),
            generation=pl.when(pl.col("family").list.n_unique() == 1).then(
                pl.col("family").list.first()
            ),
        )
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
        "slice_fraction",
        "network_gbit_s",
        "network_kind",
        "trust",
        stated_bits=pl.col("precision").replace_strict(
            PRECISION_BITS, default=None, return_dtype=pl.Int32
        ),
        is_known=pl.col("peak_expected").is_not_null() | none_carried.fill_null(False),
    )


def _peaks() -> dict[str, pl.Expr]:
    """Peaks of one candidate; the stated precision narrows the high only when trusted.

    A precision for which the device has no pipe runs in another: 4-bit weights at 8 or 16 bit. It
    narrows nothing, whoever states it.
    """
    own = pl.coalesce(
        [
            pl.when(pl.col("precision_column") == p).then(pl.col(f"peak_{p}"))
            for p in (*PRECISIONS, "16bit")
        ]
    )
    most = pl.max_horizontal([f"peak_{p}" for p in PRECISIONS])
    is_own = pl.col("trust") <= PROVIDER_TRUST
    is_settled = (pl.col("precision_column") != "16bit") & is_own
    stated = pl.coalesce(own, "peak_16bit")
    return {
        "stated": stated,
        "believed": pl.when(is_own).then(stated).otherwise(pl.max_horizontal(stated, "peak_16bit")),
        "most": most,
        "peak_high": pl.when(is_settled & own.is_not_null()).then(own).otherwise(most),
        "peak_8bit": pl.max_horizontal("peak_fp8", "peak_int8", "peak_16bit"),
    }


def _peak_aggregates() -> dict[str, pl.Expr]:
    """Least and most over all a name may mean; the mean over what it most often means."""
    meant = ~pl.col("is_loose")
    return {
        "peak_low": pl.col("stated").min(),
        "peak_expected": pl.col("stated").filter(meant).mean(),
        "peak_believed": pl.col("believed").filter(meant).mean(),
        "peak_16bit_low": pl.col("peak_16bit").min(),
        "peak_16bit_expected": pl.col("peak_16bit").filter(meant).mean(),
        "peak_16bit_high": pl.col("peak_16bit").max(),
        "peak_high": pl.col("peak_high").max(),
        "peak_8bit": pl.col("peak_8bit").filter(meant).mean(),
        "peak_any": pl.col("most").max(),
        "peak_fp64": pl.col("peak_fp64").filter(meant).mean(),
        "peak_fp32": pl.col("peak_fp32").filter(meant).mean(),
    }
