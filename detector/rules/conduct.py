"""Rules about the meters: silence, impossible figures, disagreement, unknown hardware.

Most of them turn a notice, written where the totals are made, into a finding. Those are low: a
meter that fails is a fault far more often than a mask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from detector.errors import DetectorError
from detector.facts import Scope, Severity
from detector.rules.rule import Case, Hit, Rule, Value, unknown_severity

_CONTRADICTED: Final = ("counters-without-power", "use-contradicted", "power-contradicted")
#: What each notice must bring, by rule id: the names of its values.
NOTICE_VALUES: Final = {
    "instance-type-unknown": ("instance_type", "resource_hours"),
    "accelerator-unknown": ("accelerator", "accelerator_hours", "operations_at_most"),
    "telemetry-impossible": ("figure_count", "field", "reading"),
    "device-counts-disagree": ("overlap_hours",),
    "tenants-disagree": ("overlap_hours",),
    "vantages-disagree": ("bucket_count", "field"),
    "counters-contradicted": ("accelerator_hours", "counter"),
    **dict.fromkeys(_CONTRADICTED, ("accelerator_hours",)),
    "opening-overlaps": ("metered_hours",),
    "opening-impossible": ("opening_count",),
}


def _telemetry_silent(case: Case) -> Hit | None:
    """Most device time has no usable counters, and at full use it could reach a threshold.

    Silence never lowers an estimate; it widens the interval up to the peak. It is a finding only
    where the device time at dense peak would pass the smallest threshold that can be reported, so
    that a small tenant without an agent is left alone. It mistakes a broken exporter for a mask.
    """
    facts = case.facts
    smallest = case.smallest_reporting_threshold
    if smallest is None or facts.peak_operations < smallest:
        return None
    if facts.silent_ratio < case.limits.silent_ratio_min:
        return None
    evidence: dict[str, Value] = {
        "silent_ratio": facts.silent_ratio,
        "peak_operations": facts.peak_operations,
        "threshold_operations": smallest,
    }
    return Hit("low" if facts.person_status.status == "us" else "medium", None, evidence)


def _notice(case: Case, rule_id: str) -> Hit | None:
    """Give the figures of the notices with this rule's id; several are added up."""
    found = [
        notice
        for notice in case.notices
        if (notice.rule_id, notice.scope, notice.subject_id)
        == (rule_id, case.facts.scope, case.facts.subject_id)
    ]
    if not found:
        return None
    evidence: dict[str, Value] = {}
    for notice in found:
        for name, value in notice.values.items():
            evidence[name] = _together(evidence.get(name), value)
    lacking = [name for name in NOTICE_VALUES[rule_id] if name not in evidence]
    if lacking:
        raise DetectorError(
            f"notice {rule_id} on {case.facts.subject_id}: expected the values "
            f"{', '.join(NOTICE_VALUES[rule_id])}, {', '.join(lacking)} not given; give them all"
        )
    return Hit("low", None, evidence)


def _together(known: Value, value: str | float | int) -> Value:
    """Numbers add up; texts are listed once each, in order."""
    if isinstance(value, str):
        before = known if isinstance(known, tuple) else ()
        return tuple(sorted({*before, value}))
    return value + known if isinstance(known, int | float) else value


def _instance_type_unknown(case: Case) -> Hit | None:
    """Resources were metered with an instance type that is not in the catalogue.

    Their accelerators are not guessed: where no count was sent their resource-hours count as no
    operations, so every figure of this tenant may be too low. It fires once a tenant until the
    catalogue knows the type.
    """
    return _notice(case, "instance-type-unknown")


def _accelerator_unknown(case: Case) -> Hit | None:
    """Devices were metered under an accelerator name that is not in the catalogue.

    Their hours count, their operations are unknown, so every figure of this tenant may be too
    low. At the largest dense peak of the catalogue, past the smallest threshold it is medium, far
    past it high, whoever works there. A spelling that no alias covers looks like a new chip.
    """
    found = _notice(case, "accelerator-unknown")
    return found and replace(found, severity=unknown_severity(case, found.evidence))


def _telemetry_impossible(case: Case) -> Hit | None:
    """A counter gave what physics does not allow: a ratio over 1, more power than the chip draws.

    The figure was dropped and the hours stay. Most often an exporter mistakes its unit; it also
    is what a crude attempt to move the estimate looks like.
    """
    return _notice(case, "telemetry-impossible")


def _device_counts_disagree(case: Case) -> Hit | None:
    """Two events give different device counts for one resource at one time.

    The larger holds. Usually one meter lags behind a change of size.
    """
    return _notice(case, "device-counts-disagree")


def _tenants_disagree(case: Case) -> Hit | None:
    """Two events give one resource at one time to different tenants.

    The time counts for each of them, so their sums overlap. Usually an allocation changed hands
    and one meter lags; it can also be an identity that two customers share.
    """
    return _notice(case, "tenants-disagree")


def _vantages_disagree(case: Case) -> Hit | None:
    """Two vantages saw different telemetry on one resource: one of them is wrong.

    The most trusted vantage is expected, in the order host, bmc, bill, guest; the interval covers
    what each of the provider's own saw. Clocks that differ and
    meters that average differently look the same as a counter that was tampered with.
    """
    return _notice(case, "vantages-disagree")


