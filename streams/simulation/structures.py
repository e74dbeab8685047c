"""Customers with something between them and their owners: shells, nominees, parents, resellers.

Some hide somebody, most are how companies are: the truth names who stands behind, the records say
what that form of ownership would disclose.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from streams.simulation.people import (
    Customer,
    Holding,
    Party,
    Record,
    access,
    holding,
    party,
    tenant,
)
from streams.simulation.workload import DAY_MS

#: The one reseller whose customers are tenants too.
RESELLER: Final = "t-reseller"
#: Customers of one owner that go by names of their own, about.
GROUP: Final = 4


@dataclass(frozen=True)
class _Draft:
    """What every structure starts from: the customer's own company, and when it is recorded."""

    rng: np.random.Generator
    number: int
    tenant_id: str
    company: Party
    at: int


def structured(rng: np.random.Generator, number: int, tenant_id: str, opened_ms: int) -> Customer:
    """Draw a customer with one of the structures of ``people.toml``."""
    kinds: dict[str, float] = _facts()["structures"]
    kind = _drawn(rng, kinds)
    country = str(rng.choice(_facts()["countries"]["fronts"]))
    company = Party(f"entity-{number:05d}", f"Company {number}", country)
    return _STRUCTURES[kind](_Draft(rng, number, tenant_id, company, opened_ms))


def reseller(opened_ms: int) -> Customer:
    """Give the reseller itself, an ordinary company."""
    company = Party("entity-reseller", "Northbridge Resale", "US")
    owner = Party("person-reseller", "Owner of Northbridge", "US", is_person=True)
    records = (
        party(company, opened_ms),
        party(owner, opened_ms),
        holding(Holding(company.record_id, owner, 100.0), opened_ms),
        tenant(RESELLER, company, opened_ms, is_reseller=True),
    )
    return Customer(RESELLER, "US", (owner.record_id,), ("US",), records, "reseller")


def _shells(draft: _Draft) -> Customer:
    """Layers of companies in havens, and at the end a person of another country."""
    low, high = _facts()["layers"]["count"]
    havens = _facts()["countries"]["havens"]
    owner = _owner(draft)
    records = [party(draft.company, draft.at), party(owner, draft.at)]
    below = draft.company
    for layer in range(int(draft.rng.integers(low, high + 1))):
        name = f"{draft.company.record_id}-shell-{layer}"
        shell = Party(name, f"{below.name} Nominees", str(draft.rng.choice(havens)))
        records += [party(shell, draft.at), _held(draft, below, shell)]
        below = shell
    records.append(_held(draft, below, owner))
    records += _paid_by(draft, below)
    return _customer(draft, owner.country, (owner,), records, "shells")


def _nominee(draft: _Draft) -> Customer:
    """Somebody lends a name: the records know the nominee, the payments and logins the owner."""
    owner = _owner(draft)
    nominee = Party(
        f"person-{draft.number:05d}-nominee",
        f"Nominee {draft.number}",
        draft.company.country,
        is_person=True,
    )
    records = [
        party(draft.company, draft.at),
        party(nominee, draft.at),
        holding(Holding(draft.company.record_id, nominee, 100.0), draft.at),
        *_paid_by(draft, owner),
    ]
    return _customer(draft, owner.country, (owner,), records, "nominee")


def _subsidiary(draft: _Draft) -> Customer:
    """All of it belongs to a parent elsewhere that tops the chain."""
    country = _drawn(draft.rng, _facts()["countries"]["parents"])
    parent = Party(f"{draft.company.record_id}-parent", f"Parent {draft.number}", country)
    records = [
        party(draft.company, draft.at),
        party(parent, draft.at),
        holding(Holding(draft.company.record_id, parent, 100.0), draft.at),
        tenant(draft.tenant_id, draft.company, draft.at),
    ]
    return _customer(draft, country, (), records, "subsidiary")


def _divided(draft: _Draft) -> Customer:
    """Five hold a fifth each, below every threshold, whether or not they act together."""
    owners = tuple(
        Party(f"person-{draft.number:05d}-{k}", f"Holder {draft.number} {k}", _foreign(draft), True)
        for k in range(5)
    )
    records = [party(draft.company, draft.at), tenant(draft.tenant_id, draft.company, draft.at)]
    for each in owners:
        records.append(party(each, draft.at))
        records.append(holding(Holding(draft.company.record_id, each, 20.0), draft.at))
    return _customer(draft, draft.company.country, (), records, "divided")


def _group(draft: _Draft) -> Customer:
    """One person owns several customers, each a company of its own."""
    leader = draft.number // (GROUP * 8)
    countries = sorted(_facts()["countries"]["owners"])
    country = countries[leader % len(countries)]
    owner = Party(f"person-group-{leader:04d}", f"Founder {leader}", country, is_person=True)
    records = [
        party(draft.company, draft.at),
        party(owner, draft.at),
        _held(draft, draft.company, owner),
        tenant(draft.tenant_id, draft.company, draft.at),
    ]
    return _customer(draft, owner.country, (owner,), records, "group")


def _resold(draft: _Draft) -> Customer:
    """A customer of the reseller: nothing about its owners was passed on."""
    owner = _owner(draft)
    records = [
        party(draft.company, draft.at),
        tenant(draft.tenant_id, draft.company, draft.at, reseller_tenant_id=RESELLER),
        access(draft.tenant_id, 1, draft.at + 3 * DAY_MS, owner.country),
    ]
    return _customer(draft, owner.country, (owner,), records, "resold")


_STRUCTURES: Final[dict[str, Callable[[_Draft], Customer]]] = {
    "shells": _shells,
    "nominee": _nominee,
    "subsidiary": _subsidiary,
    "divided": _divided,
    "group": _group,
    "resold": _resold,
}


def _customer(
    draft: _Draft, headquarters: str, owners: tuple[Party, ...], records: list[Record], kind: str
) -> Customer:
    ids = tuple(each.record_id for each in owners)
    countries = tuple(each.country for each in owners)
    return Customer(draft.tenant_id, headquarters, ids, countries, tuple(records), kind)


def _owner(draft: _Draft) -> Party:
    person = f"person-{draft.number:05d}"
    return Party(person, f"Owner {draft.number}", _foreign(draft), is_person=True)


def _foreign(draft: _Draft) -> str:
    return _drawn(draft.rng, _facts()["countries"]["owners"])


def _held(draft: _Draft, below: Party, above: Party) -> Record:
    share = round(float(draft.rng.uniform(*_facts()["layers"]["share_percent"])), 1)
    return holding(Holding(below.record_id, above, share), draft.at)


def _paid_by(draft: _Draft, payer: Party) -> list[Record]:
    """Give a tenant record and a login that point to who pays."""
    payment = {
        "means": "wire",
        "identifier_hash": f"pay-{payer.record_id}",
        "payer_name": payer.name,
        "country": payer.country,
    }
    return [
        tenant(draft.tenant_id, draft.company, draft.at, payment=payment),
        access(draft.tenant_id, 1, draft.at + 2 * DAY_MS, payer.country),
    ]


def _drawn(rng: np.random.Generator, weights: dict[str, float]) -> str:
    shares = np.array(list(weights.values()), dtype=np.float64)
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]


@cache
def _facts() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("people.toml").read_text("utf-8")
    return tomllib.loads(text)
