"""Plain values that pass between the stages of the second half of the line.

``assess`` fills them, ``rules``, ``decide`` and ``report`` read them. Operations are dense
operations, integer or not, one multiply-accumulate = 2; instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["training_run", "tenant", "owner", "cluster"]
PersonStatus = Literal["us", "foreign", "undetermined"]
#: What a finding may be about besides: where metering comes from.
FindingScope = Literal["training_run", "tenant", "owner", "cluster", "source", "region", "site"]
Severity = Literal["info", "low", "medium", "high", "critical"]
#: An area (Hong Kong stays HK), the record whose headquarters lie there, and what it is called.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Interval:
    """A 90 % interval with its expected value; the unit is named by whoever holds it."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class MethodEstimate:
    """What one method says by itself, whatever the others say: algorithmic operations.

    ``method``: counters, utilisation, power, allocation; or silence and contradiction, which are
    no methods: what is said of the time that rests on them.
    ``low``, ``expected`` and ``high`` are of the ``accelerator_hours`` that it has figures for.
    ``binding_ratio`` is the share of the subject's device time on which it, and no other, binds.
    """

    method: str
    accelerator_hours: float
    low: float
    expected: float
    high: float
    binding_ratio: float


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
    starts: tuple[datetime, ...] = ()  # of each; where given, instants inside are interpolated


@dataclass(frozen=True)
class StatusFinding:
    """Person status with the sentences that decide it."""

    status: PersonStatus
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PlacePeak:
    """The most that ran of a subject at one instant in one place: dense operations per second.

    The place is one cluster, a fabric domain, on one site. With ``cluster_id`` None it is a whole
    site, whatever its clusters: of those nobody says that they are joined. Conventions differ by
    precision, and each figure has its own instant; ``at`` is the first of the largest at 16 bit.
    ``network_gbit_per_second_min`` is the slowest inter-node network among the nodes of which it
    is known, None for none; ``is_network_known`` says that it is known of all.
    """

    site_id: str | None
    cluster_id: str | None
    tenant_ids: tuple[str, ...]
    accelerators: float
    operations_per_second_16bit: float
    operations_per_second_8bit: float
    operations_per_second_any: float
    network_gbit_per_second_min: float | None
    is_network_known: bool
    at: datetime


@dataclass(frozen=True)
class OpeningFacts:
    """What one opening balance adds to a subject: stated, not metered, and done before ``at``.

    ``accelerator_hours`` and ``operations`` are what is left of it once what was metered before
    ``at`` is taken off; ``training_expected`` is the part that counts as training.
    """

    tenant_id: str
    at: datetime
    basis: str | None
    accelerator_hours: float
    operations: Interval
    training_expected: float


@dataclass(frozen=True)
class ListedOwnership:
    """That listed parties own a record by a pack's test, or may; ratios of the record, in words."""

    pack_id: str
    record_id: str
    is_sure: bool
    is_match_sure: bool  # at least one of the listed is so for sure
    share_ratio_min: float
    share_ratio_max: float
    listed_ids: tuple[str, ...]
    chain: tuple[str, ...]
    flips: tuple[str, ...]  # each single fact that would make it sure
    record: str  # what the record is called: its name with its id, or the id alone
    snapshots: tuple[str, ...] = ()  # the lists that were screened against: name, date, digest


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
    headquarters: tuple[Place, ...] = ()
    owner_ids: tuple[str, ...] = ()
    listed_owners: tuple[ListedOwnership, ...] = ()
    accelerators: tuple[tuple[str, float], ...] = ()  # (catalogue sku or metered string, hours)
    methods: tuple[str, ...] = ()  # estimation methods that bind, in words
    estimates: tuple[MethodEstimate, ...] = ()  # all that can speak, in the order they bind
    contributions: tuple[str, ...] = ()  # classifier's reasons, in words
    cluster_peak_operations_per_second: float = 0.0  # the largest of one on one site, at 16 bit
    place_peaks: tuple[PlacePeak, ...] = ()  # the largest few by each convention, by name
    silent_ratio: float = 0.0  # share of device time without usable counters
    #: accelerator-hours on the bill of its tenants that no meter of the provider saw; of reports
    unmetered_hours: float = 0.0
    #: training operations a second, expected, of reserved capacity over the last day of knowledge
    reserved_operations_per_second: float = 0.0
    #: largest declared share of biological sequence data; None = not declared
    biological_share_ratio: float | None = None
    openings: tuple[OpeningFacts, ...] = ()
    metered_since: datetime | None = None  # first instant of its tenants; None = never
    worked: tuple[tuple[datetime, datetime], ...] = ()  # stretches of work, holder by holder

    @property
    def metered_hours(self) -> float:
        """Accelerator-hours without those that were only stated."""
        return self.accelerator_hours - sum(each.accelerator_hours for each in self.openings)


