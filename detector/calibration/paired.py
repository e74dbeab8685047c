"""What power tells beside the count of accelerators, where one benchmark ran on several counts.

The work of one benchmark is the same per sample however many accelerators share it, so no
operations need to be known: benchmarks without language models teach here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from detector.calibration.names import resolve
from detector.calibration.power import log_busy
from features.prior import Prior


@dataclass(frozen=True)
class Pair:
    """One benchmark on the fewest and the most accelerators metered: differences in log10.

    ``seen``: of samples a second and accelerator; ``foretold``: of the prior's share, which knows
    the count and the hours; ``busy``: of busy power an accelerator.
    """

    benchmark: str
    devices: tuple[int, int]
    run_count: int
    seen: float
    foretold: float
    busy: float

    @property
    def exponent(self) -> float:
        """The exponent of busy power that explains what the count does not foretell."""
        return (self.seen - self.foretold) / self.busy


def paces(rows: pl.DataFrame, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Give (case_id, owner, benchmark, sku, devices, device_hours, pace) of benchmark runs.

    ``pace``: samples a second and accelerator, in the unit in which the benchmark counts them.
    """
    names = resolve(rows["accelerator_model"].drop_nulls().unique().to_list(), accelerators)
    sku = pl.col("accelerator_model").replace_strict(names, default=None, return_dtype=pl.String)
    count, length = pl.col("accelerators").cast(pl.Float64), pl.col("duration_s").cast(pl.Float64)
    return (
        rows.filter((pl.col("last_eval_count") > 0) & (length > 0))
        .select(
            "benchmark",
            case_id="run_id",
            owner="submitter",
            sku=sku,
            devices=count,
            device_hours=count * length / 3600.0,
            pace=pl.col("last_eval_count") / length / count,
        )
        .drop_nulls("sku")
        .sort("case_id")
    )


def pairs(metered: pl.DataFrame, prior: Prior) -> list[Pair]:
    """Compare the fewest with the most accelerators of each benchmark of one owner and kind.

    ``metered``: ``paces`` with ``power_ratio``.
    """
    keys = ["benchmark", "owner", "sku"]
    expected = prior.young.devices.effect(pl.col("devices"))
    hours = prior.young.device_hours.effect(pl.col("device_hours"))
    sizes = (
        metered.with_columns(
            told=expected + hours,
            pace=pl.col("pace").log10(),
            busy=pl.Series(log_busy(metered["power_ratio"].to_numpy())),
        )
        .group_by(*keys, "devices")
        .agg(pl.col("told", "pace", "busy").mean(), runs=pl.len())
        .sort(*keys, "devices")
    )
    return [
        Pair(
            str(key[0]),
            (int(ends["devices"][0]), int(ends["devices"][-1])),
            int(ends["runs"].sum()),
            *(float(ends[name][-1] - ends[name][0]) for name in ("pace", "told", "busy")),
        )
        for key, ends in sizes.group_by(keys, maintain_order=True)
        if ends.height > 1
    ]


def pairs_page(found: Sequence[Pair]) -> str:
    """Write the part of the page on power."""
    lines = [
        "Whether benchmarks without counted operations teach more: one benchmark on few and on",
        "many accelerators does the same work per sample, so paces stand for operations. *Seen*:",
        "by what the pace of an accelerator changes, log10; *foretold*: by what the prior says of",
        "count and hours (its line saw the runs of language models alone); *exponent*: of busy",
        "power, that would explain the rest.\n",
        "| benchmark | accelerators | runs | seen | foretold | busy power | exponent |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {p.benchmark} | {p.devices[0]} to {p.devices[1]} | {p.run_count} | {p.seen:+.3f} | "
        f"{p.foretold:+.3f} | {p.busy:+.3f} | {p.exponent:+.2f} |"
        for p in found
    ]
    middle = float(np.median([p.exponent for p in found])) if found else float("nan")
    lines.append(
        f"\nThe middle exponent is {middle:+.2f}. Where more accelerators draw less each, the "
        "count has told most\nof it already: these benchmarks bear no steeper response out."
    )
    return "\n".join(lines) + "\n"
