"""The rows that are fitted on: families and benchmarks have their class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from detector.classifier.kinds import CLASSES, TRAINING_CLASSES
from streams.simulation.cloud import END_MS, Cloud
from streams.simulation.draw import draw_workload
from streams.simulation.families import WORK_CLASSES, families, family, hardware
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits
from streams.training.leave_out import of_both_kinds
from streams.training.measure import feature_rows
from streams.training.power import class_of_benchmark


def test_the_simulation_has_the_classes_of_the_classifier_and_they_agree_on_training() -> None:
    assert WORK_CLASSES == CLASSES
    wrong = [f.name for f in families() if f.is_training != (f.work_class in TRAINING_CLASSES)]
    assert wrong == []


def test_a_benchmark_that_tunes_with_lora_is_fine_tuning() -> None:
    assert class_of_benchmark("llama2_70b_lora", is_training=True) == "fine-tuning"
    assert class_of_benchmark("gpt3", is_training=True) == "training"
    assert class_of_benchmark("gptj Offline", is_training=False) == "inference"


def test_a_measured_set_of_one_kind_of_work_teaches_nothing() -> None:
    sets = [("one", True), ("one", False), ("two", False), ("two", False)]
    rows = pl.DataFrame(sets, schema=["source", "is_training"], orient="row")
    assert of_both_kinds(rows)["source"].to_list() == ["one", "one"]
    assert of_both_kinds(rows.filter("is_training")).is_empty()


def test_what_a_customers_own_meter_tells_is_in_the_rows_that_are_fitted_on() -> None:
    window = (END_MS - 2 * DAY_MS, END_MS)
    kind = family("lora")
    drawn = draw_workload(np.random.default_rng(1), kind, "t", "w", Limits(window, 300, 8))
    works = [
        replace(drawn, name=vantage, vantage=vantage, telemetry="basic", job_id=vantage)
        for vantage in ("guest", "host")
    ]
    plans = tuple(replace(each, data_ref=None, cadence_ms=HOUR_MS) for each in works)
    cloud = Cloud(seed=1, start_ms=window[0], workloads=plans)
    rows = feature_rows(cloud.usage(), hardware(), END_MS // HOUR_MS + 1)
    assert rows["workload"].to_list() == ["job/t/guest", "job/t/host"]
    assert rows["gpu_util_mean"].null_count() == 0