def unmetered(
    scope: Scope,
    subject_id: str,
    tenant_ids: tuple[str, ...],
    instants: tuple[datetime, datetime],
    status: StatusFinding,
) -> SubjectFacts:
    """Give the facts of a subject of which nothing is metered; ``instants``: as_of, last work."""
    as_of, instant = instants
    none = Interval(0.0, 0.0, 0.0)
    return SubjectFacts(
        scope=scope,
        subject_id=subject_id,
        as_of=as_of,
        tenant_ids=tenant_ids,
        training_run_ids=(),
        cluster_ids=(),
        accelerator_hours=0.0,
        peak_operations=0.0,
        operations=none,
        hardware_operations_expected=0.0,
        training=none,
        training_probability=None,
        first_start=instant,
        last_end=instant,
        curve=Curve((), (), (), ()),
        person_status=status,
    )


@dataclass(frozen=True)
class Declaration:
    """One ``trainwatch.declaration.v1`` in force: fields, names and units of the contract."""

    declaration_id: str
    model_name: str | None = None
    parameters: float | None = None
    active_parameters: float | None = None
    tokens: float | None = None
    precision: str | None = None
    planned_operations: float | None = None
    biological_sequence_share: float | None = None
    planned_start: datetime | None = None
    planned_end: datetime | None = None
    base_model: str | None = None
    base_model_operations: float | None = None
    end_use: str | None = None
    weight_security: str | None = None
    incidents: str | None = None


@dataclass(frozen=True)
class AccessSource:
    """One network address in one country from which a tenant was used: when, and how often."""

    source_ip: str
    country: str | None
    first_at: datetime
    last_at: datetime
    access_count: int
    anonymizer_count: int = 0


@dataclass(frozen=True)
class OwnerName:
    """A beneficial owner or topmost organisation by BODS record id; ``name`` None = undisclosed."""

    record_id: str
    name: str | None
    is_person: bool


@dataclass(frozen=True)
class CustomerFacts:
    """What the provider holds about the customer behind one tenant at ``as_of``.

    None or empty where the record does not say. ``is_ownership_disclosed``: nothing is left open.
    ``ownership_questions``: what nobody says; ``without_owners``: who has none, and why.
    """

    tenant_id: str
    name: str | None = None
    kind: Literal["individual", "organisation"] | None = None
    address: str | None = None
    address_type: str | None = None
    jurisdiction: str | None = None
    use_locations: tuple[str, ...] = ()
    payment_means: str | None = None
    payment_country: str | None = None
    payment_identifier_hash: str | None = None
    payer_name: str | None = None
    email: str | None = None
    telephone: str | None = None
    accesses: tuple[AccessSource, ...] = ()
    owners: tuple[OwnerName, ...] = ()
    is_ownership_disclosed: bool = False
    ownership_questions: tuple[str, ...] = ()
    without_owners: tuple[str, ...] = ()
    verification_status: str | None = None
    is_reseller: bool = False  # by its own record: it sells on what it rents
    public_presence: str | None = None
    declarations: tuple[Declaration, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Something odd met while totals were made; a rule of the same id turns it into a finding.

    ``values`` are the figures behind it, each name with its unit last. Which rules take notices,
    and the values each needs, is ``NOTICE_VALUES`` in ``detector/rules/noticed.py``; further
    values are kept as evidence. Several notices of one rule and subject add up.
    """

    rule_id: str
    scope: Scope
    subject_id: str
    tenant_ids: tuple[str, ...]
    values: dict[str, str | float | int]
