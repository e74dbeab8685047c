"""Accounts that stand together, as plain values: resellers, and owners who may hold several.

A member is a tenant with its training operations. They are dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from detector.facts import Interval

Members = tuple[tuple[str, Interval], ...]
Attestation = Literal["valid", "expired", "missing", "not verified"]


@dataclass(frozen=True)
class Reseller:
    """A tenant through which others are sold to, directly or over further resellers.

    ``customers``: those others, by name; ``cycle``: resellers that sell to each other in a ring,
    this one among them. ``attestation``: what is on file of the reseller's own verification;
    ``expired_at`` where that says when it ended.
    """

    tenant_id: str
    customers: tuple[str, ...]
    attestation: Attestation
    expired_at: datetime | None = None
    cycle: tuple[str, ...] = ()
    members: Members = ()


@dataclass(frozen=True)
class PossibleOwner:
    """A person whose share in some tenants may reach what makes an owner, and may not.

    ``members``: all tenants that the person owns or may own; ``possible_tenant_ids``: those that
    it only may own. ``share_ratio_min``, ``share_ratio_max``: over the latter, each as much as is
    disclosed; ``owner_ratio`` makes an owner. ``called``: name and id. ``stakes``: what the person
    may hold, a sentence a tenant; ``flips``: each single fact that alone would make it an owner of
    one of them.
    """

    owner_id: str
    name: str | None
    members: Members
    possible_tenant_ids: tuple[str, ...]
    share_ratio_min: float
    share_ratio_max: float
    owner_ratio: float
    called: str
    stakes: tuple[str, ...] = ()
    flips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metering:
    """How one tenant's work was metered beside everybody else's.

    ``accelerators_mean``: held over all of its time; ``others_metered_ratio``: share of the device
    time of all other tenants that has counters, and ``others_metered_count``: those of them that
    have counters for most of theirs.
    """

    accelerators_mean: float
    others_metered_ratio: float
    others_metered_count: int


@dataclass(frozen=True)
class Withdrawn:
    """What corrections left of the work that was first told of one subject, and whose they were.

    ``accelerator_hours``, ``operations``, ``training``: what still counts, expected; what was told
    first stands in the facts. ``sources`` sent the corrections, ``original_sources`` what they
    correct, between ``first_at`` and ``last_at``. ``void_count`` of them replace it by nothing;
    ``moved_to_tenant_ids`` got time in its place.
    """

    accelerator_hours: float
    operations: float
    training: float
    sources: tuple[str, ...]
    original_sources: tuple[str, ...]
    correction_count: int
    void_count: int
    first_at: datetime
    last_at: datetime
    moved_to_tenant_ids: tuple[str, ...] = ()
