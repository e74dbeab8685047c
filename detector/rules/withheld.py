"""A rule about counters that are not there although the provider could read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from detector.facts import Severity
from detector.rules.rule import RED_FLAGS, Case, Hit, Rule, Value

#: What the customer is asked for, in words.
ASKED: Final = (
    "activity of the matrix units (tensor_active), power (power_w, energy_j) and traffic between "
    "nodes (fabric_bytes), read by the host or the board controller, and a declaration of the work"
)


def _counters_withheld(case: Case) -> Hit | None:
    """A large gang of accelerators that train is held for long, and no counter tells what it does.

    Most of its device time has no usable counter, its accelerators are of a kind that large
    trainings run on, and held on as it was, at its dense peak, it would pass the smallest
    threshold that reports within the days that are looked ahead; meanwhile the provider does have
    counters for its other customers. It says what to ask for. Refusing is the red flag, and silence
    by itself is not: it mistakes a broken exporter, or an agent that is not installed on bare
    metal, for a mask. It misses gangs that are cut over accounts, each small, and providers that
    have counters for nobody.
    """
    facts, metering = case.facts, case.metering
    smallest = case.smallest_reporting_threshold
    held = facts.last_end - facts.first_start
    if metering is None or smallest is None or held < timedelta(days=case.limits.withheld_days_min):
        return None
    if not _is_dark(case) or facts.training.high <= 0.0:
        return None
    ahead = timedelta(days=case.limits.forecast.horizon_days) / held
    each = facts.peak_operations / (facts.accelerator_hours * 3600.0)
    is_large = facts.peak_operations * ahead > smallest
    if not is_large or each < case.limits.withheld_peak_operations_min:
        return None
    evidence: dict[str, Value] = {
        "silent_ratio": facts.silent_ratio,
        "accelerators_mean": metering.accelerators_mean,
        "held_days": held / timedelta(days=1),
        "peak_operations_ahead": facts.peak_operations * ahead,
        "horizon_days": case.limits.forecast.horizon_days,
        "threshold_operations": smallest,
        "others_metered_ratio": metering.others_metered_ratio,
        "others_metered_tenant_count": metering.others_metered_count,
        "asked": ASKED,
    }
    severity: Severity = "low" if facts.person_status.status == "us" else "medium"
    return Hit(severity, case.pack_in_force(RED_FLAGS), evidence)


def _is_dark(case: Case) -> bool:
    """Say whether most of the work has no counters, while most of that of others has."""
    limits, metering = case.limits, case.metering
    return (
        metering is not None
        and case.facts.silent_ratio >= limits.silent_ratio_min
        and metering.others_metered_count >= limits.silent_tenants_min
        and metering.others_metered_ratio >= limits.withheld_others_ratio_min
    )


RULES: Final = (
    Rule(
        id="counters-withheld",
        title="Counters withheld from a large gang",
        basis=RED_FLAGS,
        severity="medium",
        scopes=("tenant",),
        when=_counters_withheld,
        because="{accelerators_mean} accelerators were held for {held_days} days; {silent_ratio} "
        "of the device time has no usable counters, and of that of other customers "
        "{others_metered_ratio} has. Held on for {horizon_days} days at full use it could reach "
        "{peak_operations_ahead} operations, past {threshold_operations}. Ask the customer for "
        "{asked}.",
    ),
)
