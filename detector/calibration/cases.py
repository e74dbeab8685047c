"""Measured runs as cases: what a provider could see of a run, and what it really did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.calibration.names import resolve

Floats = NDArray[np.float64]

#: One measured run. ``population``: published (months, elapsed or billed time), benchmark
#: (minutes to hours, tuned) or ordinary (rows of throughput tables, read as short runs).
#: ``group``: runs that are left out together. ``devices`` at once and ``age_hours`` are null where
#: not public; ``device_hours`` never are. ``share``: operations per (device hours x 3600 x
#: ``peak_16bit``). ``told_on``: when a long run was published, null of others.
#: ``confidence``: how sure whoever compiled the row is of it, null where not said.
CASES: Final = pl.Schema(
    {
        "population": pl.String,
        "case_id": pl.String,
        "owner": pl.String,
        "group": pl.String,
        "configuration": pl.String,
        "round": pl.String,
        "sku": pl.String,
        "generation": pl.String,
        "devices": pl.Float64,
        "age_hours": pl.Float64,
        "device_hours": pl.Float64,
        "stated_bits": pl.Int32,
        "told_on": pl.Date,
        "operations": pl.Float64,
        "peak_16bit": pl.Float64,
        "share": pl.Float64,
        "confidence": pl.String,
    }
)
#: How the table writes that operations are a rate, stated or measured, times the hours.
TIMED: Final = "x time"
_BITS: Final = {"fp64": 64, "fp32": 32, "tf32": 32, "fp16": 16, "bf16": 16, "fp8": 8, "fp4": 4}


def published_cases(rows: pl.DataFrame, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Give CASES of the published runs with metered hours and independently known operations.

    Where the only figure of operations is a rate times the hours, it says nothing of these hours:
    such a row is left out, as rows are that the table itself calls circular.
    """
    kinds = accelerators.unique("sku").select("sku", generation="family", peak_16bit="peak_16bit")
    is_counted = pl.col("compute_6nd_flop").is_not_null()
    is_timed = pl.col("published_flop_basis").fill_null("").str.contains(TIMED, literal=True)
    usable = (
        (pl.col("hours_kind") == "metered")
        & pl.col("implied_utilisation_16bit_basis").is_not_null()
        & (is_counted | ~is_timed)
    )
    count = pl.col("chip_count").cast(pl.Float64, strict=False)
    hours = pl.col("chip_hours").cast(pl.Float64)
    full = (
        rows.filter(usable)
        .join(kinds, left_on="chip_sku", right_on="sku", how="inner")
        .with_columns(
            population=pl.lit("published"),
            case_id=pl.col("model"),
            owner=pl.col("developer"),
            group=pl.col("developer"),
            configuration=pl.col("model"),
            round=pl.lit("published"),
            sku=pl.col("chip_sku"),
            devices=count,
            age_hours=pl.coalesce(
                pl.col("wall_clock_hours").cast(pl.Float64, strict=False), hours / count
            ),
            device_hours=hours,
            stated_bits=pl.col("precision").replace_strict(
                _BITS, default=None, return_dtype=pl.Int32
            ),
            told_on=pl.col("publication_date").cast(pl.String).str.to_date(strict=False),
            operations=pl.col("independent_flop").cast(pl.Float64),
        )
    )
    return _shared(full)


