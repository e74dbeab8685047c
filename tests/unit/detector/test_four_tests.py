"""Beneficial owner, outbound rules, headquarters: answers, chains and what would flip them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from detector.who.answers import Answer, Flip, Step, percent
from detector.who.four_tests import (
    beneficial_owner,
    headquarters_walk,
    held_by_country_of_concern,
    owned_by_listed,
)
from detector.who.graph import OwnershipGraph, Statement, build_graph
from detector.who.interests import NOTHING, Certainty, Share
from detector.who.outbound import NOT_COMPUTED
from tests.support.charts import countries
from tests.support.statements import (
    KNOWN_AT,
    entity,
    graph_of,
    holding,
    person,
    relationship,
    statement,
)

TABLE = countries()
QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


def owner(*statements: Statement, who: str = "P") -> Answer:
    return beneficial_owner(graph_of(*statements), "T", who, KNOWN_AT)


def share(low: float, high: float | None = None) -> Share:
    return Share(Fraction(str(low)), Fraction(str(low if high is None else high)))


def controls(party: str | dict[str, str], subject: str, **flag: bool) -> Statement:
    return relationship(
        f"{party}-controls-{subject}", party, subject, [{"type": "boardChair", **flag}]
    )


def test_a_person_with_a_quarter_over_a_chain_is_a_beneficial_owner() -> None:
    found = owner(person("P"), entity("A"), holding("P", "A", 50), holding("A", "T", 50))
    assert found == Answer(
        "yes", share(0.25), ("P",), (Step("P", "A", share(0.5)), Step("A", "T", share(0.5)))
    )


def test_a_person_just_below_a_quarter_is_none() -> None:
    assert owner(person("P"), holding("P", "T", 24.99)).certainty == "no"


def test_a_range_makes_a_possible_owner_and_names_the_size_that_would_do() -> None:
    found = owner(person("P"), holding("P", "A", {"minimum": 10}), holding("A", "T", 75))
    assert (found.certainty, found.share) == ("possible", share(0.075, 0.75))
    assert found.flips == (Flip("stake", "P", "A", Fraction(333_334, 10**6)),)
    assert found.words[-1] == "It would be sure if it came out that P owns 33.3334 % or more of A."


def test_a_range_that_may_be_a_quarter_makes_a_possible_owner() -> None:
    found = owner(person("P"), holding("P", "T", {"minimum": 10, "maximum": 25}))
    assert (found.certainty, found.share) == ("possible", share(0.1, 0.25))


def test_control_that_is_left_open_is_named() -> None:
    found = owner(person("P"), controls("P", "T"))
    assert (found.certainty, found.flips) == ("possible", (Flip("control", "P", "T"),))
    assert found.words == (
        "P has an interest in T and may control it",
        "It would be sure if it came out that P controls T.",
    )


def test_control_that_is_stated_is_enough() -> None:
    found = owner(person("P"), controls("P", "T", beneficialOwnershipOrControl=True))
    assert (found.certainty, found.share) == ("yes", NOTHING)
    assert found.words == ("P has an interest in T and controls it",)


def test_a_trustee_controls_and_a_beneficiary_has_a_share() -> None:
    trust = relationship("r", "P", "T", [{"type": "trustee"}])
    gains = relationship("r", "P", "T", [{"type": "beneficiaryOfLegalArrangement"}])
    assert owner(person("P"), trust).certainty == "yes"
    assert owner(person("P"), gains).certainty == "possible"


def test_a_nominee_is_only_possible_and_a_nominator_is_sure() -> None:
    def stake(kind: str) -> Statement:
        return relationship("r", "P", "T", [{"type": kind, "share": {"exact": 60}}])

    assert owner(person("P"), stake("nominee")).certainty == "possible"
    assert owner(person("P"), stake("nominator")).certainty == "yes"


def test_two_who_hold_jointly_through_an_arrangement_have_half_each() -> None:
    joint = [holding("P", "J", 50), holding("Q", "J", 50), holding("J", "T", 60)]
    for who in "PQ":
        assert owner(person("P"), person("Q"), entity("J"), *joint, who=who).share == share(0.3)


def test_an_organisation_is_no_beneficial_owner_and_an_undescribed_record_may_be() -> None:
    assert owner(entity("P"), holding("P", "T", 100)) == Answer("no")
    found = owner(holding("P", "T", 100))
    assert (found.certainty, found.share, found.flips) == ("possible", share(1), ())


def test_a_record_is_not_its_own_owner() -> None:
    assert beneficial_owner(graph_of(person("T")), "T", "T", KNOWN_AT) == Answer("no")


@pytest.mark.parametrize(
    ("at", "known", "certainty"),
    [
        ("2021-06-01", "2026-01-01", "yes"),
        ("2023-06-01", "2026-01-01", "no"),
        ("2021-06-01", "2022-01-01", "no"),
    ],
    ids=["held then", "sold before", "not yet known"],
)
def test_what_held_then_and_what_was_known_then_are_two_instants(
    at: str, known: str, certainty: Certainty
) -> None:
    told = datetime(2024, 1, 1, tzinfo=UTC)
    stated = [person("P"), holding("P", "T", 30, startDate="2020-01-01", endDate="2022-01-01")]
    graph = build_graph(
        [(each, told) for each in stated], datetime.fromisoformat(known).replace(tzinfo=UTC)
    )
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert beneficial_owner(graph, "T", "P", instant).certainty == certainty
    assert owned_by_listed(graph, "T", {"P": "yes"}, instant, QUARTER).certainty == certainty


def rights(party: str, subject: str, **percents: float | None) -> Statement:
    kinds = {"votes": "votingRights", "equity": "shareholding", "board": "appointmentOfBoard"}
    stated: list[dict[str, Any]] = [
        {"type": kinds[name], **({} if size is None else {"share": {"exact": size}})}
        for name, size in percents.items()
    ]
    return relationship(f"{party}-in-{subject}", party, subject, stated)


def limbs(*statements: Statement, **persons: Certainty) -> dict[str, tuple[Certainty, Share]]:
    found = held_by_country_of_concern(
        graph_of(*statements), "T", persons or {"P": "yes"}, KNOWN_AT, HALF
    )
    assert all(each.not_computed == NOT_COMPUTED for each in found.values())
    return {name: (each.certainty, each.share) for name, each in found.items()}


def test_votes_seats_and_equity_are_three_tests() -> None:
    found = limbs(rights("P", "T", votes=50, equity=20, board=10))
    assert found == {
        "voting": ("yes", share(0.5)),
        "board": ("no", share(0.1)),
        "equity": ("no", share(0.2)),
        "government": ("no", NOTHING),
    }


def test_a_majority_holder_passes_the_whole_and_a_minority_holder_its_proportion() -> None:
    majority = limbs(rights("P", "A", votes=60), rights("A", "T", votes=50))
    minority = limbs(rights("P", "A", votes=40), rights("A", "T", votes=100))
    assert majority["voting"] == ("yes", share(0.5))
    assert minority["voting"] == ("no", share(0.4))


def test_at_exactly_half_both_readings_stay_open() -> None:
    assert limbs(rights("P", "A", votes=50), rights("A", "T", votes=60))["voting"] == (
        "possible",
        share(0.3, 0.6),
    )


def test_what_several_persons_hold_directly_and_over_chains_adds() -> None:
    found = limbs(
        rights("P", "A", votes=40),
        rights("A", "T", votes=50),
        rights("Q", "T", votes=30),
        P="yes",
        Q="yes",
    )
    assert found["voting"] == ("yes", share(0.5))


def test_shares_may_carry_the_votes_that_nobody_stated() -> None:
    found = limbs(rights("P", "T", equity=80))
    assert found["voting"] == ("possible", share(0, 0.8))
    assert found["equity"] == ("yes", share(0.8))


def test_seats_that_are_not_counted_may_be_all_of_them() -> None:
    assert limbs(rights("P", "T", board=None))["board"] == ("possible", share(0, 1))


def test_companies_that_hold_one_another_are_solved_and_do_not_lift_themselves() -> None:
    found = limbs(
        rights("A", "T", votes=60), rights("T", "A", votes=60), rights("P", "A", votes=10)
    )
    solved = Fraction(3, 32)  # x = 0.6 y and y = 0.1 + 0.6 x
    assert found["voting"] == ("no", Share(solved, solved))


def test_a_government_counts_by_its_power_to_direct() -> None:
    state = statement("S", "entity", {"entityType": {"type": "state"}, "name": "A state"})
    directs = controls("S", "T", beneficialOwnershipOrControl=True)
    assert limbs(state, directs, S="yes")["government"] == ("yes", NOTHING)
    assert limbs(state, directs, S="possible")["government"] == ("possible", NOTHING)
    assert limbs(entity("S"), directs, S="yes")["government"] == ("no", NOTHING)


def test_the_vote_that_would_flip_a_limb_is_named() -> None:
    graph = graph_of(rights("P", "A", votes=None), rights("A", "T", votes=80))
    found = held_by_country_of_concern(graph, "T", {"P": "yes"}, KNOWN_AT, HALF)["voting"]
    assert found.flips == (Flip("stake", "P", "A", Fraction(500_001, 10**6)),)
    assert found.parties == ("P",)
    assert [step.words for step in found.chain] == [
        "P owns 0 % to 100 % of A",
        "A owns 80 % of T",
    ]


def walk(*statements: Statement) -> Answer:
    graph: OwnershipGraph = graph_of(*statements)
    return headquarters_walk(graph, "T", KNOWN_AT, lambda code: code == "CN", TABLE)


def test_the_walk_goes_to_the_headquarters_of_the_ultimate_parent() -> None:
    found = walk(
        entity("T", "SG"),
        entity("A", "NL"),
        entity("B", headquarters="HK"),
        holding("B", "A", 51),
        holding("A", "T", 51),
    )
    assert found == Answer(
        "yes", NOTHING, ("B",), (Step("B", "A", share(0.51)), Step("A", "T", share(0.51)))
    )


def test_a_minority_parent_is_none_and_an_open_stake_is_named() -> None:
    base = [entity("T", "SG"), entity("B", "CN")]
    assert walk(*base, holding("B", "T", 49)).certainty == "no"
    found = walk(*base, holding("B", "T"))
    assert found.certainty == "possible"
    assert found.flips == (Flip("stake", "B", "T", Fraction(500_001, 10**6)),)


def test_a_place_not_on_record_and_an_owner_not_named_leave_the_walk_open() -> None:
    assert walk(entity("T")) == Answer("possible", NOTHING, ("T",))
    unnamed = relationship("r", {"reason": "unknown"}, "T", [{"type": "shareholding"}])
    nobody = relationship("r", {"reason": "noBeneficialOwners"}, "T", [{"type": "shareholding"}])
    assert walk(entity("T", "SG"), unnamed).certainty == "possible"
    assert walk(entity("T", "SG"), nobody).certainty == "no"


@pytest.mark.parametrize(
    ("interest", "expected"),
    [
        ({"type": "shareholding", "share": {"exact": 50}}, "no"),
        ({"type": "shareholding", "share": {"exact": 51}}, "possible"),
        ({"type": "appointmentOfBoard"}, "possible"),
    ],
)
def test_an_owner_not_named_leaves_the_walk_open_with_more_than_half_or_control(
    interest: dict[str, Any], expected: Certainty
) -> None:
    unnamed = relationship("r", {"reason": "unknown"}, "T", [interest])
    assert walk(entity("T", "SG"), unnamed).certainty == expected


def test_percentages_are_rounded_up_so_that_a_size_named_is_always_enough() -> None:
    ratios = [Fraction(1), Fraction(1, 3), QUARTER, Fraction(0), Fraction(10**6 - 1, 10**7)]
    assert [percent(each) for each in ratios] == ["100 %", "33.3334 %", "25 %", "0 %", "10 %"]
