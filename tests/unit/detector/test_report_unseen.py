"""What a report says of work that no meter saw."""

from __future__ import annotations

import pytest

from detector.facts import Interval, OpeningFacts
from detector.report.unseen import unseen_sentences
from tests.support.subjects import day, subject


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("customer", "on the customer's word, by the larger of its operations and its hours"),
        ("provider_estimate", "by the provider's own estimate"),
        ("other_provider", "by another provider's statement"),
        (None, "on a basis that was not told"),
    ],
)
def test_an_opening_is_told_with_whose_word_it_stands_on(basis: str | None, said: str) -> None:
    stated = Interval(5e24, 2.1e25, 3.7e25)
    opening = OpeningFacts("t-1", day(0), basis, 5e6, stated, stated.expected)
    facts = subject(openings=(opening,), metered_since=day(1), silent_ratio=0.0)
    assert list(unseen_sentences(facts)) == [
        "These tenants are metered since 2026-03-02T00:00:00Z.",
        "For work of tenant t-1 before 2026-03-01T00:00:00Z, which was not metered, 2.1 × 10²⁵ "
        f"operations count {said}, for whoever held the tenant last before that instant. What an "
        "earlier holder did of it is not known.",
    ]
