"""Power over design power by set: which settings are taken, and over what."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from streams.training import levels
from streams.training.levels import Levels


def test_a_training_at_the_highest_limit_of_its_board_is_held_against_that_limit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "power.csv"
    path.write_text("gpu,power_limit,average_power\nv100,250,200\nv100,100,99\np100,250,50\n")
    assert levels.zeus(path).to_list() == [0.8, 0.2]


def test_served_power_is_that_of_one_board_over_its_design_power(tmp_path: Path) -> None:
    path = tmp_path / "configs.csv"
    path.write_text("gpu_model,avg_power_watts,num_gpus\nH100,1400,4\nB200,500,1\nH100,,1\n")
    assert levels.served(path, "H100").to_list() == [0.5]
    assert levels.served(path, "B200").to_list() == [0.5]


def test_the_windows_of_a_run_count_once_and_several_nodes_not_at_all(tmp_path: Path) -> None:
    rows = [("a", 1.0, 0.25), ("a", 1.0, 0.75), ("b", 1.0, 1.0), ("c", 8.0, 0.9), ("d", 1.0, None)]
    real = pl.DataFrame(
        rows, schema=["group", "node_count", "power_ratio_mean"], orient="row"
    ).with_columns(source=pl.lit("one set"), is_training=pl.lit(value=True))
    (found,) = levels.power_levels(real, tmp_path)
    assert found == Levels("one set", "trains", 2, (0.5, 1.0, 1.0), 0.5)
    assert levels.table([found]).splitlines()[-1] == (
        "| one set | trains | 2 | 0.50 / 1.00 / 1.00 | 0.50 |"
    )
