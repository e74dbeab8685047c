"""The 50 % rule on worked examples: OFAC's FAQ 398 to 401, in our own words.

The clauses of the BIS rule (90 FR 47201), each with its citation, are in ``test_listed_owners``.

Where a source is named, the facts and the outcome are those of that source, read in its published
text or in a law firm's summary of it; the other cases are worked by hand and quote nobody.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from detector.who.answers import Answer, Flip, Step
from detector.who.four_tests import owned_by_listed
from detector.who.graph import Statement
from detector.who.interests import Certainty, Share
from detector.who.listed import ListedParties, Listings, listed_on
from tests.support.statements import KNOWN_AT, graph_of, holding, relationship

HALF = Fraction(1, 2)
X_AND_Y: ListedParties = {"X": "yes", "Y": "yes"}


def answer(*statements: Statement, of: str = "C", listed: ListedParties = X_AND_Y) -> Answer:
    return owned_by_listed(graph_of(*statements), of, listed, KNOWN_AT, HALF)


def owned(party: str, percent: float, subject: str) -> Statement:
    return holding(party, subject, percent)


def share(percent: int) -> Share:
    return Share(Fraction(percent, 100), Fraction(percent, 100))


#: Source or "worked by hand", stakes, sure answer for C, what counts towards C in per cent.
EXAMPLES: list[tuple[str, list[tuple[str, float, str]], Certainty, int]] = [
    ("FAQ 401, first example", [("X", 50, "A"), ("A", 50, "C")], "yes", 50),
    (
        "FAQ 401, second example",
        [("X", 50, "A"), ("X", 50, "B"), ("A", 25, "C"), ("B", 25, "C")],
        "yes",
        50,
    ),
    ("FAQ 401, third example", [("X", 50, "A"), ("X", 10, "C"), ("A", 40, "C")], "yes", 50),
    (
        "FAQ 401, holders that fall short pass nothing down",
        [("X", 25, "A"), ("X", 25, "B"), ("A", 50, "C"), ("B", 50, "C")],
        "no",
        0,
    ),
    ("FAQ 399, two listed parties together", [("X", 25, "C"), ("Y", 25, "C")], "yes", 50),
    (
        "worked by hand: one of two holders falls short",
        [("X", 50, "A"), ("X", 25, "B"), ("A", 25, "C"), ("B", 25, "C")],
        "no",
        25,
    ),
    (
        "worked by hand: two listed parties own the holder together",
        [("X", 25, "A"), ("Y", 25, "A"), ("A", 50, "C")],
        "yes",
        50,
    ),
    (
        "worked by hand: a minority owner of a majority holder is not one",
        [("X", 25, "A"), ("A", 50, "C")],
        "no",
        0,
    ),
    (
        "worked by hand: a chain of majorities counts whole to its end",
        [("X", 51, "A"), ("A", 51, "B"), ("B", 51, "C")],
        "yes",
        51,
    ),
    ("worked by hand: a hundredth below", [("X", 25, "C"), ("Y", 24.99, "C")], "no", -1),
    (
        "worked by hand: those who hold one another do not lift themselves",
        [("A", 60, "B"), ("B", 60, "A"), ("B", 60, "C"), ("X", 40, "A")],
        "no",
        0,
    ),
    (
        "worked by hand: a holder within a cycle counts once it is owned from outside",
        [("A", 30, "B"), ("B", 40, "A"), ("X", 50, "A"), ("X", 20, "B"), ("B", 50, "C")],
        "yes",
        50,
    ),
    (
        "worked by hand: what the customer owns of its own holder lifts nobody",
        [("C", 60, "A"), ("A", 60, "C"), ("X", 30, "C")],
        "no",
        30,
    ),
]


@pytest.mark.parametrize(("source", "stakes", "certainty", "percent"), EXAMPLES)
def test_the_examples_come_out_as_their_source_says(
    source: str, stakes: list[tuple[str, float, str]], certainty: Certainty, percent: int
) -> None:
    found = answer(*(owned(*stake) for stake in stakes))
    assert found.certainty == certainty, source
    assert found.flips == ()
    if percent >= 0:
        assert found.share == share(percent)


def test_control_without_ownership_is_no_ownership() -> None:  # FAQ 398
    seats = [{"type": "appointmentOfBoard", "beneficialOwnershipOrControl": True}]
    found = answer(relationship("r", "X", "C", seats), owned("X", 49, "C"))
    assert (found.certainty, found.share) == ("no", share(49))


def test_a_party_that_sold_below_half_no_longer_owns() -> None:
    sold = holding("X", "C", 60, endDate="2025-01-01")
    kept = relationship("later", "X", "C", [{"type": "shareholding", "share": {"exact": 40}}])
    kept["recordDetails"]["interests"][0]["startDate"] = "2025-01-01"
    found = answer(sold, kept)
    assert (found.certainty, found.share) == ("no", share(40))


def test_the_chain_names_every_stake_that_counts_from_the_listed_down() -> None:
    found = answer(owned("X", 50, "A"), owned("A", 40, "C"), owned("Y", 10, "C"))
    assert found == Answer(
        certainty="yes",
        share=share(50),
        parties=("X", "Y"),
        chain=(
            Step("X", "A", share(50)),
            Step("Y", "C", share(10)),
            Step("A", "C", share(40)),
        ),
    )
    assert found.words == ("X owns 50 % of A", "Y owns 10 % of C", "A owns 40 % of C")


def test_a_whole_stake_is_named_in_the_chain_and_an_empty_one_is_not() -> None:
    found = answer(owned("X", 100, "A"), owned("A", 100, "C"), owned("Y", 0, "C"))
    assert found.words == ("X owns 100 % of A", "A owns 100 % of C")
    assert found.parties == ("X",)


def test_a_share_not_given_makes_it_possible_and_says_from_which_size_on() -> None:
    found = answer(owned("X", 50, "A"), owned("A", 30, "C"), holding("Y", "C"))
    assert found.certainty == "possible"
    assert found.share == Share(Fraction(3, 10), Fraction(1))
    assert found.flips == (Flip("stake", "Y", "C", Fraction(1, 5)),)
    assert found.words[-1] == ("It would be sure if it came out that Y owns 20 % or more of C.")


def test_an_unknown_stake_in_the_middle_of_a_chain_is_named() -> None:
    found = answer(holding("X", "A", {"minimum": 25, "maximum": 75}), owned("A", 80, "C"))
    assert found.certainty == "possible"
    assert found.flips == (Flip("stake", "X", "A", HALF),)


def test_a_range_that_ends_below_half_stays_no() -> None:
    found = answer(holding("X", "C", {"minimum": 25, "exclusiveMaximum": 50}))
    assert found.certainty == "no"
    assert found.share.high < HALF


def test_where_two_stakes_have_to_come_out_no_single_one_is_named() -> None:
    found = answer(
        holding("X", "C", {"minimum": 0, "maximum": 30}),
        holding("Y", "C", {"minimum": 0, "maximum": 30}),
    )
    assert (found.certainty, found.flips) == ("possible", ())
    open_stakes = {"minimum": 40.0, "maximum": 60.0}
    chain = answer(holding("X", "A", open_stakes), holding("A", "C", open_stakes))
    assert (chain.certainty, chain.flips) == ("possible", ())


def test_a_match_that_a_person_has_still_to_judge_makes_it_possible() -> None:
    found = answer(owned("X", 60, "C"), listed={"X": "possible"})
    assert (found.certainty, found.parties) == ("possible", ("X",))
    assert found.flips == (Flip("match", "X"),)


def test_an_owner_who_is_not_named_may_be_a_listed_one() -> None:
    unnamed = relationship(
        "r",
        {"reason": "subjectUnableToConfirmOrIdentifyBeneficialOwner"},
        "C",
        [{"type": "shareholding", "share": {"exact": 45}}],
    )
    found = answer(unnamed, owned("X", 5, "C"))
    who = "an unnamed owner (r)"
    assert found.certainty == "possible"
    assert found.flips == (Flip("stake", who, "C", Fraction(45, 100), is_unnamed=True),)
    assert found.words[-1] == (
        f"It would be sure if it came out that {who} owns 45 % or more of C and is such a party."
    )


def test_a_discloser_who_says_that_there_is_no_owner_leaves_nothing_open() -> None:
    nobody = relationship("r", {"reason": "noBeneficialOwners"}, "C", [{"type": "shareholding"}])
    assert answer(nobody, owned("X", 5, "C")).certainty == "no"


@pytest.mark.parametrize("kind", ["votingRights", "unknownInterest", "nominee"])
def test_votes_and_nominees_may_be_ownership_and_are_never_sure(kind: str) -> None:
    found = answer(relationship("r", "X", "C", [{"type": kind, "share": {"exact": 80}}]))
    assert (found.certainty, found.share) == ("possible", Share(Fraction(0), Fraction(4, 5)))


def test_several_rights_of_one_stake_count_once_and_stakes_of_one_kind_add() -> None:
    rights = [
        {"type": "shareholding", "share": {"exact": 30}},
        {"type": "rightsToProfitOrIncome", "share": {"exact": 30}},
    ]
    assert answer(relationship("r", "X", "C", rights)).share == share(30)
    assert answer(relationship("s", "X", "C", [rights[0], rights[0]])).share == share(60)


def test_a_total_over_chains_is_possible_where_no_chain_explains_it() -> None:
    total = holding("X", "C", 60, directOrIndirect="indirect")
    assert answer(total).share == Share(Fraction(0), Fraction(3, 5))
    wider = relationship(
        "wider",
        "X",
        "C",
        [
            {"type": kind, "directOrIndirect": "indirect", "share": {"minimum": 5, "maximum": size}}
            for kind, size in (("shareholding", 70), ("votingRights", 65))
        ],
    )
    assert answer(total, wider).share == Share(Fraction(0), Fraction(7, 10))
    explained = answer(total, owned("X", 20, "A"), owned("A", 60, "C"))
    assert (explained.certainty, explained.share) == ("no", share(0))


def test_a_listed_party_is_not_its_own_owner() -> None:
    assert answer(owned("C", 100, "C"), listed={"C": "yes"}) == Answer("no")


def test_of_several_lists_the_surest_hit_counts_and_other_lists_do_not() -> None:
    listings: Listings = {
        "SDN": {"X": "possible", "Z": "no"},
        "EL": {"X": "yes"},
        "UVL": {"Y": "yes"},
    }
    assert listed_on(listings, ["SDN", "EL", "MEU"]) == {"X": "yes"}
