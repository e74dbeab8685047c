"""The cluster test: how severe it is, by precision, place, network and person."""

from __future__ import annotations

import pytest

from detector.facts import PersonStatus, PlacePeak, Severity
from detector.rules import apply
from detector.rules.cluster import RULES
from tests.support.subjects import case, pack, place, status, subject, training

SMALL = training(1e23, 2e23, 4e23)
SITE = place(cluster_id=None, operations_per_second_16bit=3e20)
AT_8_BIT = place(operations_per_second_16bit=9e19)
AT_4_BIT = place(operations_per_second_16bit=5e19, operations_per_second_8bit=9e19)
TOO_SMALL = place(
    operations_per_second_16bit=2e19,
    operations_per_second_8bit=4e19,
    operations_per_second_any=9e19,
)


def found(*places: PlacePeak, word: PersonStatus = "foreign") -> list[tuple[Severity, str]]:
    facts = subject(place_peaks=places, person_status=status(word), **SMALL)
    return [(each.severity, str(each.evidence["place"])) for each in apply(case(facts), RULES)]


@pytest.mark.parametrize(
    ("word", "severity"), [("foreign", "medium"), ("undetermined", "low"), ("us", "info")]
)
def test_a_joined_cluster_at_16_bit_is_as_severe_as_the_person_is_foreign(
    word: PersonStatus, severity: Severity
) -> None:
    assert found(place(), word=word) == [(severity, "fabric-1 on site-1")]


@pytest.mark.parametrize("weaker", [AT_8_BIT, AT_4_BIT, SITE])
def test_another_convention_or_a_whole_site_is_one_step_less(weaker: PlacePeak) -> None:
    assert [severity for severity, _ in found(weaker)] == ["low"]
    assert [severity for severity, _ in found(weaker, word="undetermined")] == ["info"]


def test_what_is_below_the_figure_at_every_precision_is_no_hit() -> None:
    assert found(TOO_SMALL) == []
    assert found() == []


def test_a_cluster_counts_before_the_site_it_stands_on() -> None:
    assert found(SITE, place()) == [("medium", "fabric-1 on site-1")]
    assert found(SITE, TOO_SMALL) == [("low", "site site-1")]


@pytest.mark.parametrize(
    ("gbit_per_second", "is_known", "severities"),
    [
        (100.0, True, []),
        (100.1, True, ["medium"]),
        (None, False, ["medium"]),
        (50.0, False, ["medium"]),
    ],
)
def test_only_a_network_that_is_known_to_be_slow_rules_a_cluster_out(
    gbit_per_second: float | None, severities: list[Severity], *, is_known: bool
) -> None:
    seen = place(network_gbit_per_second_min=gbit_per_second, is_network_known=is_known)
    assert [severity for severity, _ in found(seen)] == severities


def test_a_cluster_without_likely_training_is_one_step_less() -> None:
    facts = subject(place_peaks=(place(),), **training(0.0, 0.0, 1e23))
    assert [each.severity for each in apply(case(facts), RULES)] == ["low"]


def test_a_pack_without_a_cluster_figure_has_no_such_finding() -> None:
    facts = subject(place_peaks=(place(),), **SMALL)
    assert apply(case(facts, packs=(pack(cluster=None),)), RULES) == []


def test_a_site_that_was_not_named_is_told_so() -> None:
    assert found(place(site_id=None)) == [("medium", "fabric-1 on a site that was not named")]
