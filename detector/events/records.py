"""The rare events: who the customer is, who owns it, how it comes in, what it says it trains.

Names and identifiers that are required must not be empty; every other string is kept as sent.
Amounts must not be negative. Countries are two capital letters of ISO 3166-1 alpha-2.
"""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from detector.events.fields import (
    Amount,
    AutonomousSystem,
    Country,
    EventModel,
    Flag,
    Instant,
    Name,
    Ratio,
    Text,
    TextOrTexts,
    one_of,
    words_schema,
)
from detector.events.usage import Precision

KINDS: Final = ("individual", "organisation")
VERIFICATION_STATUSES: Final = ("verified", "pending", "failed", "expired")
PUBLIC_PRESENCES: Final = ("none", "minimal", "established")
ACTIONS: Final = ("console", "api", "ssh", "job_submit")
BASES: Final = ("customer", "provider_estimate", "other_provider")
RECORD_TYPES: Final = ("person", "entity", "relationship")

Kind = Annotated[str, one_of(*KINDS), words_schema(KINDS)]
VerificationStatus = Annotated[
    str, one_of(*VERIFICATION_STATUSES), words_schema(VERIFICATION_STATUSES)
]
PublicPresence = Annotated[str, one_of(*PUBLIC_PRESENCES), words_schema(PUBLIC_PRESENCES)]
Action = Annotated[str, one_of(*ACTIONS), words_schema(ACTIONS)]
Basis = Annotated[str, one_of(*BASES), words_schema(BASES)]
RecordType = Annotated[str, one_of(*RECORD_TYPES), words_schema(RECORD_TYPES)]


class Address(EventModel):
    """Where the customer says it is."""

    street: Text | None = None
    city: Text | None = None
    country: Country | None = None
    type: Text | None = None


class Payment(EventModel):
    """How the customer pays; never the payment identifier itself, only its hash."""

    means: Text | None = None
    identifier_hash: Text | None = None
    payer_name: Text | None = None
    country: Country | None = None


class Verification(EventModel):
    """What the provider did to check the customer's identity."""

    status: VerificationStatus | None = None
    method: Text | None = None
    verified_at: Instant | None = None
    expires_at: Instant | None = None


class Tenant(EventModel):
    """Who the customer is; holds from ``valid_from``, or else the event's time, until the next."""

    tenant_id: Name
    valid_from: Instant | None = None
    account_id: Text | None = None
    customer_record_id: Text | None = Field(None, description="BODS recordId of the customer.")
    name: Text | None = None
    kind: Kind | None = None
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    address: Address | None = None
    use_locations: list[Country] | None = None
    email: Text | None = None
    phone: Text | None = None
    payment: Payment | None = None
    verification: Verification | None = None
    reseller_tenant_id: Text | None = None
    is_reseller: Flag | None = None
    declared_industry: Text | None = None
    declared_purpose: Text | None = None
    public_presence: PublicPresence | None = None


class Access(EventModel):
    """One access of a principal of the tenant. The address is kept as sent, not parsed."""

    tenant_id: Name
    principal_hash: Text | None = None
    action: Action | None = None
    source_ip: Text | None = None
    country: Country | None = None
    asn: AutonomousSystem | None = None
    is_anonymizer: Flag | None = None


class Declaration(EventModel):
    """What the customer says it trains. Operations are dense, one multiply-accumulate = 2.

    The contract leaves the form of ``incidents``, ``weight_security`` and ``end_use`` open: a
    string or a list of strings.
    """

    tenant_id: Name
    declaration_id: Name
    model_name: Text | None = None
    parameters: Amount | None = None
    active_parameters: Amount | None = None
    tokens: Amount | None = None
    precision: Precision | None = None
    planned_operations: Amount | None = None
    biological_sequence_share: Ratio | None = None
    planned_start: Instant | None = None
    planned_end: Instant | None = None
    job_ids: list[Text] | None = None
    cluster_ids: list[Text] | None = None
    base_model: Text | None = None
    base_model_operations: Amount | None = None
    end_use: TextOrTexts | None = None
    weight_security: TextOrTexts | None = None
    incidents: TextOrTexts | None = None


class OperationsInterval(EventModel):
    """Operations with a 90 % interval, in order where more than one is given."""

    low: Amount | None = None
    expected: Amount | None = None
    high: Amount | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        given = [bound for bound in (self.low, self.expected, self.high) if bound is not None]
        if given != sorted(given):
            raise PydanticCustomError("out_of_range", "expected low <= expected <= high")
        return self


class Opening(EventModel):
    """What was done before metering began."""

    tenant_id: Name
    at: Instant
    accelerator_hours: Amount | None = None
    operations: OperationsInterval | None = None
    job_id: Text | None = None
    data_ref: Text | None = None
    basis: Basis | None = None


class BodsStatement(EventModel):
    """One statement of the Beneficial Ownership Data Standard v0.4, kept unchanged.

    Only what names the statement is checked; every other field is the standard's and is kept.
    """

    model_config = ConfigDict(extra="allow")

    statementId: Name  # noqa: N815 - the standard's own name
    recordId: Name  # noqa: N815
    recordType: RecordType  # noqa: N815
    recordStatus: Text | None = None  # noqa: N815
    statementDate: Text | None = None  # noqa: N815
