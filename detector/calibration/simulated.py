"""Made-up workloads with pipe counters: truth from steps, telemetry read off it with noise.

The truth is made apart from the estimator: a step executes so many operations at 16 and at 8 bit,
part of them again what was computed before; the step time follows from how fast each pipe ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.judged import Judged
from detector.calibration.scores import Score
from detector.calibration.trials import START_HOUR, estimated
from features.compute import HOUR_MS, Catalogue
from features.schema import INSTANT

RUNS: Final = 200
#: Generations with both 16- and 8-bit pipes, and one without.
KINDS: Final = ("H100-SXM5-80GB", "A100-SXM4-80GB", "B200-SXM")
#: Minutes between samples: a provider's metering interval.
SAMPLE_MINUTES: Final = 15
#: A lying counter reads this, whatever runs.
LIE: Final = 0.0


@dataclass(frozen=True)
class Trial:
    """One way of metering the same runs. ``within``: share of runs whose error is at most 10 %."""

    name: str
    score: Score
    within: float


def trials(catalogue: Catalogue, recomputed: pl.Series) -> list[Trial]:
    """Meter the same runs whole, with 30 % of samples missing, and with one counter that lies.

    ``recomputed``: measured algorithmic over executed operations, to draw from.
    """
    samples = runs(catalogue.accelerators.unique("sku"), recomputed)
    random = np.random.default_rng(23)
    missing = pl.Series(random.random(samples.height) < 0.3)
    lying = samples.with_columns(tensor=pl.lit(LIE))
    thinned = samples.with_columns(
        pl.when(missing).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("tensor", "busy", "watts")
    )
    return [
        _trial("counters, use and power", samples, catalogue),
        _trial("the same, 30 % of samples missing", thinned, catalogue),
        _trial("the same, the tensor counter reads nothing", lying, catalogue),
    ]


def runs(kinds: pl.DataFrame, recomputed: pl.Series) -> pl.DataFrame:
    """Give a row a sample: run, kind, devices, minute, pipe activity, use, watts, operations."""
    random = np.random.default_rng(11)
    peaks = {r["sku"]: r for r in kinds.filter(pl.col("sku").is_in(KINDS)).iter_rows(named=True)}
    shares = recomputed.sort().to_numpy()
    parts = [_run(number, peaks, shares, random) for number in range(RUNS)]
    return pl.concat(parts)


def _run(
    number: int,
    peaks: dict[str, dict[str, float]],
    shares: np.ndarray,
    random: np.random.Generator,
) -> pl.DataFrame:
    """Make one run: its own efficiency, precision mixture and recomputation, drifting a little."""
    sku = KINDS[int(random.integers(len(KINDS)))]
    wide, narrow = peaks[sku]["peak_16bit"], peaks[sku]["peak_fp8"] or 0.0
    devices = int(2 ** random.integers(3, 11))
    count = int(random.integers(16, 200))
    in_8bit = float(random.choice([0.0, 0.0, random.uniform(0.3, 0.8)])) if narrow else 0.0
    algorithmic = float(random.choice(shares))
    # Seconds that the matrix pipes of a device work in a second of wall time.
    active = np.clip(random.uniform(0.25, 0.75) + random.normal(0, 0.03, count), 0.05, 0.95)
    # An active pipe does a little less than its peak: edges of tiles, short matrices.
    edge = random.uniform(0.88, 1.0)
    pace = 1.0 / (in_8bit / (narrow or wide) + (1.0 - in_8bit) / wide)
    executed = active * edge * pace * devices * SAMPLE_MINUTES * 60.0
    rated = peaks[sku]["tdp_w"]
    watts = rated * np.clip(0.2 + 0.95 * active + random.normal(0, 0.02, count), 0.15, 1.0)
    return pl.DataFrame(
        {
            "case_id": f"run-{number:03}",
            "sku": sku,
            "generation": str(peaks[sku]["family"]),
            "devices": devices,
            "minute": np.arange(count) * SAMPLE_MINUTES,
            "tensor": np.clip(active + random.normal(0, 0.01, count), 0.0, 1.0),
            "busy": np.clip(active + random.uniform(0.05, 0.2), 0.0, 1.0),
            "watts": watts,
            "executed": executed,
            "operations": executed * algorithmic,
        }
    )


def usage_of(samples: pl.DataFrame) -> pl.DataFrame:
    """Give the samples as usage data of the host's vantage."""
    start = pl.lit(START_HOUR * HOUR_MS, pl.Int64) + pl.col("minute") * 60_000
    return samples.select(
        tenant_id="case_id",
        resource_id="case_id",
        job_id="case_id",
        accelerator="sku",
        accelerator_count=pl.col("devices").cast(pl.Int64),
        start=start.cast(INSTANT),
        end=(start + SAMPLE_MINUTES * 60_000).cast(INSTANT),
        **{
            "telemetry.tensor_active": pl.col("tensor"),
            "telemetry.sm_active": pl.col("busy"),
            "telemetry.power_w": pl.col("watts"),
        },
    )


def _trial(name: str, samples: pl.DataFrame, catalogue: Catalogue) -> Trial:
    truth = samples.group_by("case_id").agg(
        pl.col("operations").sum(), owner=pl.col("case_id").first()
    )
    found = estimated(usage_of(samples), catalogue, catalogue.prior)
    judged = Judged(truth.join(found, on="case_id", how="inner").sort("case_id"))
    within = float(np.mean(np.abs(judged.errors) <= np.log10(1.1)))
    return Trial(name, judged.score(), within)
