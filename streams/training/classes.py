"""The class of each measured benchmark."""

from __future__ import annotations



def class_of_benchmark(benchmark: str, *, is_training: bool) -> str:
    """Give the class of an MLPerf benchmark: one named after LoRA tunes a model it was given."""
    if not is_training:
        return "inference"
    return "fine-tuning" if "lora" in benchmark.lower() else "training"
