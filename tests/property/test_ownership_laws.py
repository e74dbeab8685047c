"""Laws of ownership: order, names, splitting, monotony, unknown shares, and the equation itself."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from detector.who.graph import Statement, build_graph
from detector.who.interests import Share
from detector.who.ownership import Holding, owners
from detector.who.shares import network_at, shares_of
from tests.support.statements import KNOWN_AT, entity, holding, person, relationship

PEOPLE = ("p0", "p1")
COMPANIES = ("c0", "c1", "c2", "c3")
ROUNDING = Fraction(4, 10**12)

Stakes = Mapping[tuple[str, str], int | None]

pairs = st.tuples(st.sampled_from(PEOPLE + COMPANIES), st.sampled_from(COMPANIES))
percents = st.integers(min_value=0, max_value=100)
networks = st.dictionaries(pairs, st.none() | percents, min_size=1, max_size=9)
known_networks = st.dictionaries(pairs, percents, min_size=1, max_size=9)
downward = pairs.filter(lambda pair: pair[0] in PEOPLE or pair[0] > pair[1])
chains = st.dictionaries(downward, percents, min_size=1, max_size=9)


def statements_of(stakes: Stakes) -> list[Statement]:
    parties = [*(person(each) for each in PEOPLE), *(entity(each) for each in COMPANIES)]
    return [*parties, *(holding(*pair, percent) for pair, percent in stakes.items())]


def people_behind_c0(statements: list[Statement]) -> dict[str, Holding]:
    graph = build_graph([(each, KNOWN_AT) for each in statements])
    return {each.owner_id: each for each in owners(graph, "c0") if each.kind == "person"}


def shares_in_c0(stakes: Stakes) -> dict[str, Share]:
    graph = build_graph([(each, KNOWN_AT) for each in statements_of(stakes)])
    network = network_at(graph.links_behind("c0"), KNOWN_AT)
    nothing = Share(Fraction(0), Fraction(0))
    return {each: shares_of(network, each).get("c0", nothing) for each in PEOPLE}


@given(networks, st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_nothing(stakes: Stakes, random: Random) -> None:
    statements = statements_of(stakes)
    shuffled = list(statements)
    random.shuffle(shuffled)
    assert people_behind_c0(shuffled) == people_behind_c0(statements)


@given(networks)
def test_renaming_every_record_changes_no_number(stakes: Stakes) -> None:
    names = dict(zip(PEOPLE + COMPANIES, ("z", "a", "y", "m", "b", "n"), strict=True))
    parties = [
        *(person(names[each]) for each in PEOPLE),
        *(entity(names[each]) for each in COMPANIES),
    ]
    renamed = [
        *parties,
        *(holding(names[a], names[b], percent) for (a, b), percent in stakes.items()),
    ]
    graph = build_graph([(each, KNOWN_AT) for each in renamed])
    after = {each.owner_id: each for each in owners(graph, names["c0"]) if each.kind == "person"}
    before = people_behind_c0(statements_of(stakes))
    assert {names[each] for each in before} == set(after)
    for owner_id, found in before.items():
        again = after[names[owner_id]]
        assert (again.is_owner, again.has_control) == (found.is_owner, found.has_control)
        assert abs(again.share_min - found.share_min) < float(ROUNDING)
        assert abs(again.share_max - found.share_max) < float(ROUNDING)


@given(known_networks, st.data())
def test_splitting_a_holding_in_two_equal_halves_changes_nothing(
    stakes: dict[tuple[str, str], int], data: st.DataObject
) -> None:
    party, subject = data.draw(st.sampled_from(sorted(stakes)))
    whole = statements_of(stakes)
    half = {"type": "shareholding", "share": {"exact": stakes[party, subject] / 2}}
    rest = {pair: percent for pair, percent in stakes.items() if pair != (party, subject)}
    halves = [relationship(f"half-{each}", party, subject, [half]) for each in "ab"]
    assert people_behind_c0([*statements_of(rest), *halves]) == people_behind_c0(whole)


@given(networks, st.data())
def test_a_larger_share_never_makes_any_share_smaller(
    stakes: dict[tuple[str, str], int | None], data: st.DataObject
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    percent = stakes[pair]
    assume(percent is not None)
    more = data.draw(st.integers(percent or 0, 100))
    before, after = shares_in_c0(stakes), shares_in_c0({**stakes, pair: more})
    for each in PEOPLE:
        assert after[each].low >= before[each].low - ROUNDING
        assert after[each].high >= before[each].high - ROUNDING


@given(networks, st.data())
def test_an_unknown_share_gives_an_interval_that_contains_every_completion(
    stakes: dict[tuple[str, str], int | None], data: st.DataObject
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    known, unknown = shares_in_c0(stakes), shares_in_c0({**stakes, pair: None})
    for each in PEOPLE:
        assert unknown[each].low <= known[each].low + ROUNDING
        assert unknown[each].high >= known[each].high - ROUNDING


@given(networks, st.data())
def test_nobody_who_owns_for_sure_is_lost_when_a_share_becomes_unknown(
    stakes: dict[tuple[str, str], int | None], data: st.DataObject
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    before = people_behind_c0(statements_of(stakes))
    after = people_behind_c0(statements_of({**stakes, pair: None}))
    assert set(before) <= set(after)


@given(chains)
def test_without_cycles_a_share_is_the_exact_sum_over_paths(
    stakes: dict[tuple[str, str], int],
) -> None:
    def through(party: str, subject: str) -> Fraction:
        if party == subject:
            return Fraction(1)
        held = (
            Fraction(percent, 100) * through(party, holder)
            for (holder, held_in), percent in stakes.items()
            if held_in == subject
        )
        return min(sum(held, Fraction(0)), Fraction(1))

    found = shares_in_c0(stakes)
    assert found == {each: Share(through(each, "c0"), through(each, "c0")) for each in PEOPLE}


@given(known_networks)
def test_in_cycles_the_shares_satisfy_their_equation(stakes: dict[tuple[str, str], int]) -> None:
    graph = build_graph([(each, KNOWN_AT) for each in statements_of(stakes)])
    network = network_at(graph.links_behind("c0"), KNOWN_AT)
    for owner in PEOPLE:
        shares = {subject: share.low for subject, share in shares_of(network, owner).items()}
        for subject, share in shares.items():
            if subject != owner:
                held = network.direct.get(subject, {})
                total = sum((held[each].low * shares.get(each, 0) for each in held), Fraction(0))
                assert abs(share - min(total, Fraction(1))) <= ROUNDING


@given(networks, st.data())
def test_a_larger_share_never_makes_an_owner_less_of_one(
    stakes: dict[tuple[str, str], int | None], data: st.DataObject
) -> None:
    pair = data.draw(st.sampled_from(sorted(stakes)))
    percent = stakes[pair]
    assume(percent is not None)
    more = data.draw(st.integers(percent or 0, 100))
    before = people_behind_c0(statements_of(stakes))
    after = people_behind_c0(statements_of({**stakes, pair: more}))
    assert set(before) <= set(after)
    assert [each for each in before if before[each].is_owner > after[each].is_owner] == []


@given(networks)
def test_somebody_owns_for_sure_if_only_the_record_itself(stakes: Stakes) -> None:
    graph = build_graph([(each, KNOWN_AT) for each in statements_of(stakes)])
    assert any(each.is_owner == "yes" for each in owners(graph, "c0"))
