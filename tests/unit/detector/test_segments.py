"""Owners by valid time as frames: where time is cut, and who held each stretch."""

from __future__ import annotations

from datetime import UTC, datetime

from detector.who.ownership import Holding
from detector.who.segments import HOLDERS, SEGMENTS, cut
from tests.support.holdings import day

DAY_MS = 86_400_000
FIRST, LAST = -(2**62), 2**62


def held(
    owner_id: str, start: datetime | None, end: datetime | None, *, below: bool = False
) -> Holding:
    return Holding(owner_id, "person", None, 1.0, 1.0, True, "yes", below, start, end, (owner_id,))


def test_time_is_cut_where_a_holder_comes_or_goes() -> None:
    bought, sold = day("1970-01-02"), datetime(1970, 1, 3, 0, 0, 0, 1500, tzinfo=UTC)
    found = {
        "t": [held("P", None, bought), held("Q", bought, sold), held("R", bought, None)],
        "u": [held("S", None, None), held("P", None, None)],
    }
    segments, holders = cut(found)
    assert segments.schema == SEGMENTS
    assert segments.rows() == [
        ("t", 0, FIRST, DAY_MS),
        ("t", 1, DAY_MS, 2 * DAY_MS + 2),
        ("t", 2, 2 * DAY_MS + 2, LAST),
    ]
    assert holders.schema == HOLDERS
    assert holders.rows() == [
        ("t", 0, "P", False),
        *(("t", 1, "Q", False), ("t", 1, "R", False)),
        ("t", 2, "R", False),
        *(("u", 0, "P", False), ("u", 0, "S", False)),
    ]


def test_above_the_test_on_any_path_counts_as_above_it() -> None:
    def is_below(*each: bool) -> list[bool]:
        return cut({"t": [held("P", None, None, below=one) for one in each]})[1][
            "is_below_test"
        ].to_list()

    assert [is_below(True), is_below(True, False), is_below(False, True)] == [
        [True],
        [False],
        [False],
    ]
    assert is_below(True, True) == [True]


def test_nobody_holds_a_stretch_that_lies_only_partly_in_a_holding() -> None:
    first, second = day("2020-01-01"), day("2021-01-01")
    _, holders = cut({"t": [held("P", first, second), held("Q", None, first)]})
    assert holders.rows() == [("t", 0, "Q", False), ("t", 1, "P", False)]
