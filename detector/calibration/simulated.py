"""Made-up workloads with pipe counters: truth from steps, telemetry read off it with noise.

The truth is made apart from the estimator: a step executes so many operations at 16 and at 8 bit,
part of them again what was computed before; the step time follows from how fast each pipe ran.
Two truths are kept: what the pipes executed, which is what counters count, and the AI model's own
part of it. What is drawn, and from where, stands in ``Assumed`` and on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.judged import Judged
from detector.calibration.scores import Interval, Score, resampled
from detector.calibration.trials import START_HOUR, estimated
from features.compute import HOUR_MS, Catalogue
from features.schema import INSTANT

RUNS: Final = 200
#: Generations with both 16- and 8-bit pipes, and one without.
KINDS: Final = ("H100-SXM5-80GB", "A100-SXM4-80GB", "B200-SXM")
#: Nodes of a run, in step: each is metered by itself.
NODES: Final = 8
#: Minutes between samples: a provider's metering interval.
SAMPLE_MINUTES: Final = 15
#: What a lying counter reads, whatever runs: nothing, and for power the watts of an idle board.
LIE: Final = 0.0
IDLE_RATIO: Final = 0.1
#: Share of the operations of a run at 8 bit that are 8-bit work. At the least what explains the
#: smallest speed-up of a whole step that an open training stack publishes for it (1.16 to 1.36 with
#: gain): 2 x (1 - 1 / 1.16) = 0.28. At the most all but attention and the last layer.
WORK_IN_8BIT: Final = (0.3, 0.9)
#: Operations that an active pipe does of its peak: edges of tiles, short matrices, clocks.
EDGE: Final = (0.88, 1.0)
#: Seconds that the matrix pipes work in a second, and how much that moves from sample to sample.
ACTIVE: Final = (0.25, 0.75)
#: How much the power of boards differs that do the same work, as a standard deviation.
BOARD_SPREAD: Final = 0.05
#: Runs of this seed were not looked at while anything was chosen.
SEED: Final = 60_013


@dataclass(frozen=True)
class Assumed:
    """What is drawn from measured runs.

    ``recomputed``: algorithmic over executed operations, a row a run. ``stated_8bit_ratio``: share
    of published runs on chips with an 8-bit pipe that state 8-bit training.
    """

    recomputed: pl.Series
    stated_8bit_ratio: float


def assumed(cases: pl.DataFrame, recomputed: pl.Series, kinds: pl.DataFrame) -> Assumed:
    """Take from CASES how many of the published runs that could train at 8 bit say they did."""
    able = kinds.unique("sku").filter(pl.col("peak_fp8") > pl.col("peak_16bit")).select("sku")
    stated = cases.filter(population="published").join(able, on="sku", how="semi")["stated_bits"]
    return Assumed(recomputed, stated.to_list().count(8) / max(1, len(stated)))


@dataclass(frozen=True)
class Trial:
    """One way of metering the same runs.

    ``executed``: the median |log10| error of hardware operations against what was executed,
    ``executed_bias`` its median with its sign; ``within``: share of runs where it is at most 10 %.
    ``score``: the algorithmic figures against the AI model's own operations.
    """

    name: str
    executed: Interval
    executed_bias: float
    within: float
    score: Score


def trials(catalogue: Catalogue, drawn: Assumed, seed: int = SEED) -> list[Trial]:
    """Meter the same runs whole, with 30 % of samples missing, and with one counter that lies."""
    samples = runs(catalogue.accelerators.unique("sku"), drawn, seed)
    random = np.random.default_rng(seed + 1)
    missing = pl.Series(random.random(samples.height) < 0.3)
    late = pl.col("minute") >= pl.col("minute").max().over("case_id") / 2
    first, half = pl.col("node") == 0, pl.col("node") < NODES // 2
    ways = {
        "counters, use and power": samples.drop("precision"),
        "the same, the host states the precision": samples,
        "the same, 30 % of samples missing": samples.drop("precision").with_columns(
            pl.when(missing).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("tensor", "busy", "watts")
        ),
    }
    lies = {
        "the use counter reads nothing": {"busy": pl.lit(LIE)},
        "the power meter reads an idle board": {"watts": pl.col("rated") * IDLE_RATIO},
        "the tensor counter of one node in eight reads nothing": _dead(first),
        "the tensor counters of every second node read nothing": _dead(half),
        "all tensor counters die half-way": _dead(late),
        "all tensor counters read nothing": _dead(pl.lit(value=True)),
    }
    ways |= {name: samples.drop("precision").with_columns(**lie) for name, lie in lies.items()}
    return [_trial(name, metered, catalogue) for name, metered in ways.items()]


def _dead(where: pl.Expr) -> dict[str, pl.Expr]:
    return {"tensor": pl.when(where).then(LIE).otherwise(pl.col("tensor"))}


def runs(kinds: pl.DataFrame, drawn: Assumed, seed: int = SEED) -> pl.DataFrame:
    """Give a row a sample of a node: run, kind, devices, minute, pipe, use, watts, operations."""
    random = np.random.default_rng(seed)
    peaks = {r["sku"]: r for r in kinds.filter(pl.col("sku").is_in(KINDS)).iter_rows(named=True)}
    return pl.concat([_run(number, peaks, drawn, random) for number in range(RUNS)])


def _run(
    number: int, peaks: dict[str, dict[str, float]], drawn: Assumed, random: np.random.Generator
) -> pl.DataFrame:
    """Make one run: its own efficiency, precision mixture and recomputation, drifting a little."""
    sku = KINDS[int(random.integers(len(KINDS)))]
    wide, narrow = peaks[sku]["peak_16bit"], peaks[sku]["peak_fp8"] or 0.0
    devices = int(2 ** random.integers(3, 11))
    count = int(random.integers(16, 200))
    is_8bit = bool(random.random() < drawn.stated_8bit_ratio) and narrow > wide
    in_8bit = float(random.uniform(*WORK_IN_8BIT)) if is_8bit else 0.0
    algorithmic = float(random.choice(drawn.recomputed.sort().to_numpy()))
    active = np.clip(random.uniform(*ACTIVE) + random.normal(0, 0.03, count), 0.05, 0.95)
    pace = 1.0 / (in_8bit / (narrow or wide) + (1.0 - in_8bit) / wide)
    executed = active * random.uniform(*EDGE) * pace * devices / NODES * SAMPLE_MINUTES * 60.0
    rated, rows = peaks[sku]["tdp_w"], count * NODES
    shown, waiting = np.repeat(active, NODES), float(random.uniform(0.05, 0.2))
    boards = random.normal(1.0, BOARD_SPREAD, NODES)
    watts = np.tile(boards, count) * (0.2 + 0.95 * shown) + random.normal(0, 0.02, rows)
    return pl.DataFrame(
        {
            "case_id": f"run-{number:03}",
            "node": np.tile(np.arange(NODES), count),
            "sku": sku,
            "generation": str(peaks[sku]["family"]),
            "devices": devices // NODES,
            "minute": np.repeat(np.arange(count) * SAMPLE_MINUTES, NODES),
            "precision": "fp8" if is_8bit else "bf16",
            "tensor": np.clip(shown + random.normal(0, 0.01, rows), 0.0, 1.0),
            "busy": np.clip(shown + waiting, 0.0, 1.0),
            "watts": rated * np.clip(watts, 0.15, 1.0),
            "rated": rated,
            "executed": np.repeat(executed, NODES),
            "operations": np.repeat(executed * algorithmic, NODES),
        }
    )


def usage_of(samples: pl.DataFrame) -> pl.DataFrame:
    """Give the samples as usage data of the host's vantage."""
    start = pl.lit(START_HOUR * HOUR_MS, pl.Int64) + pl.col("minute") * 60_000
    stated = ["precision"] if "precision" in samples.columns else []
    return samples.select(
        *stated,
        tenant_id="case_id",
        resource_id=pl.format("{}-{}", "case_id", "node"),
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
        pl.col("operations", "executed").sum(), owner=pl.col("case_id").first()
    )
    found = estimated(usage_of(samples), catalogue, catalogue.prior)
    judged = Judged(truth.join(found, on="case_id", how="inner").sort("case_id"))
    errors = judged.cases.select((pl.col("hardware") / pl.col("executed")).log10())
    sizes = errors.to_series().abs().to_numpy()
    return Trial(
        name,
        resampled(sizes, judged.groups, seed=1, is_median=True),
        float(np.median(errors.to_series().to_numpy())),
        float(np.mean(sizes <= np.log10(1.1))),
        judged.score(),
    )
