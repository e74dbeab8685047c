"""A new snapshot screened by difference is the same as screening everybody anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.screening.parties import ListedParty, Snapshot, Subject
from detector.screening.screener import Screener
from streams.lists import effects, figures

FIGURES = figures()
NAMES = (
    *("Kaveh Darya Shipping Lines", "KAVEH DARYA SHIPING LINES LLC", "Merlion Quantum Technology"),
    *("Merlion Quantum", "Northwind Bakery GmbH", "National Iranian Shipping Lines", "NISL"),
)
PARTIES = st.builds(
    ListedParty,
    party_id=st.sampled_from(("1", "2", "3")),
    source=st.sampled_from(("SDN", "EL")),
    kind=st.just("organisation"),
    name=st.sampled_from(NAMES),
    aliases=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    countries=st.lists(st.sampled_from(("IR", "CN", "HK")), max_size=1).map(tuple),
    identifiers=st.lists(st.sampled_from(("A123456", "B123456")), max_size=1).map(tuple),
)
SUBJECTS = st.builds(
    Subject,
    record_id=st.sampled_from(("r-1", "r-2")),
    role=st.just("customer"),
    kind=st.just("organisation"),
    names=st.sampled_from(NAMES).map(lambda name: (name,)),
    identifiers=st.lists(st.sampled_from(("A123456", "B123456")), max_size=1).map(tuple),
    countries=st.lists(st.sampled_from(("IR", "HK", "NO")), max_size=1).map(tuple),
)


def snapshots(label: str) -> st.SearchStrategy[list[Snapshot]]:
    lists = st.lists(PARTIES, max_size=4).map(tuple)
    return st.tuples(lists, lists).map(
        lambda two: [Snapshot(f"a {label}", two[0]), Snapshot(f"b {label}", two[1])]
    )


@settings(max_examples=60, deadline=None)
@given(snapshots("1"), snapshots("2"), snapshots("3"), st.lists(SUBJECTS, max_size=4), SUBJECTS)
def test_screening_by_difference_is_screening_anew(
    first: list[Snapshot],
    second: list[Snapshot],
    third: list[Snapshot],
    known: list[Subject],
    late: Subject,
) -> None:
    told = Screener(first, FIGURES, effects())
    told.screen(known)
    for listed in (second, third, first):
        told = told.renewed(listed)
        anew = Screener(listed, FIGURES, effects())
        assert told.screen([*known, late]) == anew.screen([*known, late])
        assert [list(hits) for hits in told.look_up(known)] == [
            list(hits) for hits in anew.look_up(known)
        ]
