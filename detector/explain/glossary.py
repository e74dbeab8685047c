"""The words of an explanation: names of things, and how a figure is written. Few digits."""

from __future__ import annotations

import math
from typing import Final

from detector import documents
from detector.explain.document import Assumption

SCOPES: Final = {
    "training_run": "a training run",
    "tenant": "a tenant",
    "owner": "an owner",
    "cluster": "a cluster",
}
STATUSES: Final = {
    "us": "US person",
    "foreign": "foreign person",
    "undetermined": "person status undetermined",
}
ASSUMPTIONS: Final[dict[Assumption, tuple[str, str]]] = {
    "precision": ("which precision the matrix units ran in", "it were known to be 16 bit"),
    "training": ("which of the runs are training", "that were known of each run"),
    "algorithmic": (
        "how much of what the hardware executed is the AI model's own arithmetic",
        "that share were known",
    ),
    "silence": (
        "what the hours without counters hide",
        "they had been metered and were like the others",
    ),
    "hardware": ("which accelerator a metered name stands for", "the kind were known"),
    "share": ("what share of the peak the work reached", "the share were known"),
    "opening": ("what was stated of the time before metering began", "that were left out"),
}
BASES: Final = {
    "counters": "pipe counters of the accelerators; an upper figure of what the hardware executed",
    "utilisation": "how busy the accelerators were, without pipe counters",
    "power": "the power they drew: it tells idle from busy",
    "allocation": "device time, the catalogue's dense peak and what published runs reached of it",
    "silence": "no figure came, though some came at other times; the high bound opens to the peak",
    "contradiction": "figures that cannot both be true; the interval opens to all that speak",
}
#: A measured share in percent.
ratio_words = documents.share_text
UNBROKEN: Final = "\N{NO-BREAK SPACE}"
_PERIODS: Final = {1: "day", 7: "week"}


def operations_text(operations: float) -> str:
    """Write operations for a sentence, so that no line breaks inside the figure."""
    return documents.operations_text(operations).replace(" ", UNBROKEN)


def period_name(days: int) -> str:
    """Name the length of a period."""
    return _PERIODS.get(days, f"{days} days")


def power_of_ten(operations: float) -> int:
    """Give the power of ten that a figure is written in; 0 for nothing."""
    return math.floor(math.log10(operations)) if operations > 0 else 0


def share_of(part: float, whole: float) -> str:
    """Write a part as a share of the whole, nothing of nothing as nothing."""
    return ratio_words(part / whole if whole else 0.0)
