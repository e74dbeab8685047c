"""A seeded cloud: customers, workloads and untidy meters as contract events, with the truth.

Times are fixed: every simulation ends at ``END_AT``, so a seed gives the same bytes every day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from streams.simulation import background, demo
from streams.simulation.cloud import END_AT, END_MS, MAX_DAYS, Cloud
from streams.simulation.faults import NONE, Faults
from streams.simulation.hidden import hide
from streams.simulation.mess import Mess
from streams.simulation.source import SimulatedSource
from streams.simulation.workload import DAY_MS, Limits

#: Days and tenants of each scenario when the caller does not say.
SCENARIOS: Final = {"demo": (20, 30), "background": (90, 2_000)}

#: Ordinary customers stay far below every threshold.
MAX_ORDINARY_DEVICES: Final = 512

__all__ = [
    "END_AT",
    "SCENARIOS",
    "Asked",
    "Cloud",
    "SimulatedSource",
    "build",
]


@dataclass(frozen=True)
class Asked:
    """What may be asked of a cloud beside its size.

    ``cadence_ms``: every meter but the bill reads this often; None = each as it is drawn.
    ``shares``: (kind, weight) that stand instead of the families' own weights. ``faults``: how
    meters go wrong. ``structured_ratio``: share of customers with an ownership structure,
    ``second_ratio``: share of nodes that a second vantage, the board controller, meters too.
    ``disguises``: (name, strength) of evasions, dealt out in turn to the trainings that are
    larger than a node.
    """

    cadence_ms: int | None = None
    shares: tuple[tuple[str, float], ...] = ()
    faults: Faults = NONE
    structured_ratio: float = 0.0
    second_ratio: float = 0.0
    disguises: tuple[tuple[str, float], ...] = ()


def build(
    scenario: str,
    seed: int = 1,
    days: int | None = None,
    tenants: int | None = None,
    asked: Asked = Asked(),
) -> Cloud:
    """Lay out a scenario: ``demo`` (a handful of things worth finding) or ``background`` (none).

    Raises:
        ValueError: The scenario is unknown, or its size or shares cannot be simulated.
    """
    if scenario not in SCENARIOS:
        raise ValueError(f"expected a scenario out of {sorted(SCENARIOS)}, got {scenario!r}")
    span = SCENARIOS[scenario][0] if days is None else days
    count = SCENARIOS[scenario][1] if tenants is None else tenants
    if not (1 <= span <= MAX_DAYS and count >= 1):
        raise ValueError(
            f"expected 1 to {MAX_DAYS} days and at least 1 tenant, got {span} days, {count} tenants"
        )
    rng = np.random.default_rng([seed, 0])
    window = (END_MS - span * DAY_MS, END_MS)
    ids = tuple(background.tenant_id_of(number) for number in range(count))
    customers = background.customers(rng, count, window, asked.structured_ratio)
    common = background.common(dict(asked.shares))
    budget, per_tenant = (900, 2.8) if scenario == "background" else (600, 1.5)
    limits = Limits(window, budget, MAX_ORDINARY_DEVICES, asked.cadence_ms)
    special = demo.campaign(rng, window) if scenario == "demo" else ()
    ordinary = background.workloads(rng, ids, per_tenant, limits, common)
    hiding = np.random.default_rng([seed, 3])
    plans, everybody = hide(hiding, ordinary, customers, asked.disguises, window)
    if scenario == "background":
        weekly = tuple(range(0, span, 7))
        return Cloud(
            seed,
            window[0],
            plans,
            everybody,
            Mess(second_ratio=asked.second_ratio),
            asked.faults,
            corrected_days=weekly,
        )
    sound = Cloud(seed, window[0], special + plans, demo.people(window) + everybody)
    return replace(
        sound,
        mess=Mess(0.01, 0.01, 0.01, asked.second_ratio),
        faults=asked.faults,
        false_readings=tuple(n for n, w in enumerate(special) if w.tenant_id == demo.LIAR),
        corrected_days=tuple(sorted({span // 2, max(0, span - 5)})),
    )
