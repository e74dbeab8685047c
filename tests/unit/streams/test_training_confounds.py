"""What a left-out score of measured power rests on: who measured it, and one figure alone."""

from __future__ import annotations

import polars as pl
from sklearn.metrics import roc_auc_score

from streams.training import confounds
from streams.training.__main__ import measured_rows
from streams.training.confounds import BENCHMARK, EVERYTHING, Areas, with_folds


def test_a_benchmark_is_left_out_with_all_its_scenarios_and_targets() -> None:
    rows = [("NVIDIA", "bert-99.9 Server"), ("NVIDIA", "bert-99 Offline"), ("smc", "bert")]
    real = pl.DataFrame([*rows, ("TeraScope", None)], schema=["vendor", "benchmark"], orient="row")
    folds = with_folds(real).select(BENCHMARK, EVERYTHING).rows()
    assert folds == [
        ("NVIDIA bert", "all"),
        ("NVIDIA bert", "all"),
        ("smc bert", "all"),
        ("TeraScope ", "all"),
    ]


def test_an_area_that_needs_two_kinds_of_work_is_not_told_of_one() -> None:
    lines = [
        Areas("mlperf_power", "everything", 4.0, 0.5, (1.0, 0.75, 0.5)),
        Areas("other sets that meter power", BENCHMARK, 2.0, 1.0, (None, None, None)),
    ]
    assert confounds.table(lines).splitlines()[2:] == [
        "| mlperf_power | everything | 4 | 0.50 | 1.000 | 0.750 | 0.500 |",
        "| other sets that meter power | submitter and benchmark | 2 | 1.00 | - | - | - |",
    ]


def test_in_the_measured_power_level_alone_tells_one_node_because_all_that_serves_saves_power() -> (
    None
):
    one_node = measured_rows().filter(pl.col("resources_count") == 1)
    truth, power = one_node["is_training"].to_numpy(), one_node["power_ratio_mean"].to_numpy()
    assert roc_auc_score(truth, power) == 1.0
    serving = one_node.filter(~pl.col("is_training"))["system"].str.ends_with("_MaxQ")
    training = one_node.filter("is_training")["system"].str.ends_with("_MaxQ")
    assert (serving.all(), training.any()) == (True, False)
