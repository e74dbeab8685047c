"""The report as a document: the names and meanings of ``reports.ndjson`` in the contract.

A report is a draft. A person checks, certifies and files it. Instants are UTC with ``Z``, with
milliseconds only where they are not zero; operations are dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from detector.documents import Instant, Part, document_id
from detector.facts import PersonStatus
from detector.ownership.chart import OwnershipChart

Kind = Literal["initial", "corrected", "follow_up"]
Basis = Literal["statute", "house_policy"]
ReportScope = Literal["training_run", "tenant", "owner", "cluster"]

#: The elements of 7.308(d)(1), in the order of the text.
Element = Literal[
    "name",
    "ultimate_beneficial_owner",
    "address",
    "request_origin",
    "jurisdiction",
    "beneficial_owners",
    "payment",
    "email",
    "telephone",
    "ip_addresses",
    "operations_estimate",
    "start_date",
    "completion_date",
    "training_practices",
    "accelerator_model",
    "weight_security",
    "incidents",
]

#: Addresses in one report; more would not be read, and a report must fit one Kafka message.
ACCESSES_MAX: Final = 200

Operations = Annotated[float, Field(ge=0, description="operations, dense")]


class OperationsInterval(Part):
    """Training operations with a 90 % interval."""

    low: Operations
    expected: Operations
    high: Operations


class CrossedAt(Part):
    """When the threshold was passed by the high, expected and low figure; null where not yet."""

    earliest: Instant | None
    likely: Instant | None
    certain: Instant | None


class AcceleratorHours(Part):
    """Accelerator-hours on one accelerator kind: catalogue name, or the string as metered."""

    accelerator: str
    hours: Annotated[float, Field(ge=0)]


class Access(Part):
    """One network address of use or administration, placed in one country.

    The provider's log holds every access. ``anonymizer_count``: of ``access_count``, those that
    came through an anonymizer, whose country says nothing of the user.
    """

    tenant_id: str
    source_ip: str
    country: str | None
    first_at: Instant
    last_at: Instant
    access_count: int
    anonymizer_count: int = 0


class Observed(Part):
    """What the provider metered and logged itself; no statement of the customer enters here.

    ``accesses`` holds at most ACCESSES_MAX addresses, the most used ones; ``access_source_count``
    says how many there are in the provider's log. ``cluster_peak_operations_per_second`` is null
    where no cluster was named: its size is unknown then, not zero.
    """

    metered_since: Instant | None
    first_start: Instant
    last_end: Instant
    accelerator_hours: float
    accelerators: tuple[AcceleratorHours, ...]
    peak_operations: Operations
    hardware_operations_expected: Operations
    training_probability: float | None
    cluster_ids: tuple[str, ...]
    cluster_peak_operations_per_second: float | None
    silent_ratio: float
    headquarters: tuple[str, ...]
    accesses: tuple[Access, ...]
    access_source_count: Annotated[int, Field(ge=0)]


class Owner(Part):
    """A beneficial owner, or the organisation that tops a chain; ``name`` null = undisclosed."""

    record_id: str
    name: str | None
    is_person: bool


class Customer(Part):
    """The identification record of the customer behind one tenant, as the provider holds it."""

    tenant_id: str
    name: str | None
    kind: str | None
    address: str | None
    jurisdiction: str | None
    use_locations: tuple[str, ...]
    payment_means: str | None
    payment_identifier_hash: str | None
    payer_name: str | None
    email: str | None
    telephone: str | None
    verification_status: str | None
    owners: tuple[Owner, ...]
    is_ownership_disclosed: bool
    ownership_questions: tuple[str, ...] = ()
    without_owners: tuple[str, ...] = ()
    is_reseller: bool = False


class DeclaredRun(Part):
    """What the customer says it trains; null where it does not say."""

    tenant_id: str
    declaration_id: str
    model_name: str | None
    parameters: float | None
    active_parameters: float | None
    tokens: float | None
    precision: str | None
    planned_operations: float | None
    biological_sequence_share: float | None
    planned_start: Instant | None
    planned_end: Instant | None
    base_model: str | None
    base_model_operations: float | None
    end_use: str | None
    weight_security: str | None
    incidents: str | None


class StatedOpening(Part):
    """What was done before metering began, as somebody stated it; no meter saw it.

    ``basis`` says whose word it is. The amounts are what is left of it once what was metered
    before ``at`` is taken off; they are part of the report's operations and hours.
    """

    tenant_id: str
    at: Instant
    basis: str | None
    accelerator_hours: Annotated[float, Field(ge=0)]
    operations: OperationsInterval


class Declared(Part):
    """What was told to the provider and is not metered."""

    customers: tuple[Customer, ...]
    training: tuple[DeclaredRun, ...]
    openings: tuple[StatedOpening, ...] = ()


class Reason(Part):
    """One sentence of evidence and what it is about.

    ``trigger``: why an initial report is written; ``correction``: why a later version is.
    """

    about: Literal[
        "trigger", "correction", "person_status", "ownership", "operations", "training", "note"
    ]
    because: str


class Provenance(Part):
    """What made the figures: exact versions, so that the report can be computed again."""

    code: str
    policy: str
    lists: tuple[str, ...]
    classifier: str | None
    catalogues: tuple[str, ...]


class Report(Part):
    """One version of one report: a line of ``reports.ndjson``."""

    report_id: str
    version: Annotated[int, Field(ge=1)]
    kind: Kind
    supersedes: Annotated[int, Field(ge=1)] | None
    standing: bool
    state: Literal["draft"]
    basis: Basis
    policy_id: str
    policy_version: str
    legal_status: str
    scope: ReportScope
    subject_id: str
    subject_name: str | None
    tenant_ids: tuple[str, ...]
    training_run_ids: tuple[str, ...]
    person_status: PersonStatus
    threshold_operations: Operations
    operations: OperationsInterval
    probability_crossed: Annotated[float, Field(ge=0, le=1)]
    crossed_at: CrossedAt
    knowledge_at: Instant
    due_on: date
    rule_ids: tuple[str, ...]
    red_flags: tuple[str, ...]
    observed: Observed
    declared: Declared
    missing: tuple[Element, ...]
    evidence: tuple[Reason, ...]
    provenance: Provenance
    ownership: OwnershipChart | None = None


def report_id(policy_id: str, scope: str, subject_id: str, threshold_id: str) -> str:
    """Name the matter: it keeps this id whatever the date, list or code version."""
    return document_id("r", policy_id, scope, subject_id, threshold_id)
