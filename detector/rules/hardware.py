"""Rules about hardware that the catalogue does not tell of: a name, a type, a machine without any.

Its operations are in no total, so the finding says the most that they may be, and is as severe.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from detector.facts import Severity
from detector.rules.noticed import meter_rule, noticed
from detector.rules.rule import Case, Hit, Rule, Value, unknown_severity
from features.belied import SIGNS

#: One step less, where nothing but the name tells that there are accelerators at all.
_DOUBTED: Final[dict[Severity, Severity]] = {"high": "medium", "medium": "low", "low": "low"}


def _at_most(case: Case, hit: Hit) -> dict[str, Value]:
    """Say what the machines may have done, at so many of the fastest accelerators in each."""
    each = case.limits.unlisted_accelerator_count
    operations = max(_number(hit, "operations_each") * each, _number(hit, "operations_stated"))
    return {"fast_accelerator_count": each, "operations_at_most": operations}


def _number(hit: Hit, name: str) -> float:
    value = hit.evidence[name]
    return float(value) if isinstance(value, int | float) else 0.0


def _instance_type_unknown(case: Case) -> Hit | None:
    """Resources were metered with an instance type that is not in the catalogue.

    Their accelerators are not guessed: where no count was sent their resource-hours count as no
    operations, so every figure of this tenant may be too low. It is as severe as what a node full
    of the fastest accelerators would have done in each, and one step less where no counter of an
    accelerator was read there: machines without accelerators have unknown types too. It fires once
    a tenant until the catalogue knows the type.
    """
    found = noticed(case, "instance-type-unknown")
    if found is None:
        return None
    most = _at_most(case, found)
    severity = unknown_severity(case, most)
    is_told = _number(found, "counted_hours") > 0 or _number(found, "accelerator_hours") > 0
    return replace(
        found,
        severity=severity if is_told else _DOUBTED.get(severity, severity),
        evidence={**found.evidence, **most},
    )


def _accelerators_unlisted(case: Case) -> Hit | None:
    """Accelerators were metered on machines that have none by the catalogue.

    Their pipes or their use were read at work, or their number was stated, and still they count as
    no operations. A machine that is called by another name, or devices that were attached to it,
    would look like this; so does an exporter that writes the load of processors into these fields.
    """
    found = noticed(case, "accelerators-unlisted")
    if found is None:
        return None
    most = _at_most(case, found)
    severity = unknown_severity(case, most)
    return replace(found, severity=severity, evidence={**found.evidence, **most})


def _accelerator_unknown(case: Case) -> Hit | None:
    """Devices were metered under an accelerator name that is not in the catalogue.

    Their hours count, their operations are unknown, so every figure of this tenant may be too
    low. At the largest dense peak of the catalogue, past the smallest threshold it is medium, far
    past it high, whoever works there. A spelling that no alias covers looks like a new chip.
    """
    found = noticed(case, "accelerator-unknown")
    return found and replace(found, severity=unknown_severity(case, found.evidence))


def _accelerator_belied(case: Case) -> Hit | None:
    """Events name an accelerator, and what stands in the same events is not of that kind.

    The provider's own meter read more traffic between the devices of a node than the links of that
    kind carry, or the host twice the power of a board of that kind; or the instance type is one
    that holds a faster kind. The name counts all the same,
    so every figure of this tenant may be too low: a faster chip under a weaker name looks like
    this. So do an exporter that counts other traffic, a type that was renamed, and a row of the
    catalogue that is wrong. As severe as the most that may have been done in that time, by the
    instance type's kind or by the fastest that is known; low for power alone, for a meter of the
    whole node that is read into each device looks like it. A weaker name without any such figure
    is missed.
    """
    found = noticed(case, "accelerator-belied")
    if found is None or found.evidence["sign"] == (SIGNS["power"],):
        return found
    return replace(found, severity=unknown_severity(case, found.evidence))


def _fraction_belied(case: Case) -> Hit | None:
    """A fraction below the smallest slice of its chip, beside the power of a whole board at work.

    The hours count by the fraction as told, and the high bound by whole devices. Schedulers that
    share a device by time give out such fractions, and meters read the power of the whole board for
    each that shares it: then all is well, and other work draws the power. A whole device that is
    told as a thousandth looks the same. As severe as the most that whole devices may have done.
    Fractions that a chip can be cut to, and time without power, are not asked about.
    """
    found = noticed(case, "fraction-belied")
    return found and replace(found, severity=unknown_severity(case, found.evidence))


RULES: Final[tuple[Rule, ...]] = (
    meter_rule(
        "accelerator-belied",
        "Accelerators that are not what they are called",
        _accelerator_belied,
        "Over {accelerator_hours} accelerator-hours told as {accelerator} the events show {sign}. "
        "The name counts; another kind may have done {operations_at_most} operations. Find out "
        "what these devices are; then mend the name, the meter or the catalogue.",
        "high",
    ),
    meter_rule(
        "fraction-belied",
        "Whole boards at work under tiny fractions",
        _fraction_belied,
        "{accelerator_hours} accelerator-hours of {accelerator} were told by fractions smaller "
        "than any slice of it, beside the power of whole boards at work: of whole devices they "
        "would be {whole_accelerator_hours}, and {operations_at_most} operations at most. Either "
        "others share these boards by time, or the fraction hides them: ask who else was on them.",
        "high",
    ),
    meter_rule(
        "instance-type-unknown",
        "Instance type not in the catalogue",
        _instance_type_unknown,
        "The instance types {instance_type} are not in the catalogue; the time of their "
        "resources, {resource_hours} h in all, counts as no operations. Accelerators were read at "
        "work there for {counted_hours} h; with {fast_accelerator_count} in each "
        "they may have done {operations_at_most}. Add the types to the catalogue, or send "
        "accelerator and accelerator_count.",
        "high",
    ),
    meter_rule(
        "accelerators-unlisted",
        "Accelerators on machines that have none",
        _accelerators_unlisted,
        "By the catalogue {instance_type} have no accelerators and count as no operations. "
        "Accelerators were read at work there for {counted_hours} h, and {accelerator_hours} "
        "accelerator-hours were stated; with {fast_accelerator_count} in each they "
        "may have done {operations_at_most}. Find out what these machines are; then mend the "
        "catalogue or the meter.",
        "high",
    ),
    meter_rule(
        "accelerator-unknown",
        "Accelerator not in the catalogue",
        _accelerator_unknown,
        "The accelerators {accelerator} are not in the catalogue; the operations of "
        "{accelerator_hours} accelerator-hours are unknown, at most {operations_at_most} by the "
        "largest dense peak that is known.",
        "high",
    ),
)
