"""A cloud's trainings put into disguise, with customers for the accounts that a disguise opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from streams.simulation.evasion import Training, disguise
from streams.simulation.people import Customer, Holding, Party, Record, holding, party, tenant
from streams.simulation.workload import DAY_MS, Workload

_Plans = tuple[Workload, ...]


def hide(
    rng: np.random.Generator,
    workloads: _Plans,
    customers: tuple[Customer, ...],
    chosen: Sequence[tuple[str, float]],
    window: tuple[int, int],
) -> tuple[_Plans, tuple[Customer, ...]]:
    """Disguise every training larger than a node, ``chosen`` (name, strength) in turn.

    Accounts that a disguise opens become customers: owned by whoever owns the training's, but for
    those that a front holds on paper.

    Raises:
        ValueError: There is no such disguise, or a strength is not from 0 to 1.
    """
    plans: list[Workload] = []
    opened: dict[str, Customer] = {}
    of = {each.tenant_id: each for each in customers}
    turn = 0
    for workload in workloads:
        is_large = workload.device_count > workload.hardware.device_count
        if not chosen or not workload.is_training or not is_large:
            plans.append(workload)
            continue
        name, strength = chosen[turn % len(chosen)]
        turn += 1
        after = disguise(Training((workload,), window), name, strength, rng)
        said = f"{name}={strength:g}"
        plans += [replace(p, campaign=workload.run_id, disguise=said) for p in after.pieces]
        for tenant_id in dict.fromkeys(piece.tenant_id for piece in after.pieces):
            if tenant_id not in of and tenant_id not in opened:
                behind = of[workload.tenant_id]
                is_fronted = tenant_id in after.fronted
                opened[tenant_id] = _account(tenant_id, behind, window, is_fronted=is_fronted)
    return tuple(plans), (*customers, *opened.values())


def _account(
    tenant_id: str, behind: Customer, window: tuple[int, int], *, is_fronted: bool
) -> Customer:
    """Open an account: a company of its own, held by the true owner or by a front."""
    at = window[0] - DAY_MS // 2
    word = tenant_id.removeprefix("t-")
    company = Party(f"entity-{word}", f"Company {word}", "US")
    front = Party(f"person-{word}-front", f"Front of {word}", "US", is_person=True)
    records = [party(company, at), tenant(tenant_id, company, at, public_presence="none")]
    if is_fronted or not behind.owner_ids:
        records += [party(front, at), _whole(company, front, at)]
    else:
        known = Party(behind.owner_ids[0], "", behind.owner_countries[0], is_person=True)
        records.append(_whole(company, known, at))
    structure = "front" if is_fronted else "account"
    return replace(behind, tenant_id=tenant_id, records=tuple(records), structure=structure)


def _whole(company: Party, holder: Party, at: int) -> Record:
    return holding(Holding(company.record_id, holder, 100.0), at)
