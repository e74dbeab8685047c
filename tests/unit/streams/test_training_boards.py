"""The boards of measured series have the figures of the accelerator catalogue where it has them."""

from __future__ import annotations

import math

import polars as pl

from streams.training.boards import board, nearest_board
from tests.support.shipped_catalogue import shipped_catalogue
from tests.support.subjects import ROOT

#: Boards of the series that the catalogue has no row of the same name for.
ELSEWHERE = ("K80 half", "Titan X", "unnamed")


def test_a_board_draws_and_does_what_the_catalogue_says() -> None:
    kinds = shipped_catalogue().accelerators.unique("sku").select("sku", "tdp_w", "peak_16bit")
    table = pl.read_csv(ROOT / "streams/training/boards.csv").filter(
        ~pl.col("accelerator").is_in(ELSEWHERE)
    )
    known = {name: (tdp_w, peak) for name, tdp_w, peak in kinds.iter_rows()}
    assert table.height == 8
    for name in table["accelerator"]:
        found = board(name)
        assert (found.tdp_w, found.peak_operations_per_second) == known[name]


def test_a_node_has_the_boards_asked_for_and_a_peak_nobody_knows_is_no_number() -> None:
    node = board("H100-SXM5-80GB", 8)
    assert (node.accelerator, node.instance_type, node.device_count) == (
        "H100-SXM5-80GB",
        "node-H100-SXM5-80GB",
        8,
    )
    assert math.isnan(board("unnamed").peak_operations_per_second)


def test_a_run_was_on_the_board_whose_rated_power_its_highest_reading_comes_nearest_to() -> None:
    readings = pl.DataFrame({"highest": [33.5, 241.4, 308.3, 324.9, 325.1, 460.2]})
    names = ("A100-PCIE-40GB", "A100-SXM4-80GB")
    assert readings.select(nearest_board(pl.col("highest"), names)).to_series().to_list() == [
        *("A100-PCIE-40GB", "A100-PCIE-40GB", "A100-PCIE-40GB", "A100-PCIE-40GB"),
        *("A100-SXM4-80GB", "A100-SXM4-80GB"),
    ]
