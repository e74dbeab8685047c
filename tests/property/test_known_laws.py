"""Whatever comes in whatever pieces, what is known is what would be read all at once."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.parties import PartyBook
from detector.who.graph import Statement, build_graph
from detector.who.known import KnownOwnership
from tests.support.charts import countries
from tests.support.record_rows import customer, rows
from tests.support.statements import KNOWN_AT, entity, holding, person

TABLE = countries()
RECORDS = ("a", "b", "c", "d", "e")
DATES = ("2020-01-01", "2021-01-01", "2022-01-01")


def _told(at: int, random: Random) -> Statement:
    """Draw a statement; records and relationships are stated again, changed and closed."""
    record_id = random.choice(RECORDS)
    drawn = random.random()
    if drawn < 0.3:
        said = person(record_id) if record_id < "c" else entity(record_id)
    else:
        said = holding(record_id, random.choice(RECORDS), random.choice((10, 25, 60, None)))
        said["recordDetails"]["interests"][0]["startDate"] = random.choice(DATES)
    status = "closed" if random.random() < 0.2 else "new"
    date = random.choice(DATES)
    return {**said, "statementId": f"s{at}", "statementDate": date, "recordStatus": status}


told = st.builds(
    lambda count, random: [_told(at, random) for at in range(count)],
    st.integers(0, 14),
    st.randoms(use_true_random=False),
)


@given(told, st.lists(st.integers(0, 14), max_size=4))
def test_pieces_make_the_graph_of_the_whole(statements: list[Statement], cuts: list[int]) -> None:
    known, pairs = KnownOwnership(), [(each, KNOWN_AT) for each in statements]
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(pairs)], strict=True):
        known = known.with_statements(pairs[start:end])
    assert known.graph == build_graph(pairs)


@given(told, st.lists(st.integers(0, 18), min_size=1, max_size=3))
def test_a_book_grown_hour_by_hour_is_one_read_at_once(
    statements: list[Statement], cuts: list[int]
) -> None:
    mixed: list[Any] = [*statements, *(customer(f"t-{each}", each) for each in RECORDS)]
    frame = rows(mixed[::2] + mixed[1::2])
    book = PartyBook(frame.head(0), TABLE)
    for end in [*sorted(cuts), frame.height]:
        book = PartyBook(frame.head(end), TABLE, before=book)
        assert book.frames is not None
    whole = PartyBook(frame, TABLE)
    assert book.holders.holdings == whole.holders.holdings
    assert [each.rows() for each in book.frames] == [each.rows() for each in whole.frames]
    assert book.changes == whole.changes


def test_a_book_of_other_records_takes_nothing_from_the_one_before() -> None:
    before = PartyBook(rows([customer("t", "a"), holding("b", "a", 100)]), TABLE)
    assert before.owner_names("t", KNOWN_AT)[0].record_id == "b"
    after = PartyBook(rows([customer("t", "a"), holding("c", "a", 100)]), TABLE, before=before)
    assert [each.record_id for each in after.owner_names("t", KNOWN_AT)] == ["c"]
