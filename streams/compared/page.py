"""The comparison as tables, pictures and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.svg import Range, ranges
from streams.compared.statistics import QUANTILES, Shape

REAL, SIMULATED = 0, 1
#: How far two figures may be apart before the page says so.
FAR: Final = {"mean": 0.15, "deviation within a series": 0.10, "memory": 0.40, "togetherness": 0.40}
_RATIO_TICKS: Final = tuple((n / 5, f"{n / 5:.1f}") for n in range(6))


@dataclass(frozen=True)
class Compared:
    """One real set and its simulated counterpart in one figure (``power`` or ``util``)."""

    title: str
    family: str
    step_s: int
    figure: str
    real: Shape
    simulated: Shape


@dataclass(frozen=True)
class Jobs:
    """Sizes and lengths of the jobs of one set (``JOBS``)."""

    title: str
    series: int
    jobs: pl.DataFrame


def series_table(rows: Sequence[Compared]) -> str:
    """Write two lines a set: the real series, then the simulated ones."""
    head = (
        "| figure, set | runs / series / readings | mean | 10 / 50 / 90 % | within | memory "
        "| together | swing |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    lines = [head]
    for row in rows:
        lines.append(_shape_line(f"{row.figure}: {row.title} ({row.step_s} s)", row.real))
        lines.append(_shape_line(f"— simulated `{row.family}`", row.simulated))
    return "\n".join(lines)


def jobs_table(rows: Sequence[Jobs]) -> str:
    """Write one line a set: devices and hours at a few quantiles."""
    head = (
        "| jobs | n | devices, 10 / 50 / 90 / 99 % | hours, 10 / 50 / 90 / 99 % |\n"
        "|---|---:|---:|---:|"
    )
    lines = [head]
    for row in rows:
        cells = [
            " / ".join(
                f"{value:.3g}" for value in _quantiles(row.jobs[name], (0.1, 0.5, 0.9, 0.99))
            )
            for name in ("devices", "hours")
        ]
        lines.append(f"| {row.title} | {row.jobs.height} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def bursts_table(rows: Sequence[tuple[str, int, float, float]]) -> str:
    """Write (trace, values, seconds a value, deviation over mean) of request rates."""
    head = "| requests | values | seconds each | deviation / mean |\n|---|---:|---:|---:|"
    return "\n".join([head, *(f"| {t} | {n} | {s:g} | {d:.2f} |" for t, n, s, d in rows)])


def differences(rows: Sequence[Compared]) -> str:
    """Say in sentences where real and simulated figures lie far apart."""
    told = [sentence for row in rows for sentence in _far(row)]
    limits = ", ".join(f"{name} {limit:.2f}" for name, limit in FAR.items())
    head = f"Further apart than {limits}:"
    return "\n".join([head, *told]) if told else f"Nothing is further apart than {limits}."


def picture(title: str, rows: Sequence[Compared]) -> str:
    """Draw the middle four fifths of the readings of each set, real above simulated."""
    drawn = []
    for row in rows:
        drawn.append(_range(row.title, row.real, REAL))
        drawn.append(_range(f"simulated {row.family}", row.simulated, SIMULATED))
    return ranges(title, "10 to 90 % of the readings, dot: median", drawn, _RATIO_TICKS)


def jobs_picture(title: str, column: str, rows: Sequence[Jobs]) -> str:
    """Draw the middle four fifths of the sizes or lengths of jobs, on a logarithmic axis."""
    drawn = []
    for row in rows:
        low, middle, high = (log10(value) for value in _quantiles(row.jobs[column], QUANTILES))
        drawn.append(Range(row.title, low, middle, high, row.series))
    least = int(np.floor(min(each.low for each in drawn)))
    most = int(np.ceil(max(each.high for each in drawn)))
    ticks = [(float(n), f"1e{n}") for n in range(least, most + 1)]
    return ranges(title, "10 to 90 % of the jobs, dot: median", drawn, ticks)


def _far(row: Compared) -> list[str]:
    real, simulated = row.real, row.simulated
    pairs = {
        "mean": (real.mean, simulated.mean),
        "deviation within a series": (real.within, simulated.within),
        "memory": (real.memory, simulated.memory),
        "togetherness": (real.together, simulated.together),
    }
    return [
        f"- {row.title}, {row.figure}: {name} {one:.2f}, simulated {other:.2f}."
        for name, (one, other) in pairs.items()
        if one is not None and other is not None and abs(one - other) > FAR[name]
    ]


def _range(name: str, shape: Shape, series: int) -> Range:
    low, middle, high = shape.quantiles
    return Range(name, low, middle, high, series)


def _shape_line(title: str, shape: Shape) -> str:
    spread = " / ".join(f"{value:.2f}" for value in shape.quantiles)
    counts = f"{shape.runs:,} / {shape.series:,} / {shape.readings:,}"
    rest = " | ".join(
        "-" if value is None else f"{value:.2f}"
        for value in (shape.within, shape.memory, shape.together, shape.swing)
    )
    return f"| {title} | {counts} | {shape.mean:.2f} | {spread} | {rest} |"


def _quantiles(values: pl.Series, at: Sequence[float]) -> list[float]:
    return [float(value) for value in np.quantile(values.drop_nulls().to_numpy(), at)]
