"""The rows that are fitted on: families and benchmarks have their class."""

from __future__ import annotations

import polars as pl

from detector.classifier.kinds import CLASSES, TRAINING_CLASSES
from streams.simulation.families import WORK_CLASSES, families
from streams.training.leave_out import of_both_kinds
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
