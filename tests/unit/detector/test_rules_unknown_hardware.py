"""How severe hardware is that the catalogue does not know: by the most that it may have done."""

from __future__ import annotations

import pytest

from detector.facts import Notice, PersonStatus, Severity
from detector.rules import apply, told
from features.belied import SIGNS
from tests.support.subjects import case, status, subject, training

SMALL = training(1e23, 2e23, 4e23)


def _unknown(operations_at_most: float) -> Notice:
    values: dict[str, str | float | int] = {
        "accelerator": "Q-9000",
        "accelerator_hours": 9.0,
        "operations_at_most": operations_at_most,
    }
    return Notice("accelerator-unknown", "tenant", "t-1", ("t-1",), values)


@pytest.mark.parametrize(
    ("most", "word", "severity"),
    [
        (9.9e25, "foreign", "low"),
        (1e26, "foreign", "medium"),
        (1e26, "undetermined", "medium"),
        (1e26, "us", "medium"),
        (9.9e26, "foreign", "medium"),
        (1e27, "foreign", "high"),
        (1e27, "undetermined", "high"),
        (1e27, "us", "high"),
    ],
)
def test_unknown_hardware_is_as_severe_as_the_most_it_may_have_done(
    most: float, word: PersonStatus, severity: Severity
) -> None:
    facts = subject(person_status=status(word), **SMALL)
    (finding,) = apply(case(facts, notices=(_unknown(most),)))
    assert finding.severity == severity


def test_unknown_hardware_is_low_where_nothing_in_force_reports() -> None:
    (finding,) = apply(case(subject(**SMALL), notices=(_unknown(1e30),), packs=()))
    assert finding.severity == "low"


def test_a_tenant_of_whom_nothing_else_is_known_is_told_of_as_severely() -> None:
    """Whoever has nothing but unknown hardware has no operations, and is not looked at in full."""
    looked_at = case(subject(**SMALL))
    (finding,) = told([_unknown(1e27)], looked_at.facts.as_of, looked_at.limits, looked_at.packs)
    assert finding.severity == "high"


@pytest.mark.parametrize(
    ("rule_id", "each", "counted", "severity"),
    [
        ("instance-type-unknown", 6e24, 5.0, "low"),
        ("instance-type-unknown", 7e24, 5.0, "medium"),
        ("instance-type-unknown", 7e25, 5.0, "high"),
        ("instance-type-unknown", 7e25, 0.0, "medium"),
        ("instance-type-unknown", 7e24, 0.0, "low"),
        ("accelerators-unlisted", 6e24, 5.0, "low"),
        ("accelerators-unlisted", 7e24, 5.0, "medium"),
        ("accelerators-unlisted", 7e25, 5.0, "high"),
    ],
)
def test_machines_of_which_the_catalogue_does_not_tell_are_as_severe_as_full_ones(
    rule_id: str, each: float, counted: float, severity: Severity
) -> None:
    """Sixteen of the fastest accelerators in each; a step less where none was read there."""
    values: dict[str, str | float | int] = {
        "instance_type": "x9.huge",
        "resource_hours": 5.0,
        "counted_hours": counted,
        "accelerator_hours": 0.0,
        "operations_each": each,
        "operations_stated": 0.0,
    }
    notice = Notice(rule_id, "tenant", "t-1", ("t-1",), values)
    (finding,) = apply(case(subject(**SMALL), notices=(notice,)))
    assert (finding.severity, finding.evidence["operations_at_most"]) == (severity, 16 * each)


@pytest.mark.parametrize(
    ("signs", "severity"), [(("power",), "low"), (("link",), "high"), (("power", "link"), "high")]
)
def test_power_alone_is_low_for_it_may_be_that_of_a_node(
    signs: tuple[str, ...], severity: Severity
) -> None:
    said = [
        Notice(
            "accelerator-belied",
            "tenant",
            "t-1",
            ("t-1",),
            {
                "accelerator": "T4",
                "sign": SIGNS[sign],
                "accelerator_hours": 9.0,
                "operations_at_most": 1e27,
            },
        )
        for sign in signs
    ]
    (finding,) = apply(case(subject(**SMALL), notices=tuple(said)))
    assert (finding.rule_id, finding.severity) == ("accelerator-belied", severity)
