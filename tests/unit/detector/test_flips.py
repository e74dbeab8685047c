"""The single fact that would decide: the smallest share that is enough, and what is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest

from detector.who.answers import Flip
from detector.who.flips import FACTS_MAX, PARTS, link_flips, stake_flips
from detector.who.graph import Link
from detector.who.interests import NOTHING, UNKNOWN, Certainty, Interest, Share
from detector.who.stakes import Owned

THIRD = Fraction(1, 3)
NOBODY: frozenset[str] = frozenset()


def from_on(threshold: Fraction) -> Callable[[Owned, frozenset[str]], bool]:
    """A test that is a yes where p has so much of s for sure."""
    return lambda owned, _: owned["s"]["p"].low >= threshold


def size(share: Share, threshold: Fraction) -> Fraction | None:
    """The share from which a stake of p in s would decide; None where none would."""
    found = stake_flips({"s": {"p": share}}, NOBODY, (), from_on(threshold))
    assert found in {(), (Flip("stake", "p", "s", found[0].share_from if found else None),)}
    return found[0].share_from if found else None


@pytest.mark.parametrize(
    "threshold",
    [Fraction(part, 1009) for part in range(1, 1009, 37)]
    + [Fraction(part, PARTS) for part in (1, 2, 3, 250_000, 500_001, 999_999, 10**6)],
)
def test_the_smallest_share_that_is_enough_is_named_rounded_up(threshold: Fraction) -> None:
    rounded_up = -((-threshold * PARTS).__floor__())
    assert size(UNKNOWN, threshold) == Fraction(rounded_up, PARTS)


@pytest.mark.parametrize(
    ("share", "threshold", "expected"),
    [
        pytest.param(Share(THIRD, Fraction(1)), Fraction(0), Fraction(333_334, PARTS), id="always"),
        pytest.param(
            Share(THIRD, THIRD + Fraction(1, 10**8)),
            Fraction(0),
            THIRD + Fraction(1, 10**8),
            id="no whole part of a million lies between the bounds",
        ),
        pytest.param(Share(Fraction(0), THIRD), THIRD, THIRD, id="the largest possible alone"),
        pytest.param(Share(Fraction(0), THIRD), Fraction(1, 2), None, id="none that is possible"),
        pytest.param(
            Share(Fraction(3_333_335, 10**7), Fraction(3_333_345, 10**7)),
            Fraction(0),
            Fraction(333_334, PARTS),
            id="one whole part lies between the bounds",
        ),
        pytest.param(Share(THIRD, THIRD), Fraction(0), None, id="nothing is open"),
    ],
)
def test_a_range_is_searched_from_its_low_to_its_high_bound(
    share: Share, threshold: Fraction, expected: Fraction | None
) -> None:
    assert size(share, threshold) == expected


def test_a_match_decides_alone_where_no_stake_is_open() -> None:
    owned: Owned = {"s": {"p": Share(THIRD, THIRD), "q": Share(THIRD, THIRD)}}
    found = stake_flips(owned, NOBODY, {"q", "p"}, lambda _, who: "p" in who)
    assert found == (Flip("match", "p"),)


def test_an_owner_who_is_not_named_has_to_be_such_a_party_too() -> None:
    owned: Owned = {"s": {"x": Share(THIRD, THIRD)}}
    assumed = list[frozenset[str]]()

    def is_yes(_: Owned, who: frozenset[str]) -> bool:
        assumed.append(who)
        return "x" in who

    found = stake_flips(owned, frozenset("x"), {"x"}, is_yes)
    assert found == (Flip("stake", "x", "s", THIRD, is_unnamed=True),)
    assert set(assumed) == {frozenset("x")}


def test_one_stake_is_tried_at_a_time_and_the_others_stay_as_they_are() -> None:
    stated = Share(Fraction(1, 5), Fraction(1, 2))
    owned: Owned = {"s": {"p": stated, "q": stated}, "t": {"p": stated}}
    tried = list[Owned]()

    def is_yes(held: Owned, _: frozenset[str]) -> bool:
        tried.append(held)
        return False

    assert stake_flips(owned, NOBODY, (), is_yes) == ()
    half = Share(Fraction(1, 2), Fraction(1, 2))
    assert tried == [
        {"s": {"p": half, "q": stated}, "t": {"p": stated}},
        {"s": {"p": stated, "q": half}, "t": {"p": stated}},
        {"s": {"p": stated, "q": stated}, "t": {"p": half}},
    ]


def test_sixty_four_facts_are_tried_and_no_more() -> None:
    owned: Owned = {"s": {f"p{at:02}": UNKNOWN for at in range(FACTS_MAX + 1)}}
    found = stake_flips(owned, NOBODY, (), lambda *_: True)
    assert [each.party_id for each in found] == [f"p{at:02}" for at in range(64)]
    links = [link(f"p{at:02}", UNKNOWN) for at in range(FACTS_MAX + 1)]
    named = [each.party_id for each in link_flips(links, lambda _: True)]
    assert named == [f"p{at:02}" for at in range(64)]


def link(party: str | None, share: Share, control: Certainty = "no") -> Link:
    interest = Interest("shareholding", False, share, control, None, None)
    return Link(f"r-{party}", "s", party, None, interest)


def test_of_links_a_stake_and_a_control_that_are_open_are_tried() -> None:
    links = [
        link("exact", Share(THIRD, THIRD)),
        link("sure", NOTHING, "yes"),
        link(None, UNKNOWN, "possible"),
        link("stake", UNKNOWN),
        link("seat", NOTHING, "possible"),
    ]
    assert link_flips(links, lambda _: True) == (
        Flip("stake", "stake", "s", Fraction(0)),
        Flip("stake", "seat", "s", Fraction(0)),
        Flip("control", "seat", "s"),
    )
    # What control alone decides no stake decides.
    by_control = link_flips(links, lambda held: held[4].interest.control == "yes")
    assert by_control == (Flip("control", "seat", "s"),)


def test_a_link_is_tried_in_its_place_among_the_others() -> None:
    links = [link("a", NOTHING), link("b", UNKNOWN), link("c", NOTHING)]

    def is_yes(held: Sequence[Link]) -> bool:
        others = (held[0], held[2]) == (links[0], links[2])
        return len(held) == 3 and others and held[1].interest.share.low >= THIRD

    assert link_flips(links, is_yes) == (Flip("stake", "b", "s", Fraction(333_334, PARTS)),)
