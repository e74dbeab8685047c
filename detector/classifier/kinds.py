"""The classes of work, and their probabilities in words.

Training and fine-tuning train an AI model; their sum is the probability of training. Fine-tuning
is training that begins from a model that was trained before: low-rank, supervised, by preference
or by reinforcement. Other is rendering, mining, notebooks, idle reservations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from detector.documents import share_text

#: In this order in every frame, file and artefact.
CLASSES: Final = ("training", "fine-tuning", "inference", "hpc", "other")
#: The classes that train an AI model, and those that do not.
TRAINING_CLASSES: Final = CLASSES[:2]
OTHER_CLASSES: Final = CLASSES[2:]
CLASS_WORDS: Final[Mapping[str, str]] = {
    "training": "training from the start",
    "fine-tuning": "fine-tuning",
    "inference": "inference",
    "hpc": "scientific computing",
    "other": "other work",
}


def composed(training: np.ndarray, tuning: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Give the probability of each of CLASSES, one row a workload; rows sum to one.

    ``training``: of training at all; ``tuning``: of fine-tuning, if it is training; ``others``:
    of each of OTHER_CLASSES, if it is not.
    """
    rest = (1.0 - training)[:, None] * others
    return np.column_stack([training * (1.0 - tuning), training * tuning, rest])


def training_of(classes: np.ndarray) -> np.ndarray:
    """Give the probability of training at all from the probabilities of CLASSES."""
    summed: np.ndarray = classes[:, : len(TRAINING_CLASSES)].sum(axis=1)
    return summed


def class_sentence(probabilities: Mapping[str, float]) -> str:
    """Say what the work is likely to be, likeliest first, in whole per cents."""
    order = sorted(probabilities, key=lambda name: (-probabilities[name], CLASSES.index(name)))
    parts = [f"{share_text(probabilities[name])} {CLASS_WORDS[name]}" for name in order]
    return f"By class the work is {', '.join(parts)}."
