"""Facts, customer records and the law put together into one report version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final, Literal

from detector.errors import DetectorError
from detector.facts import CustomerFacts, SubjectFacts
from detector.ownership.chart import OwnershipChart
from detector.ownership.sentences import ownership_sentences
from detector.policy.model import Pack, Threshold
from detector.report.clocks import due_on
from detector.report.document import (
    ACCESSES_MAX,
    AcceleratorHours,
    Access,
    CrossedAt,
    Customer,
    Declared,
    DeclaredRun,
    Kind,
    Observed,
    OperationsInterval,
    Owner,
    Provenance,
    Reason,
    Report,
    StatedOpening,
    report_id,
)
from detector.report.methods import side_by_side
from detector.report.missing import missing_elements
from detector.report.unseen import unseen_sentences
from detector.thresholds.conditions import is_past
from detector.thresholds.crossing import crossing, probability_crossed

#: The rule whose condition every report rests on; its sentence is the edition's first reason.
TRIGGER_RULE_ID: Final = "threshold-passed"


@dataclass(frozen=True)
class Matter:
    """What a report is about. ``customers`` hold one record a tenant, as far as there is one.

    ``ownership``: who stands behind the customers, None where nobody is on file. ``places``: the
    headquarters of the facts, in words.
    """

    facts: SubjectFacts
    customers: tuple[CustomerFacts, ...]
    pack: Pack
    threshold: Threshold
    subject_name: str | None
    ownership: OwnershipChart | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """Which version this is and why it is written. ``reasons`` are whole sentences."""

    kind: Kind
    version: int
    standing: bool
    knowledge_at: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """A finding on the same subject, in the words a report prints."""

    rule_id: str
    because: str
    is_red_flag: bool = False


def draft(
    matter: Matter, edition: Edition, provenance: Provenance, remarks: Iterable[Remark] = ()
) -> Report:
    """Write one report version. A withdrawn report keeps its figures as they are known now."""
    facts, pack, threshold = matter.facts, matter.pack, matter.threshold
    remarks = sorted(set(remarks), key=lambda remark: (remark.rule_id, remark.because))
    return Report(
        report_id=report_id(pack.id, facts.scope, facts.subject_id, threshold.id),
        version=edition.version,
        kind=edition.kind,
        supersedes=edition.version - 1 or None,
        standing=edition.standing,
        state="draft",
        basis=pack.basis_of(facts.scope),
        policy_id=pack.id,
        policy_version=pack.version,
        legal_status=pack.legal_status,
        scope=facts.scope,
        subject_id=facts.subject_id,
        subject_name=matter.subject_name,
        tenant_ids=_once(facts.tenant_ids),
        training_run_ids=_once(facts.training_run_ids),
        person_status=facts.person_status.status,
        threshold_operations=threshold.operations,
        operations=OperationsInterval(**asdict(facts.training)),
        probability_crossed=probability_crossed(facts.training, threshold.operations),
        crossed_at=_crossed_at(facts, threshold),
        knowledge_at=edition.knowledge_at,
        due_on=_due_on(pack, edition),
        rule_ids=_once([*_trigger(matter), *(remark.rule_id for remark in remarks)]),
        red_flags=_once(remark.rule_id for remark in remarks if remark.is_red_flag),
        observed=_observed(matter),
        declared=_declared(matter),
        missing=missing_elements(facts, matter.customers),
        evidence=_evidence(matter, edition, remarks),
        provenance=provenance,
        ownership=matter.ownership,
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _trigger(matter: Matter) -> list[str]:
    """What every report rests on, as long as it holds: a withdrawn one may rest on it no more."""
    return [TRIGGER_RULE_ID] if is_past(matter.facts, matter.pack, matter.threshold) else []


def _due_on(pack: Pack, edition: Edition) -> date:
    """A kind without a clock of its own is due like an initial report.

    What a pack withdraws that has no clock any more is due at once.
    """
    days = pack.days_until_due(edition.kind)
    days = pack.days_until_due("initial") if days is None else days
    days = 0 if days is None and not edition.standing else days
    if days is None:
        raise DetectorError(
            f'pack {pack.id}: expected a [[clocks]] table with event = "{edition.kind}", got '
            "none; add it, or set reports = false"
        )
    return due_on(edition.knowledge_at, days)


def _crossed_at(facts: SubjectFacts, threshold: Threshold) -> CrossedAt:
    instants = crossing(facts, threshold.operations, threshold.comparison)
    return CrossedAt(earliest=instants.earliest, likely=instants.likely, certain=instants.certain)


def _observed(matter: Matter) -> Observed:
    facts = matter.facts
    by_hours = sorted(facts.accelerators, key=lambda pair: (-pair[1], pair[0]))
    accesses = [
        Access(tenant_id=record.tenant_id, **asdict(access))
        for record in matter.customers
        for access in record.accesses
    ]
    return Observed(
        metered_since=facts.metered_since,
        first_start=facts.first_start,
        last_end=facts.last_end,
        accelerator_hours=facts.metered_hours,
        accelerators=tuple(AcceleratorHours(accelerator=a, hours=h) for a, h in by_hours),
        peak_operations=facts.peak_operations,
        hardware_operations_expected=facts.hardware_operations_expected,
        training_probability=facts.training_probability,
        cluster_ids=_once(facts.cluster_ids),
        cluster_peak_operations_per_second=(
            facts.cluster_peak_operations_per_second if facts.cluster_ids else None
        ),
        silent_ratio=facts.silent_ratio,
        headquarters=matter.places,
        accesses=_most_used(accesses),
        access_source_count=len(accesses),
    )


def _most_used(accesses: list[Access]) -> tuple[Access, ...]:
    """Keep the limit of addresses by use; list them by tenant and first time."""
    by_use = sorted(
        accesses, key=lambda a: (-a.access_count, a.tenant_id, a.source_ip, a.country or "")
    )
    kept = by_use[:ACCESSES_MAX]
    return tuple(
        sorted(kept, key=lambda a: (a.tenant_id, a.first_at, a.source_ip, a.country or ""))
    )


def _declared(matter: Matter) -> Declared:
    records = sorted(matter.customers, key=lambda record: record.tenant_id)
    runs = [
        DeclaredRun(tenant_id=record.tenant_id, **asdict(declaration))
        for record in records
        for declaration in sorted(record.declarations, key=lambda each: each.declaration_id)
    ]
    stated = tuple(
        StatedOpening(
            tenant_id=opening.tenant_id,
            at=opening.at,
            basis=opening.basis,
            accelerator_hours=opening.accelerator_hours,
            operations=OperationsInterval(**asdict(opening.operations)),
        )
        for opening in matter.facts.openings
    )
    customers = tuple(_customer(record) for record in records)
    return Declared(customers=customers, training=tuple(runs), openings=stated)


def _customer(record: CustomerFacts) -> Customer:
    fields = asdict(record)
    judged = ("payment_country", "address_type", "public_presence")
    for elsewhere in ("accesses", "declarations", *judged):
        del fields[elsewhere]
    owners = sorted(record.owners, key=lambda owner: owner.record_id)
    fields["owners"] = tuple(Owner(**asdict(owner)) for owner in owners)
    return Customer(**fields)


def _evidence(matter: Matter, edition: Edition, remarks: list[Remark]) -> tuple[Reason, ...]:
    """The sentences in the order a reader asks: why now, who, how much, is it training."""
    facts = matter.facts
    why: Literal["trigger", "correction"] = "trigger" if edition.kind == "initial" else "correction"
    about_version = [Reason(about=why, because=text) for text in edition.reasons]
    about_status = [
        Reason(about="person_status", because=text) for text in facts.person_status.reasons
    ]
    about_owners = [
        Reason(about="ownership", because=text) for text in ownership_sentences(matter.ownership)
    ]
    told = (*unseen_sentences(facts), *facts.methods, *side_by_side(facts, matter.customers))
    about_operations = [Reason(about="operations", because=text) for text in told]
    about_training = [Reason(about="training", because=text) for text in facts.contributions]
    others = [
        Reason(about="note", because=remark.because)
        for remark in remarks
        if remark.rule_id != TRIGGER_RULE_ID
    ]
    about_who = (*about_status, *about_owners)
    return (*about_version, *about_who, *about_operations, *about_training, *others)
