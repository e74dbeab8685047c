"""How severe it is that corrections took work out of the totals, and when it is no question."""

from __future__ import annotations

import pytest

from detector.facts import Severity, SubjectFacts
from detector.related import Withdrawn
from detector.rules import apply
from detector.rules.withdrawn import RULES
from tests.support.related_examples import WITHDRAWALS, withdrawn
from tests.support.subjects import case, subject, training


@pytest.mark.parametrize(("left", "told", "severity"), WITHDRAWALS)
def test_a_withdrawal_is_as_severe_as_what_it_decided(
    left: Withdrawn, told: SubjectFacts, severity: Severity | None
) -> None:
    found = [finding.severity for finding in apply(case(told, withdrawn=left), RULES)]
    assert found == ([] if severity is None else [severity])


def test_without_a_threshold_that_reports_a_large_share_is_information() -> None:
    found = apply(case(withdrawn=withdrawn(6e25), packs=()), RULES)
    assert [finding.severity for finding in found] == ["info"]


def test_what_was_near_a_threshold_is_told_as_near() -> None:
    (found,) = apply(case(subject(**training(4e25, 9e25, 2e26)), withdrawn=withdrawn(5e25)), RULES)
    assert "near the 10²⁶ of test-reports (proposed) but for them" in found.because
    assert found.evidence["threshold_id"] == "operations-1e26"
