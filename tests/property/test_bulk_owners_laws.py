"""Resolving many records at once gives the very holdings that each gives by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.who.bulk.holdings import owners_of_all
from detector.who.graph import build_graph
from detector.who.ownership import owners
from tests.support.statements import KNOWN_AT, entity, person, relationship

PEOPLE = ("p0", "p1", "p2")
COMPANIES = ("c0", "c1", "c2", "c3", "c4")
DATES = (None, "2020-01-01", "2021-01-01", "2022-01-01")

percents = st.sampled_from([0, 5, 10, 12.5, 20, 25, 30, 33.3333, 40, 50, 51, 60, 75, 90, 100])
shares = st.one_of(
    st.none(),
    percents.map(lambda each: {"exact": each}),
    st.tuples(percents, percents).map(
        lambda each: {"minimum": min(each), "exclusiveMaximum": max(each)}
    ),
)


def _interest(
    kind: str, share: object, indirect: str, flag: bool | None, dates: tuple[str | None, str | None]
) -> dict[str, Any]:
    stated: dict[str, Any] = {"type": kind, "directOrIndirect": indirect}
    start, end = dates
    optional = {"share": share, "beneficialOwnershipOrControl": flag}
    for name, value in {**optional, "startDate": start, "endDate": end}.items():
        if value is not None:
            stated[name] = value
    return stated


interests = st.builds(
    _interest,
    st.sampled_from(["shareholding"] * 4 + ["votingRights", "appointmentOfBoard", "boardChair"]),
    shares,
    st.sampled_from(["direct"] * 4 + ["indirect"]),
    st.sampled_from([None, None, True, False]),
    st.tuples(st.sampled_from(DATES), st.sampled_from(DATES)),
)
held = st.tuples(
    st.sampled_from(PEOPLE + COMPANIES),
    st.sampled_from(COMPANIES + COMPANIES + PEOPLE[:1]),
    st.lists(interests, min_size=1, max_size=2),
)


@given(st.lists(held, max_size=10))
def test_many_at_once_are_each_by_itself(links: list[tuple[str, str, list[Any]]]) -> None:
    parties = [*(person(each) for each in PEOPLE), *(entity(each) for each in COMPANIES[:-1])]
    stated = [relationship(f"r{at}", *link) for at, link in enumerate(links)]
    graph = build_graph([(each, KNOWN_AT) for each in [*parties, *stated]])
    records = (*COMPANIES, *PEOPLE)
    assert owners_of_all(graph, records) == {each: owners(graph, each) for each in records}
