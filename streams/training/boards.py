"""The boards that measured series come from: rated power and peak, as ``boards.csv`` has them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources

import polars as pl

from streams.simulation.families import Hardware


def board(accelerator: str, device_count: int = 1) -> Hardware:
    """Give a node of such boards, with nothing known of its networks.

    The peak is dense, at 16 bit, else at single precision, operations per second; not a number
    where it is not known.
    """
    tdp_w, peak = _figures()[accelerator]
    return Hardware(accelerator, f"node-{accelerator}", device_count, tdp_w, peak, 0.0, 1.0)


def nearest_board(highest_w: pl.Expr, names: Iterable[str]) -> pl.Expr:
    """Name the board whose rated power lies nearest to the highest reading of a run, in watts.

    For sets that mix boards and do not say which run was on which: work at full load reads about
    the rated power, at most a quarter more for a moment.
    """
    ratings = {name: _figures()[name][0] for name in names}
    distances = [(highest_w - tdp_w).abs() for tdp_w in ratings.values()]
    place = pl.concat_list(distances).list.arg_min()
    return place.replace_strict(dict(enumerate(ratings)), return_dtype=pl.String)


@cache
def _figures() -> dict[str, tuple[float, float]]:
    text = resources.files(__package__).joinpath("boards.csv").read_text("utf-8")
    return {
        row["accelerator"]: (
            float(row["tdp_w"]),
            float(row["peak_operations_per_second"] or "nan"),
        )
        for row in csv.DictReader(text.splitlines())
    }
