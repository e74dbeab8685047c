"""What an answer says in words, and how shares of several holders are added."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detector.who.answers import Answer, Flip, Step, certainty_of, percent, summed
from detector.who.interests import NOTHING, UNKNOWN, Certainty, Share

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("flip", "words"),
    [
        (Flip("stake", "p", "s", Fraction(0)), "that p owns 0 % or more of s"),
        (Flip("stake", "p", "s"), "that p owns 0 % or more of s"),
        (Flip("stake", "p", "s", TENTH), "that p owns 10 % or more of s"),
        (
            Flip("stake", "p", "s", TENTH, is_unnamed=True),
            "that p owns 10 % or more of s and is such a party",
        ),
        (Flip("control", "p", "s"), "that p controls s"),
        (Flip("match", "p"), "that p is the party it may be"),
    ],
)
def test_a_fact_that_would_flip_is_told_in_words(flip: Flip, words: str) -> None:
    assert flip.words == words


@pytest.mark.parametrize(
    ("share", "control", "words"),
    [
        (Share(TENTH, TENTH), "no", "p owns 10 % of s"),
        (UNKNOWN, "possible", "p owns 0 % to 100 % of s and may control it"),
        (NOTHING, "yes", "p has an interest in s and controls it"),
    ],
)
def test_a_step_is_told_in_words(share: Share, control: Certainty, words: str) -> None:
    assert Step("p", "s", share, control).words == words


def test_names_stand_in_for_records() -> None:
    flip, step = Flip("stake", "p", "s", TENTH), Step("p", "s", UNKNOWN)
    assert flip.told(str.upper) == "that P owns 10 % or more of S"
    assert step.told(str.upper) == "P owns 0 % to 100 % of S"


def test_an_answer_tells_its_chain_and_then_what_would_flip_it() -> None:
    answer = Answer("possible", chain=(Step("p", "s", UNKNOWN),), flips=(Flip("match", "p"),))
    assert answer.words == (
        "p owns 0 % to 100 % of s",
        "It would be sure if it came out that p is the party it may be.",
    )


@pytest.mark.parametrize(
    ("tenths", "expected"),
    [
        ([], NOTHING),
        ([(1, 2), (3, 5)], Share(4 * TENTH, 7 * TENTH)),
        ([(6, 6), (6, 7)], Share(Fraction(1), Fraction(1))),
        ([(1, 6), (2, 6)], Share(3 * TENTH, Fraction(1))),
    ],
)
def test_shares_add_up_to_the_whole_and_no_further(
    tenths: list[tuple[int, int]], expected: Share
) -> None:
    assert summed(Share(low * TENTH, high * TENTH) for low, high in tenths) == expected


def test_what_is_sure_is_a_yes_and_what_may_be_is_possible() -> None:
    sure: list[Certainty] = [
        certainty_of(is_sure=is_sure, is_possible=is_possible)
        for is_sure in (True, False)
        for is_possible in (True, False)
    ]
    assert sure == ["yes", "yes", "possible", "no"]


def test_a_percentage_has_up_to_four_decimals_and_is_rounded_up() -> None:
    ratios = [Fraction(1, 3), Fraction(1, 10**6), Fraction(1, 10**7), Fraction(7, 8), Fraction(1)]
    told = ["33.3334 %", "0.0001 %", "0.0001 %", "87.5 %", "100 %"]
    assert [percent(each) for each in ratios] == told
