"""Ordinary customers: who they are, who owns them and what they run. Most of it is no training."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from streams.simulation.draw import draw_levels, draw_workload
from streams.simulation.families import Family, families, family
from streams.simulation.people import (
    Customer,
    Holding,
    Party,
    Record,
    access,
    declaration,
    holding,
    party,
    tenant,
)
from streams.simulation.structures import reseller, structured
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload

#: Countries of ordinary customers and how common they are.
COUNTRIES: Final = (
    ("US", 60.0),
    ("GB", 6.0),
    ("DE", 5.0),
    ("FR", 4.0),
    ("IN", 5.0),
    ("JP", 4.0),
    ("CA", 4.0),
    ("BR", 3.0),
    ("SG", 3.0),
    ("AE", 2.0),
    ("CN", 2.0),
    ("KZ", 1.0),
    ("VN", 1.0),
)
_NAMES: Final = (
    "Alder",
    "Birch",
    "Cedar",
    "Dune",
    "Ember",
    "Fjord",
    "Grove",
    "Heath",
    "Islet",
    "Juniper",
    "Kelp",
    "Larch",
    "Meadow",
    "North",
    "Orchid",
    "Pine",
    "Quarry",
    "Reed",
)
_TRADES: Final = (
    "Analytics",
    "Robotics",
    "Media",
    "Genomics",
    "Labs",
    "Finance",
    "Logistics",
    "Games",
    "Energy",
    "Vision",
    "Health",
    "Studios",
)


def customers(
    rng: np.random.Generator, count: int, window: tuple[int, int], structured_ratio: float
) -> tuple[Customer, ...]:
    """Draw ``count`` tenants: owners, accesses, a few declarations.

    ``structured_ratio``: how many have one of the structures of ``people.toml``; where some do,
    the reseller is one customer more.
    """
    found = [_customer(rng, number, window, structured_ratio) for number in range(count)]
    return (*found, reseller(window[0] - DAY_MS)) if structured_ratio > 0.0 else tuple(found)


def workloads(
    rng: np.random.Generator,
    tenant_ids: tuple[str, ...],
    per_tenant: float,
    limits: Limits,
    given: tuple[Family, ...],
) -> tuple[Workload, ...]:
    """Draw each tenant's workloads: one at least, ``per_tenant`` on average."""
    drawn: list[Workload] = []
    shares = np.array([family.weight for family in given])
    for tenant_id in tenant_ids:
        for number in range(1 + int(rng.poisson(max(0.0, per_tenant - 1)))):
            kind = given[int(rng.choice(len(shares), p=shares / shares.sum()))]
            name = f"{tenant_id.removeprefix('t-')}-{number}"
            drawn += _siblings(rng, kind, draw_workload(rng, kind, tenant_id, name, limits), limits)
    return tuple(drawn)


def _siblings(
    rng: np.random.Generator, kind: Family, first: Workload, limits: Limits
) -> list[Workload]:
    """Let jobs that come together start within hours of each other, each with its own levels."""
    count = int(rng.integers(int(kind.siblings[0]), int(kind.siblings[1]) + 1))
    found = [first]
    for number in range(1, count):
        length_ms = first.end_ms - first.start_ms
        latest = max(first.start_ms, min(first.start_ms + length_ms, limits.window[1] - length_ms))
        shift = int(rng.integers(0, latest - first.start_ms + 1)) // 60_000 * 60_000
        name = f"{first.name}-{number}"
        found.append(
            replace(
                first,
                name=name,
                start_ms=first.start_ms + shift,
                end_ms=first.end_ms + shift,
                stalls=tuple((low + shift, high + shift) for low, high in first.stalls),
                levels=draw_levels(rng, kind),
                job_id=f"job-{name}",
                data_ref=first.data_ref,
            )
        )
    return found


