"""A subject's setting to its Explanation: the whole way from hours to a crossed threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.correlated import Correlations
from detector.explain import held
from detector.explain.document import (
    Agreement,
    DeclaredLine,
    Explanation,
    Figures,
    MethodLine,
    OpeningLine,
    Range,
    Who,
)
from detector.explain.limits import limits_of, thresholds
from detector.explain.parts import bases, hardware, runs, tenants
from detector.explain.scene import Opened, Scene, Setting, scene
from detector.explain.timeline import periods, width_days
from detector.explain.unseen import unseen
from detector.explain.what_if import binding, range_of, tried, what_if
from detector.facts import Curve, CustomerFacts, Scope, SubjectFacts
from detector.parties.behind import behind
from detector.thresholds.forecast import OPERATIONS_PER_PARAMETER_AND_TOKEN, declared_operations


@dataclass(frozen=True)
class Explained:
    """An explanation and the curve that its picture is drawn from."""

    explanation: Explanation
    curve: Curve


def explain(opened: Opened, scope: Scope, subject_id: str, beside: held.Beside) -> Explained | None:
    """Explain one total; None where nothing metered counts for the subject."""
    setting = opened.setting
    shown = scene(opened, scope, subject_id)
    if shown is None:
        return None
    facts = shown.facts
    customers = setting.parties.customers(facts.tenant_ids)
    limits = limits_of(setting, facts, customers)
    found = tried(setting, shown)
    explanation = Explanation(
        scope=scope,
        subject_id=subject_id,
        tenant_ids=facts.tenant_ids,
        as_of=facts.as_of,
        first_start=facts.first_start,
        last_end=facts.last_end,
        metered_since=facts.metered_since,
        figures=_figures(shown),
        methods=_methods(facts),
        bases=bases(shown),
        openings=_openings(facts),
        declared=_declared(customers),
        runs=runs(shown, setting.meaning.classifier),
        tenants=tenants(shown),
        agreement=_agreement(setting.meaning.correlations),
        hardware=hardware(shown),
        period_days=width_days(facts),
        periods=periods(shown.cells, facts, width_days(facts)),
        thresholds=thresholds(setting, facts, customers, limits),
        binding=binding(facts, found),
        what_if=what_if(facts, found, limits),
        who=_who(setting, facts),
        unseen=unseen(opened, shown),
        provenance=setting.meaning.provenance,
        names=held.names(opened, shown),
        links=held.links(beside, shown),
        links_are_whole=beside.is_whole,
    )
    return Explained(explanation, facts.curve)


def _agreement(correlations: Correlations) -> Agreement:
    return Agreement(between_runs=correlations.within_tenant, between_tenants=correlations.shared)


def _figures(shown: Scene) -> Figures:
    facts = shown.facts
    return Figures(
        accelerator_hours=facts.accelerator_hours,
        metered_hours=facts.metered_hours,
        metered_hardware_expected=float(shown.cells["hardware_operations_expected"].sum()),
        peak_operations=facts.peak_operations,
        operations=range_of(facts.operations),
        hardware_operations_expected=facts.hardware_operations_expected,
        training_operations=range_of(facts.training),
        training_probability=facts.training_probability,
    )


def _methods(facts: SubjectFacts) -> tuple[MethodLine, ...]:
    return tuple(
        MethodLine(
            method=each.method,
            accelerator_hours=each.accelerator_hours,
            binding_ratio=min(1.0, each.binding_ratio),
            operations=Range(low=each.low, expected=each.expected, high=each.high),
        )
        for each in facts.estimates
    )


def _openings(facts: SubjectFacts) -> tuple[OpeningLine, ...]:
    return tuple(
        OpeningLine(
            tenant_id=each.tenant_id,
            at=each.at,
            basis=each.basis,
            accelerator_hours=each.accelerator_hours,
            operations=range_of(each.operations),
            training_expected=each.training_expected,
        )
        for each in facts.openings
    )


def _declared(customers: Sequence[CustomerFacts]) -> tuple[DeclaredLine, ...]:
    return tuple(
        DeclaredLine(
            tenant_id=record.tenant_id,
            declaration_id=each.declaration_id,
            model_name=each.model_name,
            operations=declared_operations(each),
            basis="planned by the customer"
            if each.planned_operations is not None
            else f"{OPERATIONS_PER_PARAMETER_AND_TOKEN} x parameters x tokens",
        )
        for record in sorted(customers, key=lambda record: record.tenant_id)
        for each in sorted(record.declarations, key=lambda each: each.declaration_id)
    )


def _who(setting: Setting, facts: SubjectFacts) -> Who:
    return Who(
        name=setting.parties.name_of(facts.scope, facts.subject_id),
        person_status=facts.person_status.status,
        reasons=facts.person_status.reasons,
        headquarters=setting.parties.places_of(facts),
        owner_ids=facts.owner_ids,
        ownership=behind(setting.parties, facts),
    )
