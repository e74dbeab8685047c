"""The utilisation prior as data: what the shipped file says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.errors import PolicyError
from detector.policy.utilisation import parse_utilisation

SHIPPED = (
    Path(__file__).parents[3] / "detector" / "policy" / "reference" / "utilisation.toml"
).read_text(encoding="utf-8")


def test_the_shipped_prior_is_in_order_and_below_its_ceiling() -> None:
    prior = parse_utilisation(SHIPPED).prior()
    assert 0.2 < 10**prior.centre < 0.4
    assert 0.2 < prior.most_expected <= prior.ceiling <= 1.0
    band = prior.algorithmic
    assert 0 < band.low < band.expected < band.high <= 1.0


def test_a_curve_that_does_not_ascend_is_refused() -> None:
    at = SHIPPED.index("[below]")
    broken = SHIPPED[:at] + SHIPPED[at:].replace("knots = [[", "knots = [[9e9, 0.1], [", 1)
    with pytest.raises(PolicyError, match=r"utilisation\.toml: below: .*ascend"):
        parse_utilisation(broken)


def test_shares_out_of_order_are_refused() -> None:
    at = SHIPPED.index("[algorithmic]")
    broken = SHIPPED[:at] + SHIPPED[at:].replace("low = ", "low = 0.99 # ", 1)
    with pytest.raises(PolicyError, match=r"utilisation\.toml: algorithmic: .*low <= expected"):
        parse_utilisation(broken)
