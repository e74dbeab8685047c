"""How severe it is that accounts look like one hand."""

from __future__ import annotations

import pytest

from detector.facts import Severity, SubjectFacts
from detector.linked import LinkedRuns
from detector.rules import accounts, apply
from tests.support.related_examples import SEVERITIES
from tests.support.subjects import case


@pytest.mark.parametrize(("linked", "facts", "severity"), SEVERITIES)
def test_linked_accounts_are_as_severe_as_who_they_are_and_how_sure_that_is(
    linked: LinkedRuns, facts: SubjectFacts, severity: Severity
) -> None:
    (found,) = apply(case(facts, accounts=linked), accounts.RULES)
    assert (found.rule_id, found.severity) == ("accounts-linked", severity)
