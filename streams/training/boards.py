"""The boards that measured series come from: rated power and peak, as ``boards.csv`` has them."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from streams.simulation.families import Hardware


def board(accelerator: str, device_count: int = 1) -> Hardware:
    """Give a node of such boards, with nothing known of its networks.

    The peak is dense, at 16 bit, else at single precision, operations per second; not a number
    where it is not known.
    """
    tdp_w, peak = _figures()[accelerator]
    return Hardware(accelerator, f"node-{accelerator}", device_count, tdp_w, peak, 0.0, 1.0)


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