def common(weights: dict[str, float]) -> tuple[Family, ...]:
    """Give the families with the weights that are named here instead of their own.

    Raises:
        ValueError: A family is unknown, or no work is left.
    """
    for name in weights:
        family(name)
    found = tuple(replace(each, weight=weights.get(each.name, each.weight)) for each in families())
    if not sum(each.weight for each in found) > 0.0:
        raise ValueError("expected at least one kind of work with a share above 0, got none")
    return found


def labelled(
    rng: np.random.Generator, given: tuple[Family, ...], count: int, limits: Limits
) -> tuple[Workload, ...]:
    """Draw ``count`` workloads of the given families by their weights, a tenant each, to fit on."""
    shares = np.array([family.weight for family in given])
    chosen = rng.choice(len(given), size=count, p=shares / shares.sum())
    return tuple(
        draw_workload(rng, given[family], f"t-{number:06d}", f"{number:06d}-0", limits)
        for number, family in enumerate(chosen.tolist())
    )


def tenant_id_of(number: int) -> str:
    """Give the id of the ordinary tenant with this number."""
    return f"t-{number:05d}"


def _customer(
    rng: np.random.Generator, number: int, window: tuple[int, int], structured_ratio: float
) -> Customer:
    opened_ms = window[0] - DAY_MS + int(rng.integers(0, 12)) * HOUR_MS
    if structured_ratio > 0.0 and rng.random() < structured_ratio:
        return structured(rng, number, tenant_id_of(number), opened_ms)
    shares = np.array([weight for _, weight in COUNTRIES])
    country = COUNTRIES[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
    name = f"{_NAMES[number % len(_NAMES)]} {_TRADES[number // 18 % len(_TRADES)]} {number}"
    person = Party(f"person-{number:05d}", f"Owner {number}", country, is_person=True)
    kind = rng.random()
    if kind < 0.15:
        private = tenant(tenant_id_of(number), person, opened_ms, public_presence="minimal")
        return Customer(
            tenant_id_of(number),
            country,
            (person.record_id,),
            (country,),
            (party(person, opened_ms), private),
            "individual",
        )
    company = Party(f"entity-{number:05d}", name, country)
    records = [party(company, opened_ms), tenant(tenant_id_of(number), company, opened_ms)]
    owned, owners = _owners(rng, company, person, opened_ms)
    records += owned
    for visit in range(int(rng.integers(1, 4))):
        at = int(rng.integers(window[0] // HOUR_MS, window[1] // HOUR_MS)) * HOUR_MS
        records.append(access(tenant_id_of(number), visit, at, country))
    if rng.random() < 0.05:
        records.append(
            declaration(
                tenant_id_of(number),
                opened_ms,
                model_name=f"model-{number}",
                parameters=7e9,
                tokens=2e11,
                precision="bf16",
                end_use="product",
            )
        )
    ids = tuple(owner.record_id for owner in owners)
    countries = tuple(owner.country for owner in owners)
    return Customer(tenant_id_of(number), country, ids, countries, tuple(records))


def _owners(
    rng: np.random.Generator, company: Party, person: Party, opened_ms: int
) -> tuple[list[Record], tuple[Party, ...]]:
    """One owner, two owners, a holding between, or nobody known; and who they truly are."""
    kind = rng.random()
    if kind < 0.06:
        return [holding(Holding(company.record_id, None, None), opened_ms)], (person,)
    if kind < 0.2:
        between = Party(f"{company.record_id}-holding", f"{company.name} Holding", person.country)
        return [
            party(between, opened_ms),
            party(person, opened_ms),
            holding(Holding(company.record_id, between, 100.0), opened_ms),
            holding(Holding(between.record_id, person, 80.0), opened_ms),
        ], (person,)
    share = 100.0 if kind < 0.7 else 60.0
    records = [
        party(person, opened_ms),
        holding(Holding(company.record_id, person, share), opened_ms),
    ]
    if share == 100.0:
        return records, (person,)
    second = Party(f"{person.record_id}-b", f"{person.name} B", "US", is_person=True)
    records.append(party(second, opened_ms))
    records.append(holding(Holding(company.record_id, second, 40.0), opened_ms))
    return records, (person, second)
