"""What the provider's own meters get wrong speaks against no customer."""

from __future__ import annotations

import pytest

from detector.facts import Notice, Severity
from detector.rules import apply
from tests.support.subjects import case, subject, training


def dead_meter(vantage: str) -> dict[str, str | float | int]:
    return {"figure_count": 1, "field": "power_w", "reading": "0 W", "vantage": vantage}


@pytest.mark.parametrize(
    ("vantages", "severity"),
    [
        (("host",), "info"),
        (("bmc", "host"), "info"),
        (("guest", "host"), "low"),
        (("bill",), "low"),
    ],
)
def test_an_impossible_figure_of_the_providers_own_meters_is_no_mark_against_a_customer(
    vantages: tuple[str, ...], severity: Severity
) -> None:
    told = tuple(
        Notice("telemetry-impossible", "tenant", "t-1", ("t-1",), dead_meter(each))
        for each in vantages
    )
    found = apply(case(subject(**training(1e23, 2e23, 4e23)), notices=told))
    assert [(each.rule_id, each.severity) for each in found] == [("telemetry-impossible", severity)]