def benchmark_cases(rows: pl.DataFrame, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Give CASES of the benchmark runs whose trained tokens, and so operations, are stated."""
    kinds = accelerators.unique("sku").select("sku", generation="family", peak_16bit="peak_16bit")
    counted = rows.filter(pl.col("train_flop_6nd") > 0)
    names = resolve(counted["accelerator_model"].unique().to_list(), accelerators)
    sku = pl.col("accelerator_model").replace_strict(names, default=None, return_dtype=pl.String)
    count = pl.col("accelerators").cast(pl.Float64)
    hours = pl.col("duration_s") / 3600.0
    full = (
        counted.with_columns(sku=sku)
        .join(kinds, on="sku", how="inner")
        .with_columns(
            population=pl.lit("benchmark"),
            case_id=pl.col("run_id"),
            owner=pl.col("submitter"),
            group=pl.concat_str("submitter", "benchmark", separator="|"),
            configuration=pl.concat_str("round", "submitter", "system", "benchmark", separator="|"),
            devices=count,
            age_hours=hours,
            device_hours=count * hours,
            stated_bits=pl.lit(None, pl.Int32),
            told_on=pl.lit(None, pl.Date),
            confidence=pl.lit(None, pl.String),
            operations=pl.col("train_flop_6nd").cast(pl.Float64),
        )
    )
    return _shared(full)


#: A throughput table tells no length: each row stands for runs of an hour and of a working day.
ORDINARY_HOURS: Final = (1.0, 8.0)


def ordinary_cases(rows: pl.DataFrame, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Give CASES of a throughput table of 16-bit training (``GPU``, ``# GPUs``, ``MFU`` in %).

    They stand for what ordinary tenants do in a few hours with an open training stack, untuned.
    """
    kinds = accelerators.unique("sku").select("sku", generation="family", peak_16bit="peak_16bit")
    names = resolve(rows["GPU"].unique().to_list(), accelerators)
    sku = pl.col("GPU").replace_strict(names, default=None, return_dtype=pl.String)
    count, hours = pl.col("# GPUs").cast(pl.Float64), pl.col("age_hours")
    full = (
        rows.with_columns(sku=sku)
        .with_row_index("row")
        .join(kinds, on="sku", how="inner")
        .join(pl.DataFrame({"age_hours": ORDINARY_HOURS}), how="cross")
        .with_columns(
            population=pl.lit("ordinary"),
            case_id=pl.format("table-{}-{}", "row", "age_hours"),
            owner=pl.lit("throughput tables"),
            group=pl.lit("throughput tables"),
            configuration=pl.format("table-{}", "row"),
            round=pl.lit("throughput tables"),
            devices=count,
            device_hours=count * hours,
            stated_bits=pl.lit(None, pl.Int32),
            told_on=pl.lit(None, pl.Date),
            confidence=pl.lit(None, pl.String),
            operations=pl.col("MFU") / 100.0 * count * hours * 3600.0 * pl.col("peak_16bit"),
        )
    )
    return _shared(full)


def _shared(full: pl.DataFrame) -> pl.DataFrame:
    spent = pl.col("device_hours") * 3600.0 * pl.col("peak_16bit")
    return (
        full.filter(pl.col("peak_16bit").is_not_null())
        .with_columns(share=pl.col("operations") / spent)
        .select(pl.col(name).cast(dtype) for name, dtype in CASES.items())
        .sort("case_id", "device_hours")
    )


@dataclass(frozen=True)
class Sample:
    """Cases as arrays of one length: log10 of share, device hours, devices (NaN unknown)."""

    log_share: Floats
    log_hours: Floats
    log_devices: Floats
    generation: NDArray[np.str_]
    group: NDArray[np.str_]
    weight: Floats

    def __len__(self) -> int:
        return len(self.log_share)

    def take(self, chosen: NDArray[np.bool_]) -> Sample:
        """Give the cases where ``chosen`` is true."""
        return Sample(
            self.log_share[chosen],
            self.log_hours[chosen],
            self.log_devices[chosen],
            self.generation[chosen],
            self.group[chosen],
            self.weight[chosen],
        )


#: A long run is young first: so many hours of it at a share so many times that of its old age.
#: The middle of the two ages, and the ratio of the centres of the two regimes.
LEAD_HOURS: Final = 20.0
LEAD_RATIO: Final = 2.2
#: Age of a long run where it is not public: the middle of those that are.
USUAL_AGE_HOURS: Final = 600.0
#: Over a run that grows evenly, the mean of log10(hours so far) is that of the whole less this.
GROWTH: Final = float(np.log10(np.e))


def sample(cases: pl.DataFrame) -> Sample:
    """Turn CASES into arrays; every configuration weighs one, however often it ran.

    The prior speaks of the hours so far and a run's figure is a mean over its life: long runs are
    placed at the mean of their growth, and what they did while young is taken off.
    """
    runs = cases.with_columns(weight=1.0 / pl.len().over("configuration"))
    is_long = (runs["population"] == "published").cast(pl.Float64).to_numpy()
    growth = is_long * GROWTH
    age = runs["age_hours"].fill_null(USUAL_AGE_HOURS).to_numpy()
    lead = is_long * np.log10(1.0 + LEAD_HOURS / age * (LEAD_RATIO - 1.0))
    return Sample(
        runs["share"].log10().to_numpy() - lead,
        runs["device_hours"].log10().to_numpy() - growth,
        runs["devices"].log10().fill_null(float("nan")).to_numpy(),
        runs["generation"].to_numpy().astype(np.str_),
        runs["group"].to_numpy().astype(np.str_),
        runs["weight"].to_numpy(),
    )
