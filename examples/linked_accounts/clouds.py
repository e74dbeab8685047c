"""Customers drawn from a seed: strangers with coincidences, and shells that share a few things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from detector.who.traits import Trait

Traits = dict[str, set[Trait]]
MAIL_HOSTS: Final = 8
CARRIERS: Final = 30


@dataclass(frozen=True)
class Ring:
    """Shells of one hand, and what each pair of them has in common. ``shared``: kinds of value."""

    title: str
    shared: tuple[str, ...]
    shells: int = 4


RINGS: Final = (
    Ring("one card", ("payment",)),
    Ring("one card, eight shells", ("payment",), 8),
    Ring("one card, sixteen shells", ("payment",), 16),
    Ring("one card, forty shells", ("payment",), 40),
    Ring("one administrator signs in", ("principal",)),
    Ring("one telephone", ("phone",)),
    Ring("one telephone and address, three shells", ("phone", "address"), 3),
    Ring("one telephone and address, eight shells", ("phone", "address"), 8),
    Ring("a private mail domain and one image", ("email_domain", "image")),
    Ring("one address and one network", ("address", "network")),
    Ring("an address in a virtual office", ("office",)),
    Ring("nothing but the access provider", ("provider",)),
)


def strangers(rng: Random, count: int) -> Traits:
    """Draw customers who have nothing to do with each other, but for what life makes them share."""
    found: Traits = {f"stranger-{n}": set(own(rng, f"s{n}")) for n in range(count)}
    names = sorted(found)
    for value in range(count // 50):  # a building, with the network of its house
        _give(found, rng.sample(names, rng.randrange(2, 7)), "address", f"building-{value}")
        _give(found, rng.sample(names, rng.randrange(2, 5)), "network", f"house-{value}")
    for value in range(max(1, count // 400)):  # a virtual office gives all three
        tenants = rng.sample(names, min(count // 4, rng.randrange(12, 60)))
        _give(found, tenants, "address", f"office-{value}")
        _give(found, tenants[::2], "phone", f"office-{value}")
    for value in range(count // 200):  # an agent with a handful of clients answers for them
        clients = rng.sample(names, rng.randrange(2, 9))
        _give(found, clients, "address", f"agent-{value}")
        _give(found, clients, "phone", f"agent-{value}")
        _give(found, clients, "email_domain", f"agent-{value}.example")
    for value in range(count // 300):  # a consultant works for two or three, a parent pays for two
        _give(found, rng.sample(names, rng.randrange(2, 4)), "principal", f"consultant-{value}")
    for value in range(count // 1000):
        _give(found, rng.sample(names, 2), "payment", f"accountant-{value}")
    for value in range(count // 40):  # customers of one vendor run its image
        _give(found, rng.sample(names, rng.randrange(2, 12)), "image", f"vendor-{value}")
    return found


def own(rng: Random, name: str) -> Iterator[Trait]:
    """Give what a customer has of its own, and the hosts and carriers that many use."""
    yield "payment", f"card-{name}"
    yield "phone", f"phone-{name}"
    yield "address", f"street-{name}"
    yield "principal", f"key-{name}"
    host = f"mail-{int(MAIL_HOSTS * rng.random() ** 2)}.example"
    domain = host if rng.random() < 0.4 else f"{name}.example"
    yield "email", f"desk-{name}@{domain}"
    yield "email_domain", domain
    yield "network", f"net-{name}"
    yield "provider", f"carrier-{int(CARRIERS * rng.random() ** 3)}"


def ring_of(rng: Random, ring: Ring, offices: int, name: str = "ring-") -> Traits:
    """Draw the shells of a ring; a virtual office is one that strangers use too."""
    shells: Traits = {f"{name}{n}": set(own(rng, f"{name}{n}")) for n in range(ring.shells)}
    for kind in ring.shared:
        if kind == "office":
            _give(shells, list(shells), "address", f"office-{rng.randrange(offices)}")
        else:
            _give(shells, list(shells), kind, f"{name}{kind}")
    return shells


def _give(found: Traits, tenants: list[str], kind: str, value: str) -> None:
    """Put a value in the place of the one of its kind that the tenants had."""
    for tenant in tenants:
        kept = {trait for trait in found[tenant] if trait[0] != kind}
        found[tenant] = {*kept, (kind, value)}  # type: ignore[arg-type] - a kind, as a text
