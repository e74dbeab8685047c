"""Ways to hide a training, each a pure change of its plan with a strength from 0 to 1.

What each does at full strength, what it hides and from whom stands in ``evasion.toml``. The
operations of the AI model stay; what the disguise costs is counted from the plans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from streams.simulation.evasion import layers, looks, pace, splitting, timing
from streams.simulation.evasion.knobs import Knobs, Sheet, sheets
from streams.simulation.evasion.plan import Training, cost_ratio, operations, rented

__all__ = [
    "DISGUISES",
    "Sheet",
    "Training",
    "cost_ratio",
    "disguise",
    "operations",
    "rented",
    "sheets",
]

Disguise = Callable[[Training, np.random.Generator, float, Knobs], Training]

#: Every disguise, in the order of ``evasion.toml`` and of the tables.
DISGUISES: Final[dict[str, Disguise]] = {
    each.__name__: each
    for each in (
        pace.duty_cycle_padding,
        pace.power_flattening,
        pace.power_capping,
        pace.precision_mixing,
        pace.low_precision,
        pace.science_masking,
        looks.inference_camouflage,
        looks.mixed_serving,
        looks.noise_traffic,
        looks.quiet_fabric,
        looks.counter_tampering,
        looks.counters_off,
        splitting.account_splitting,
        splitting.tenant_hopping,
        splitting.site_splitting,
        splitting.region_hop,
        splitting.job_per_node,
        splitting.device_slicing,
        timing.pause_and_resume,
        timing.short_preemptible,
        timing.small_then_grow,
        timing.threshold_hugging,
        layers.layered,
    )
}


def disguise(training: Training, name: str, strength: float, rng: np.random.Generator) -> Training:
    """Hide a training in one way; at strength 0 it stays as it is.

    Raises:
        ValueError: There is no such disguise, or the strength is not from 0 to 1.
    """
    if name not in DISGUISES:
        raise ValueError(f"expected a disguise out of {sorted(DISGUISES)}, got {name!r}")
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"expected a strength from 0 to 1 of {name}, got {strength}")
    if strength == 0.0:
        return training
    return DISGUISES[name](training, rng, strength, sheets()[name].knobs)