def _counters_contradicted(case: Case) -> Hit | None:
    """Counters at rest, or below what the power takes, on a device at work: they may lie.

    An exporter can give zeros after long uptime; a customer can give them, or less than was. The
    interval opens to what each method says. Expected is what sound counters of the same run show
    at like power, else the largest figure. Work that is neither matrix nor vector arithmetic, such
    as sorting in memory, looks the same.
    """
    return _notice(case, "counters-contradicted")


def _counters_without_power(case: Case) -> Hit | None:
    """Pipe counters that show hard work at the power of an idle device: one of the two lies.

    Which one cannot be told from the two alone. A power meter that reads one board of several, or
    a unit taken for another, looks the same as counters that somebody turned up.
    """
    return _notice(case, "counters-without-power")


def _use_contradicted(case: Case) -> Hit | None:
    """Pipes were active for more of the time than the device was in use: the use counter lies.

    A pipe runs only inside a kernel, so use bounds it from above. Means that were taken over
    different parts of the hour can look the same.
    """
    return _notice(case, "use-contradicted")


def _power_contradicted(case: Case) -> Hit | None:
    """One vantage's power and its energy over the same time differ: one of the two lies.

    The larger is expected. An energy counter that wrapped or was reset looks the same.
    """
    return _notice(case, "power-contradicted")


def _opening_overlaps(case: Case) -> Hit | None:
    """An opening balance speaks of work before an instant, and some of it was metered.

    What was metered is taken off the opening, so nothing counts twice. Most often the date is that
    of a contract and not of the first meter; it can also be work stated a second time.
    """
    return _notice(case, "opening-overlaps")


def _opening_impossible(case: Case) -> Hit | None:
    """An opening balance states more than anybody ever computed.

    The amount was dropped, the rest stays. Most often a unit was mistaken, as petaflops for
    operations; the true figure is then unknown, and every figure of this tenant may be too low.
    """
    return _notice(case, "opening-impossible")


_SUBJECTS: Final[tuple[Scope, ...]] = ("tenant",)


def _meter_rule(rule_id: str, title: str, when: Callable[[Case], Hit | None], because: str) -> Rule:
    severity: Severity = "high" if when is _accelerator_unknown else "low"
    return Rule(rule_id, title, "house", severity, _SUBJECTS, when, because)


RULES: Final = (
    Rule(
        id="telemetry-silent",
        title="Silent counters over work that could reach a threshold",
        basis="house",
        severity="medium",
        scopes=_SUBJECTS,
        when=_telemetry_silent,
        because="{silent_ratio} of the device time has no usable counters; at full use "
        "it could reach {peak_operations} operations, past {threshold_operations}.",
    ),
    _meter_rule(
        "instance-type-unknown",
        "Instance type not in the catalogue",
        _instance_type_unknown,
        "The instance types {instance_type} are not in the catalogue; the time of their "
        "resources, {resource_hours} h in all, counts as no operations.",
    ),
    _meter_rule(
        "accelerator-unknown",
        "Accelerator not in the catalogue",
        _accelerator_unknown,
        "The accelerators {accelerator} are not in the catalogue; the operations of "
        "{accelerator_hours} accelerator-hours are unknown, at most {operations_at_most} by the "
        "largest dense peak that is known.",
    ),
    _meter_rule(
        "telemetry-impossible",
        "Impossible telemetry",
        _telemetry_impossible,
        "Impossible telemetry was dropped, {figure_count}: {reading}.",
    ),
    _meter_rule(
        "device-counts-disagree",
        "Meters disagree on the device count",
        _device_counts_disagree,
        "For {overlap_hours} hours, events about one resource disagree on its device count; "
        "the larger of each tenant's own was taken.",
    ),
    _meter_rule(
        "tenants-disagree",
        "Meters disagree on the tenant",
        _tenants_disagree,
        "For {overlap_hours} hours, events about one resource name different tenants; the time "
        "counts for each.",
    ),
    _meter_rule(
        "vantages-disagree",
        "Vantages disagree on telemetry",
        _vantages_disagree,
        "In {bucket_count} of time, vantages of one resource disagree on {field}; the most "
        "trusted one was taken.",
    ),
    _meter_rule(
        "opening-overlaps",
        "Opening balance over metered time",
        _opening_overlaps,
        "{metered_hours} accelerator-hours were metered before the instant of an opening balance "
        "for the same work; they were taken off it.",
    ),
    _meter_rule(
        "opening-impossible",
        "Impossible opening balance",
        _opening_impossible,
        "Opening balances stated impossible amounts, which were dropped ({opening_count}).",
    ),
    _meter_rule(
        "counters-contradicted",
        "Counters at rest on a device at work",
        _counters_contradicted,
        "Over {accelerator_hours} accelerator-hours, {counter} shows rest or little while the "
        "power drawn or the use shows work: dead counters look like this, and the interval does "
        "not rest on them alone.",
    ),
    _meter_rule(
        "counters-without-power",
        "Busy counters at idle power",
        _counters_without_power,
        "Over {accelerator_hours} accelerator-hours, pipe counters show hard work while the power "
        "drawn shows rest: the two cannot both be true, and the interval covers both.",
    ),
    _meter_rule(
        "use-contradicted",
        "Pipes busier than the device",
        _use_contradicted,
        "Over {accelerator_hours} accelerator-hours, pipes were active for more of the time than "
        "the device was in use: the use counter lies, and the interval covers both.",
    ),
    _meter_rule(
        "power-contradicted",
        "Power and energy at odds",
        _power_contradicted,
        "Over {accelerator_hours} accelerator-hours, power and energy of one vantage differ by "
        "more than meters do: the two cannot both be true, and the larger is expected.",
    ),
)
