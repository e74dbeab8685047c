"""Arrays of the solver for many records, by hand: rows of rows, levels, stretches of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from detector.who.bulk.order import Order, order_of
from detector.who.bulk.pairs import ALWAYS, Stakes
from detector.who.bulk.ragged import Ints, begins, grouped, index, places, total
from detector.who.bulk.rows import Entries, Rows, joined, themselves
from detector.who.bulk.spans import Spans, spans_of

NEVER = 9  # the code of an end after all instants


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def listed(value: object) -> list[object]:
    """Give the arrays of a frozen class as lists, in order."""
    return [
        each.tolist() if isinstance(each, np.ndarray) else each
        for each in astuple(value)  # type: ignore[call-overload]
    ]


def test_rows_of_different_lengths_are_picked_one_after_another() -> None:
    assert places(ints(3, 10, 0), ints(2, 3, 0)).tolist() == [3, 4, 10, 11, 12]
    assert places(ints(7, 2, 5), ints(1, 0, 2)).tolist() == [7, 5, 6]
    assert places(ints(), ints()).tolist() == []


def test_equals_are_grouped_by_the_first_key_and_then_the_next_and_keep_their_order() -> None:
    order, starts = grouped([ints(2, 1, 2, 1), ints(0, 5, 0, 4)])
    assert (order.tolist(), starts.tolist()) == ([3, 1, 0, 2], [0, 1, 2])
    assert begins([ints(4, 4, 5)]).tolist() == [0, 2]
    assert begins([ints(1, 1, 1), ints(5, 6, 6)]).tolist() == [0, 1]
    assert begins([ints(), ints()]).tolist() == []


def test_each_group_is_added_up_and_each_code_has_its_place() -> None:
    assert total(np.array([0.5, 0.25, 2.0]), ints(0, 2)).tolist() == [0.75, 2.0]
    assert total(np.zeros(0), ints()).tolist() == []
    assert index(ints(0, 0, 2), 3).tolist() == [0, 2, 2, 3]
    assert index(ints(), 2).tolist() == [0, 0, 0]


def entries(node: Sequence[int], source: Sequence[int], low: Sequence[float]) -> Entries:
    many = len(node)
    return Entries(
        *(ints(*node), ints(*source), np.array(low), np.array(low) + 0.25),
        *(np.full(many, 1, np.int8), np.full(many, 2, np.int8)),
    )


def test_what_a_node_has_in_itself_is_the_whole_and_control() -> None:
    assert listed(themselves(ints(4, 7))) == [
        *([4, 7], [4, 7], [1.0, 1.0], [1.0, 1.0]),
        *([2, 2], [2, 2]),
    ]


def test_rows_are_read_as_they_were_written_whichever_came_first() -> None:
    rows = Rows(4)
    rows.write(entries([3, 1, 3], [7, 8, 9], [0.5, 0.25, 0.125]))
    rows.write(entries([0], [6], [0.75]))
    found, place = rows.of(ints(0, 2, 3))
    assert listed(found) == listed(entries([0, 3, 3], [6, 7, 9], [0.75, 0.5, 0.125]))
    assert place.tolist() == [0, 2, 2]
    everything = entries([0, 1, 3, 3], [6, 8, 7, 9], [0.75, 0.25, 0.5, 0.125])
    assert listed(rows.all()) == listed(everything)


def test_rows_have_room_for_any_number() -> None:
    rows, written = Rows(2600), list[Entries]()
    for first, count in ((0, 1000), (1000, 24), (1024, 1), (1025, 1500), (2525, 1)):
        nodes = range(first, first + count)
        written.append(entries(nodes, nodes, [each / 4096 for each in nodes]))
        rows.write(written[-1])
    assert listed(rows.all()) == listed(joined(written))


def test_holders_come_before_what_they_hold() -> None:
    # 3 holds 0, which holds 1; 3 holds 1 too, and 2 is by itself.
    assert listed(order_of(ints(3, 0, 3), ints(0, 1, 1), 4)) == [
        *([0, 1, 2, 3], [1, 2, 0, 0], [False] * 4),
        *([2, 3, 0, 1], [0, 2, 3, 4]),
    ]
    assert listed(order_of(ints(), ints(), 0)) == [[], [], [], [], [0]]


def test_who_holds_one_another_is_one_group_at_one_level() -> None:
    # 0 holds 1, which holds 2 and is held by it; 2 holds 3, and 4 holds a part of itself.
    found = order_of(ints(0, 1, 2, 2, 4), ints(1, 2, 1, 3, 4), 5)
    assert found.group[1] == found.group[2]
    assert len(set(found.group.tolist())) == 4
    assert listed(found)[1:] == [
        *([0, 1, 1, 2, 0], [False, True, True, False, True]),
        *([0, 4, 1, 2, 3], [0, 2, 4, 5]),
    ]
    apart = order_of(ints(0, 1), ints(1, 2), 3)
    assert (apart.level.tolist(), apart.is_cyclic.tolist()) == ([0, 1, 2], [False] * 3)


def stakes(*held: tuple[int, int, int, int]) -> Stakes:
    """Give links of (party, subject, start, end) that say nothing else."""
    party, subject, starts, ends = (ints(*each) for each in zip(*held, strict=True))
    nothing, marks = np.zeros(len(held)), np.zeros(len(held), dtype=np.int8)
    return Stakes(
        party=party,
        subject=subject,
        type=np.zeros(len(held), dtype=np.int64),
        is_indirect=np.zeros(len(held), dtype=bool),
        low=nothing,
        high=nothing,
        quality=marks,
        control=marks,
        starts=starts,
        ends=ends,
    )


def spans(records: int, instants: int, *held: tuple[int, int, int, int]) -> Spans:
    links = stakes(*held)
    return spans_of(links, order_of(links.party, links.subject, records), records, instants)


def test_without_dates_a_record_is_one_stretch() -> None:
    assert listed(spans(2, 0, (0, 1, ALWAYS, 0))) == [[0, 1], [-1, -1], [0, 0], [0, 1, 2], 0]


def test_a_record_is_cut_where_a_link_behind_it_starts_or_ends() -> None:
    # 0 holds 1 from instant 0 to 2, and 1 holds 2 from 1 on; 3 stands by itself.
    found = spans(4, 4, (0, 1, 0, 2), (1, 2, 1, 4), (0, 1, ALWAYS, 3))
    assert listed(found) == [
        [0, *[1] * 4, *[2] * 5, 3],
        [-1, *(-1, 0, 2, 3), *(-1, 0, 1, 2, 3), -1],
        [4, *(0, 2, 3, 4), *(0, 1, 2, 3, 4), 4],
        [0, 1, 5, 10, 11],
        4,
    ]


def test_a_ring_is_cut_where_any_of_it_is() -> None:
    found = spans(3, 2, (0, 1, 0, 2), (1, 0, ALWAYS, 1), (1, 2, ALWAYS, 2))
    assert listed(found) == [
        [*[0] * 3, *[1] * 3, *[2] * 3],
        [-1, 0, 1] * 3,
        [0, 1, 2] * 3,
        [0, 3, 6, 9],
        2,
    ]


def test_the_stretch_of_a_record_that_holds_an_instant_is_found() -> None:
    found = spans(3, 4, (0, 1, 0, 2), (1, 2, 1, 4))
    asked = [(record, instant) for record in range(3) for instant in range(-1, 4)]
    at = found.at(ints(*(each for each, _ in asked)), ints(*(each for _, each in asked)))
    assert at.tolist() == [*[0] * 5, *(1, 2, 2, 3, 3), *(4, 5, 6, 7, 7)]


def test_cuts_have_room_for_any_number() -> None:
    # 1 has 1,000 cuts and 2 has 24, which fill the first room to its brim; then come 1 and 2,000.
    held = [(0, 1, each, 4000) for each in range(1000)]
    held += [(0, 2, each, 4000) for each in range(24)]
    held += [(1, 3, ALWAYS, 4000), (3, 4, 1000, 4000), (4, 5, 1001, 4000)]
    found = spans(6, 4000, *held)
    assert np.diff(found.first).tolist() == [1, 1001, 25, 1001, 1002, 1003]
    assert found.since[found.first[5] :].tolist() == [ALWAYS, *range(1002)]


def test_a_level_is_a_number_of_its_own() -> None:
    chain = [(each, each + 1) for each in range(5)]
    found = order_of(ints(*(a for a, _ in chain)), ints(*(b for _, b in chain)), 6)
    assert isinstance(found, Order)
    assert found.level_starts.tolist() == [0, 1, 2, 3, 4, 5, 6]
