"""Power over design power of real work by set, for the page: whether its level tells the work.

One setting of one run a row; sets that give averages only are read here and nowhere else. They are
looked at, never fitted to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from streams.training.boards import board
from streams.training.power import SOURCE
from streams.training.tables import markdown_table

#: Where MLPerf's single nodes that train and those that serve part.
PART: Final = 0.75
_QUANTILES: Final = (0.1, 0.5, 0.9)
_ZEUS: Final = "zeus_dl_power/power.csv.gz"
_SERVED: Final = "mlenergy_inference/configs.csv.gz"
_BOARDS: Final = {"H100": "H100-SXM5-80GB", "B200": "B200-SXM"}


@dataclass(frozen=True)
class Levels:
    """What a set draws: power over design power at ``_QUANTILES``, and the share above PART."""

    title: str
    does: str
    row_count: int
    quantiles: tuple[float, ...]
    above_ratio: float


def power_levels(real: pl.DataFrame, data: Path) -> list[Levels]:
    """Give the levels of one node of each set that meters power, then of the sets of averages."""
    nodes = real.filter(pl.col("node_count") == 1, pl.col("power_ratio_mean").is_not_null())
    runs = nodes.group_by("source", "is_training", "group", maintain_order=True).agg(
        pl.col("power_ratio_mean").mean()
    )
    found = [
        _levels(str(source), "trains" if trains else "other", part["power_ratio_mean"])
        for (source, trains), part in runs.group_by("source", "is_training", maintain_order=True)
    ]
    if (data / _ZEUS).exists():
        found.append(_levels("Zeus, V100 and P100, no limit", "trains", zeus(data / _ZEUS)))
    if (data / _SERVED).exists():
        found += [
            _levels(f"ML.ENERGY, {name}", "other", served(data / _SERVED, name)) for name in _BOARDS
        ]
    return sorted(found, key=lambda each: (each.title != SOURCE, each.does, each.title))


def zeus(path: Path) -> pl.Series:
    """Give the power of each training at the highest limit of its board, over that limit."""
    limit = pl.col("power_limit")
    top = limit.max().over("gpu")
    return pl.read_csv(path).filter(limit == top).select(pl.col("average_power") / top).to_series()


def served(path: Path, gpu: str) -> pl.Series:
    """Give the power per board of each served setting on these boards, over their design power."""
    each = pl.col("avg_power_watts") / pl.col("num_gpus") / board(_BOARDS[gpu]).tdp_w
    rows = pl.read_csv(path, infer_schema_length=None)
    return rows.filter(pl.col("gpu_model") == gpu).select(each).to_series().drop_nulls()


def table(rows: Iterable[Levels]) -> str:
    """Write one row a set."""
    columns = ("set", "work", "runs or settings", "10 / 50 / 90 %", f"above {PART:g}")
    cells = (
        (
            *(row.title, row.does, row.row_count),
            *(" / ".join(f"{each:.2f}" for each in row.quantiles), f"{row.above_ratio:.2f}"),
        )
        for row in rows
    )
    return markdown_table(columns, cells, words=(0, 1))


def _levels(title: str, does: str, power: pl.Series) -> Levels:
    found = tuple(float(power.quantile(each) or 0.0) for each in _QUANTILES)
    above = float((power > PART).sum()) / len(power)
    return Levels(title, does, len(power), found, above)
