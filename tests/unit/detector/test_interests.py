"""One relationship read as interests: exact fractions, bounds, control, dates; the rest unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from detector.who.interests import (
    CONTROL_TYPES,
    NOTHING,
    OPEN_TYPES,
    RANK,
    SHARE_TYPES,
    STEP,
    UNKNOWN,
    Certainty,
    Interest,
    Share,
    midnight,
    read_interests,
)

QUARTER = Fraction(1, 4)
PLAIN = Interest("shareholding", False, Share(QUARTER, QUARTER), "no", None, None)


def read(*stated: object) -> tuple[Interest, ...]:
    return read_interests({"interests": list(stated)})


def share(stated: object, kind: str = "shareholding") -> Share:
    (found,) = read({"type": kind, "share": stated})
    return found.share


def control(kind: str, flag: object = None) -> Certainty:
    (found,) = read({"type": kind, "beneficialOwnershipOrControl": flag})
    return found.control


def test_an_interest_is_read_whole() -> None:
    stated = {
        "type": "votingRights",
        "directOrIndirect": "indirect",
        "share": {"exact": 12.5},
        "startDate": "2020-02-03",
        "endDate": "2021-02-03T10:00:00Z",
    }
    eighth = Fraction(1, 8)
    start, end = datetime(2020, 2, 3, tzinfo=UTC), datetime(2021, 2, 3, tzinfo=UTC)
    expected = Interest("votingRights", True, Share(eighth, eighth), "no", start, end)
    assert read(stated) == (expected,)


@pytest.mark.parametrize(
    ("stated", "low", "high"),
    [
        ({"exact": 0.1}, Fraction(1, 1000), Fraction(1, 1000)),
        ({"exact": Decimal("33.34")}, Fraction(3334, 10000), Fraction(3334, 10000)),
        ({"exact": -5}, Fraction(0), Fraction(0)),
        ({"exact": 250}, Fraction(1), Fraction(1)),
        ({"exact": 30, "minimum": 10}, Fraction(3, 10), Fraction(3, 10)),
        ({"minimum": 25, "maximum": 50}, QUARTER, Fraction(1, 2)),
        ({"exclusiveMinimum": 25}, QUARTER, Fraction(1)),
        ({"minimum": 10, "exclusiveMinimum": 20}, Fraction(1, 5), Fraction(1)),
        ({"maximum": 40}, Fraction(0), Fraction(2, 5)),
        ({"exclusiveMaximum": 25}, Fraction(0), QUARTER - Fraction(1, 10**12)),
        ({"maximum": 20, "exclusiveMaximum": 25}, Fraction(0), Fraction(1, 5)),
        ({"exclusiveMaximum": 0}, Fraction(0), STEP),
        ({"minimum": 60, "maximum": 50}, Fraction(0), Fraction(1)),
        ({"exact": True}, Fraction(0), Fraction(1)),
        ({"exact": "25"}, Fraction(0), Fraction(1)),
        ({"exact": float("nan")}, Fraction(0), Fraction(1)),
        ({}, Fraction(0), Fraction(1)),
        ("25 %", Fraction(0), Fraction(1)),
        (None, Fraction(0), Fraction(1)),
    ],
)
def test_a_share_is_what_is_stated_or_anything(
    stated: object, low: Fraction, high: Fraction
) -> None:
    assert share(stated) == Share(low, high)


def test_what_is_no_part_of_anything_has_no_share_where_none_is_stated() -> None:
    assert {kind: share(None, kind) for kind in ("trustee", "boardMember", "nominator")} == {
        "trustee": NOTHING,
        "boardMember": NOTHING,
        "nominator": UNKNOWN,
    }
    assert share(None, "a type that nobody published") == UNKNOWN
    assert share({"exact": 25}, "trustee") == Share(QUARTER, QUARTER)


def test_nothing_of_a_nominees_stake_is_sure_to_be_its_own() -> None:
    assert share({"minimum": 10, "maximum": 25}, "nominee") == Share(Fraction(0), QUARTER)
    assert share(None, "nominee") == UNKNOWN


def test_control_is_by_type_then_by_the_disclosers_flag() -> None:
    for kind in CONTROL_TYPES:
        assert (control(kind), control(kind, False)) == ("yes", "yes")
    for kind in SHARE_TYPES - CONTROL_TYPES - OPEN_TYPES:
        assert (control(kind), control(kind, True)) == ("no", "no")
    for kind in (OPEN_TYPES - CONTROL_TYPES) | {"a type that nobody published"}:
        said = (control(kind), control(kind, True), control(kind, False))
        assert said == ("possible", "yes", "no")


@pytest.mark.parametrize("details", [{}, {"interests": []}, {"interests": "x"}, {"interests": [1]}])
def test_no_interest_stated_is_one_unknown(details: dict[str, Any]) -> None:
    unknown = Interest("unknownInterest", False, UNKNOWN, "possible", None, None)
    assert read_interests(details) == (unknown,)
    assert read({"type": 7}) == (unknown,)


def test_interests_that_differ_in_their_dates_alone_say_the_same() -> None:
    later = replace(PLAIN, starts_at=datetime(2021, 1, 1, tzinfo=UTC))
    assert PLAIN.says_the_same_as(later)
    for other in (
        replace(PLAIN, type="votingRights"),
        replace(PLAIN, is_indirect=True),
        replace(PLAIN, share=UNKNOWN),
        replace(PLAIN, control="yes"),
    ):
        assert not PLAIN.says_the_same_as(other)


@pytest.mark.parametrize("value", [None, 5, "2020", "not a day", "0001-01-01", "2020-13-01"])
def test_what_is_no_date_is_open(value: object) -> None:
    assert midnight(value) is None


def test_certainties_are_ranked_and_the_step_is_smaller_than_any_share() -> None:
    assert sorted(RANK, key=RANK.__getitem__) == ["no", "possible", "yes"]
    assert Fraction(1, 10**12) == STEP
    assert Share(Fraction(0), Fraction(0)) == NOTHING
    assert Share(Fraction(0), Fraction(1)) == UNKNOWN
