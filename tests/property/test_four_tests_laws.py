"""Laws of the four tests: monotone, inside every completion, blind to names and to splitting.

Small graphs, so that every completion of what is not known can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from detector.who.answers import Answer
from detector.who.four_tests import beneficial_owner, held_by_country_of_concern, owned_by_listed
from detector.who.graph import OwnershipGraph, Statement, build_graph
from detector.who.interests import RANK, Certainty
from detector.who.listed import ListedParties
from detector.who.ownership import owners, ratio
from tests.support.statements import KNOWN_AT, entity, person, relationship

PEOPLE = ("p0", "p1")
COMPANIES = ("c0", "c1", "c2")
HALF = Fraction(1, 2)
ROUNDING = Fraction(4, 10**12)

Range = tuple[float, float]
Stakes = Mapping[tuple[str, str], Range]
Test = Callable[[OwnershipGraph, ListedParties], Answer]

pairs = st.tuples(st.sampled_from(PEOPLE + COMPANIES), st.sampled_from(COMPANIES))
sizes: st.SearchStrategy[float] = st.sampled_from([0, 10, 24, 25, 26, 40, 49, 50, 51, 60, 75, 100])
known = sizes.map(lambda size: (size, size))
ranges = st.tuples(sizes, sizes).map(lambda pair: (min(pair), max(pair)))
networks = st.dictionaries(pairs, known | ranges, min_size=1, max_size=7)
listings: st.SearchStrategy[dict[str, Certainty]] = st.dictionaries(
    st.sampled_from(PEOPLE + COMPANIES), st.sampled_from(("possible", "yes")), max_size=3
)


def stake(party: str, subject: str, size: Range) -> Statement:
    stated = {"minimum": size[0], "maximum": size[1]}
    both = [{"type": kind, "share": stated} for kind in ("shareholding", "votingRights")]
    return relationship(f"{party}-in-{subject}", party, subject, both)


def graph_of(
    stakes: Stakes, names: Mapping[str, str] | None = None, more: Sequence[Statement] = ()
) -> OwnershipGraph:
    called = names or {each: each for each in PEOPLE + COMPANIES}
    parties = [
        *(person(called[each]) for each in PEOPLE),
        *(entity(called[each]) for each in COMPANIES),
    ]
    held = [
        stake(called[party], called[subject], size) for (party, subject), size in stakes.items()
    ]
    return build_graph([(each, KNOWN_AT) for each in (*parties, *held, *more)])


def by_half(graph: OwnershipGraph, listed: ListedParties) -> Answer:
    return owned_by_listed(graph, "c0", listed, KNOWN_AT, HALF)


def by_votes(graph: OwnershipGraph, listed: ListedParties) -> Answer:
    return held_by_country_of_concern(graph, "c0", listed, KNOWN_AT, HALF)["voting"]


def by_person(graph: OwnershipGraph, listed: ListedParties) -> Answer:
    del listed
    return beneficial_owner(graph, "c0", "p0", KNOWN_AT)


tests: st.SearchStrategy[Test] = st.sampled_from((by_half, by_votes, by_person))


def least(answer: Answer, other: Answer) -> bool:
    """Say whether the first answer says no more than the second, in each of its bounds."""
    lows = answer.share.low <= other.share.low + ROUNDING
    highs = answer.share.high <= other.share.high + ROUNDING
    return lows and highs and RANK[answer.certainty] <= RANK[other.certainty]


@given(networks, listings, tests, st.data(), sizes, sizes)
def test_a_larger_share_never_makes_an_answer_less(
    stakes: dict[tuple[str, str], Range],
    listed: ListedParties,
    test: Test,
    data: st.DataObject,
    more_low: float,
    more_high: float,
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    low = max(more_low, stakes[pair][0])
    raised = {**stakes, pair: (low, max(more_high, stakes[pair][1], low))}
    assert least(test(graph_of(stakes), listed), test(graph_of(raised), listed))


@given(networks, listings, tests, st.data())
def test_a_surer_match_never_makes_an_answer_less(
    stakes: Stakes, listed: dict[str, Certainty], test: Test, data: st.DataObject
) -> None:
    party = data.draw(st.sampled_from(PEOPLE + COMPANIES))
    graph = graph_of(stakes)
    assert least(test(graph, listed), test(graph, {**listed, party: "yes"}))


@given(networks, listings, tests)
def test_every_completion_lies_inside_the_interval_and_the_answer(
    stakes: dict[tuple[str, str], Range], listed: ListedParties, test: Test
) -> None:
    answer = test(graph_of(stakes), listed)
    unsure = sorted(pair for pair, size in stakes.items() if size[0] < size[1])[:3]
    matches = sorted(each for each in listed if listed[each] == "possible")[:2]
    for at_ends in product((0, 1), repeat=len(unsure)):
        known = {pair: (stakes[pair][end],) * 2 for pair, end in zip(unsure, at_ends, strict=True)}
        graph = graph_of({**stakes, **known})
        for confirmed in product((False, True), repeat=len(matches)):
            who = dict(listed)
            for party, is_listed in zip(matches, confirmed, strict=True):
                who[party] = "yes" if is_listed else "no"
            found = test(graph, who)
            assert answer.share.low <= found.share.low + ROUNDING
            assert found.share.high <= answer.share.high + ROUNDING
            assert answer.certainty in {"possible", found.certainty}


@given(networks, listings, tests)
def test_each_stake_that_is_named_is_enough_and_a_smaller_one_is_not(
    stakes: dict[tuple[str, str], Range], listed: dict[str, Certainty], test: Test
) -> None:
    answer = test(graph_of(stakes), listed)
    assert answer.certainty == "possible" or answer.flips == ()
    for flip in answer.flips:
        if flip.kind == "match":
            assert test(graph_of(stakes), {**listed, flip.party_id: "yes"}).certainty == "yes"
        elif flip.kind == "stake" and flip.subject_id is not None:
            size = flip.share_from
            assert size is not None
            pair = (flip.party_id, flip.subject_id)
            enough, less = float(size * 100), float((size - Fraction(1, 10**6)) * 100)
            known = {**stakes, pair: (enough, enough)}
            assert test(graph_of(known), listed).certainty == "yes"
            if less > stakes[pair][0]:
                below = {**stakes, pair: (stakes[pair][0], less)}
                assert test(graph_of(below), listed).certainty != "yes"


@given(networks, listings)
def test_renaming_every_record_changes_no_answer(stakes: Stakes, listed: ListedParties) -> None:
    names = dict(zip(PEOPLE + COMPANIES, ("z", "a", "y", "m", "b"), strict=True))
    renamed = graph_of(stakes, names)
    who = {names[each]: certainty for each, certainty in listed.items()}
    before = by_half(graph_of(stakes), listed)
    after = owned_by_listed(renamed, names["c0"], who, KNOWN_AT, HALF)
    assert (after.certainty, after.share) == (before.certainty, before.share)
    assert {(flip.kind, flip.party_id, flip.share_from) for flip in after.flips} == {
        (flip.kind, names[flip.party_id], flip.share_from) for flip in before.flips
    }
    assert {(step.party_id, step.subject_id) for step in after.chain} == {
        (names[step.party_id], names[step.subject_id]) for step in before.chain
    }


@given(st.dictionaries(pairs, known, min_size=1, max_size=7), listings, tests, st.data())
def test_splitting_a_holding_in_two_changes_nothing(
    stakes: dict[tuple[str, str], Range], listed: ListedParties, test: Test, data: st.DataObject
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    part = data.draw(st.integers(0, int(stakes[pair][0])))
    rest = {each: size for each, size in stakes.items() if each != pair}
    pieces = [
        relationship(
            f"piece-{number}",
            *pair,
            [{"type": kind, "share": {"exact": size}} for kind in ("shareholding", "votingRights")],
        )
        for number, size in enumerate((part, stakes[pair][0] - part))
    ]
    split = graph_of(rest, more=pieces)
    assert test(split, listed) == test(graph_of(stakes), listed)


@given(networks, listings)
def test_the_half_rule_is_what_counting_by_hand_gives(
    stakes: Stakes, listed: ListedParties
) -> None:
    answer = by_half(graph_of(stakes), listed)
    ends: list[tuple[int, Certainty]] = [(0, "yes"), (1, "possible")]
    for end, least_certainty in ends:
        counted = {each for each in listed if RANK[listed[each]] >= RANK[least_certainty]} - {"c0"}
        for _ in COMPANIES:
            counted |= {
                company
                for company in COMPANIES[1:]
                if sum(stakes.get((each, company), (0, 0))[end] for each in counted) >= 50
            }
        total = min(sum(stakes.get((each, "c0"), (0, 0))[end] for each in counted), 100)
        bound = answer.share.low if end == 0 else answer.share.high
        assert bound == Fraction(str(total)) / 100


@given(networks)
# A company that holds itself: its part is no decimal figure, and the owners' row is rounded.
@example(
    {("p0", "c0"): (24, 24), ("p0", "c2"): (10, 10), ("c2", "c0"): (10, 10), ("c2", "c2"): (10, 10)}
)
def test_the_test_of_a_beneficial_owner_agrees_with_the_owners_of_the_line(stakes: Stakes) -> None:
    graph = graph_of(stakes)
    found = {each.owner_id: each for each in owners(graph, "c0") if each.kind == "person"}
    for each in PEOPLE:
        answer = beneficial_owner(graph, "c0", each, KNOWN_AT)
        holding_found = found.get(each)
        assert answer.certainty == ("no" if holding_found is None else holding_found.is_owner)
        if holding_found is not None:
            assert ratio(answer.share.low) == holding_found.share_min
            assert tuple(step.party_id for step in answer.chain) == holding_found.chain[:-1]
