"""Plain values that pass between the stages of the second half of the line.

``assess`` fills them, ``rules``, ``decide`` and ``report`` read them. Operations are dense integer
or floating-point operations, one multiply-accumulate = 2; instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Scope = Literal["training_run", "tenant", "owner", "cluster"]
PersonStatus = Literal["us", "foreign", "undetermined"]
Severity = Literal["info", "low", "medium", "high", "critical"]


@dataclass(frozen=True)
class Interval:
    """A 90 % interval with its expected value; the unit is named by whoever holds it."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class Crossing:
    """When a threshold was passed: by the high bound, the expected figure, the low bound."""

    earliest: datetime | None
    likely: datetime | None
    certain: datetime | None


@dataclass(frozen=True)
class Curve:
    """Cumulative training operations of a subject at the ends of its time buckets, ascending."""

    ends: tuple[datetime, ...]
    low: tuple[float, ...]
    expected: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class StatusFinding:
    """Person status with the sentences that decide it."""

    status: PersonStatus
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SubjectFacts:
    """Everything known of one subject at one ``as_of``; the input of rules, decide and report.

    ``training`` sums the runs that count at 0.9 / 0.5 / 0.1 probability; ``curve`` is the
    cumulative ``training`` over event time. ``statuses`` holds one entry a tenant.
    """

    scope: Scope
    subject_id: str
    as_of: datetime
    tenant_ids: tuple[str, ...]
    training_run_ids: tuple[str, ...]
    cluster_ids: tuple[str, ...]
    accelerator_hours: float
    peak_operations: float
    operations: Interval
    hardware_operations_expected: float
    training: Interval
    training_probability: float | None
    first_start: datetime
    last_end: datetime
    curve: Curve
    person_status: StatusFinding
    #: country of headquarters and of each ultimate parent, ISO 3166-1 alpha-2, with the record id
    headquarters: tuple[tuple[str, str], ...] = ()
    owner_ids: tuple[str, ...] = ()
    accelerators: tuple[tuple[str, float], ...] = ()  # (catalogue sku or metered string, hours)
    methods: tuple[str, ...] = ()  # estimation methods that bind, in words
    contributions: tuple[str, ...] = ()  # classifier's reasons, in words
    #: largest concurrent peak of one cluster on one site, operations per second at 16 bit
    cluster_peak_operations_per_second: float = 0.0
    silent_ratio: float = 0.0  # share of device time without usable counters
    notes: dict[str, str] = field(default_factory=dict)
