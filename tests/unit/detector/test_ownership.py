"""Who owns a record: beneficial owners, chains, control, time, and what is not known."""

from __future__ import annotations

import pytest

from detector.who.ownership import UnknownOwner, owners, unknown_owners
from tests.support.holdings import Row, rows
from tests.support.statements import KNOWN_AT, entity, graph_of, holding, person, relationship


def test_a_person_with_a_quarter_is_an_owner_and_one_with_less_is_not() -> None:
    graph = graph_of(
        person("P"), person("Q"), entity("T"), holding("P", "T", 25), holding("Q", "T", 24.999)
    )
    assert rows(graph) == [Row("P", 0.25, 0.25, "yes")]


def test_shares_multiply_along_a_chain_and_add_over_paths() -> None:
    graph = graph_of(
        person("P"),
        *(entity(each) for each in ("A", "B", "T")),
        holding("P", "A", 50),
        holding("P", "B", 40),
        holding("A", "T", 30),
        holding("B", "T", 25),
    )
    assert rows(graph) == [Row("P", 0.25, 0.25, "yes")]
    assert owners(graph, "T")[0].chain == ("P", "A", "T")


def test_shares_in_a_company_that_holds_itself_grow_to_the_whole() -> None:
    graph = graph_of(person("P"), entity("T"), holding("P", "T", 80), holding("T", "T", 20))
    assert rows(graph) == [Row("P", 1.0, 1.0, "yes")]


def test_cross_holdings_are_solved() -> None:
    graph = graph_of(
        person("P"),
        person("Q"),
        entity("A"),
        entity("T"),
        holding("P", "T", 10),
        holding("A", "T", 90),
        holding("T", "A", 60),
        holding("Q", "A", 40),
    )
    # p = 0.1 + 0.9 a, a = 0.6 p: p = 0.1 / 0.46. q = 0.9 a, a = 0.6 q + 0.4: q = 0.36 / 0.46.
    assert rows(graph) == [Row("Q", 0.782608695652, 0.782608695652, "yes")]


def test_companies_that_own_each_other_almost_wholly_are_solved() -> None:
    graph = graph_of(
        person("P"),
        entity("A"),
        entity("T"),
        holding("P", "T", 0.0001),
        holding("A", "T", 99.9999),
        holding("T", "A", 99.9999),
    )
    (found,) = owners(graph, "T")
    assert (found.owner_id, found.is_owner) == ("P", "yes")
    assert found.share_min == pytest.approx(0.50000025, abs=1e-9)


def test_companies_that_own_only_each_other_top_their_own_chain() -> None:
    graph = graph_of(entity("A"), entity("T"), holding("A", "T", 100), holding("T", "A", 100))
    assert rows(graph) == [Row("A", 1.0, 1.0, "yes"), Row("T", 1.0, 1.0, "yes")]


def test_majority_control_passes_down_a_chain_whose_product_is_below_a_quarter() -> None:
    graph = graph_of(
        person("P"),
        *(entity(each) for each in ("A", "B", "T")),
        holding("P", "A", 60),
        holding("A", "B", 60),
        holding("B", "T", 60),
    )
    found = owners(graph, "T")
    assert [(each.owner_id, each.share_min, each.has_control) for each in found] == [
        ("P", 0.216, True)
    ]
    assert found[0].chain == ("P", "A", "B", "T")


def test_control_adds_over_the_companies_that_one_person_controls() -> None:
    graph = graph_of(
        person("P"),
        *(entity(each) for each in ("A", "B", "T")),
        holding("P", "A", 51),
        holding("P", "B", 51),
        holding("A", "T", 26),
        holding("B", "T", 25),
    )
    assert [(each.owner_id, each.has_control) for each in owners(graph, "T")] == [("P", True)]


def test_half_is_no_sure_control() -> None:
    graph = graph_of(
        person("P"),
        *(entity(each) for each in ("A", "T")),
        holding("P", "A", 50),
        holding("A", "T", 40),
    )
    assert rows(graph) == [Row("T", 1.0, 1.0, "yes")]


@pytest.mark.parametrize(
    ("interest", "expected"),
    [
        ({"type": "appointmentOfBoard"}, ["P yes"]),
        ({"type": "boardMember"}, ["P possible", "T yes"]),
        ({"type": "boardMember", "beneficialOwnershipOrControl": True}, ["P yes"]),
        ({"type": "boardMember", "beneficialOwnershipOrControl": False}, ["T yes"]),
        ({"type": "shareholding", "share": {"exact": 10}}, ["T yes"]),
        (
            {
                "type": "shareholding",
                "share": {"exact": 10},
                "beneficialOwnershipOrControl": True,
            },
            ["T yes"],
        ),
        ({"type": "shareholding"}, ["P possible", "T yes"]),
        ({}, ["P possible", "T yes"]),
        ({"beneficialOwnershipOrControl": True, "directOrIndirect": "unknown"}, ["P yes"]),
        ({"type": "nominee", "share": {"exact": 80}}, ["P possible", "T yes"]),
        (
            {"type": "shareholding", "share": {"minimum": 10, "maximum": 25}},
            ["P possible", "T yes"],
        ),
        ({"type": "shareholding", "share": {"minimum": 10, "exclusiveMaximum": 25}}, ["T yes"]),
        ({"type": "shareholding", "share": {"exclusiveMinimum": 25, "maximum": 50}}, ["P yes"]),
        (
            {"type": "shareholding", "share": {"minimum": 60, "maximum": 10}},
            ["P possible", "T yes"],
        ),
        ({"type": "shareholding", "share": {"exact": "lots"}}, ["P possible", "T yes"]),
        ({"type": "votingRights", "share": {"exact": 30}}, ["P yes"]),
    ],
)
def test_each_kind_of_interest_counts_for_what_it_is(
    interest: dict[str, object], expected: list[str]
) -> None:
    graph = graph_of(person("P"), entity("T"), relationship("r", "P", "T", [interest]))
    assert [f"{each.owner_id} {each.is_owner}" for each in owners(graph, "T")] == expected


def test_shares_and_votes_of_one_holder_are_not_added() -> None:
    both = [
        {"type": "shareholding", "share": {"exact": 20}},
        {"type": "votingRights", "share": {"exact": 24}},
    ]
    graph = graph_of(person("P"), entity("T"), relationship("r", "P", "T", both))
    assert rows(graph) == [Row("T", 1.0, 1.0, "yes")]


def test_a_total_declared_over_chains_fills_what_the_chains_leave_open() -> None:
    graph = graph_of(
        person("P"),
        entity("A"),
        entity("T"),
        holding("P", "A"),
        holding("A", "T", 50),
        relationship(
            "total",
            "P",
            "T",
            [{"type": "shareholding", "directOrIndirect": "indirect", "share": {"exact": 30}}],
        ),
    )
    assert rows(graph) == [Row("P", 0.3, 0.3, "yes")]


def test_where_chains_and_declared_total_disagree_the_larger_holds() -> None:
    graph = graph_of(
        person("P"),
        entity("A"),
        entity("T"),
        holding("P", "A", 80),
        holding("A", "T", 50),
        relationship(
            "total",
            "P",
            "T",
            [{"type": "shareholding", "directOrIndirect": "indirect", "share": {"exact": 10}}],
        ),
    )
    assert rows(graph) == [Row("P", 0.4, 0.4, "yes")]


def test_an_organisation_with_nobody_behind_it_stands_in_also_below_a_quarter() -> None:
    graph = graph_of(
        person("P"),
        *(entity(each) for each in ("A", "B", "T")),
        holding("P", "T", 60),
        holding("A", "T", 30),
        holding("B", "T", 10),
    )
    assert rows(graph) == [
        Row("A", 0.3, 0.3, "yes"),
        Row("B", 0.1, 0.1, "possible"),
        Row("P", 0.6, 0.6, "yes"),
    ]
    assert [each.is_below_test for each in owners(graph, "T")] == [False, True, False]


def test_ten_persons_with_a_tenth_each_leave_the_company_as_owner() -> None:
    people = [f"P{each}" for each in range(10)]
    graph = graph_of(
        entity("T"), *map(person, people), *(holding(each, "T", 10) for each in people)
    )
    assert rows(graph) == [Row("T", 1.0, 1.0, "yes")]


def test_a_customer_that_is_a_person_owns_itself() -> None:
    assert rows(graph_of(person("P")), "P") == [Row("P", 1.0, 1.0, "yes")]


def test_a_record_that_no_statement_describes_stands_for_itself() -> None:
    found = owners(graph_of(), "X")
    assert [(each.owner_id, each.kind, each.name, each.chain) for each in found] == [
        ("X", "unknown", None, ("X",))
    ]


def test_an_unnamed_owner_is_told_with_its_reason_unless_there_is_none() -> None:
    graph = graph_of(
        entity("T"),
        relationship("r1", {"reason": "interestedPartyHasNotProvidedInformation"}, "T", []),
        relationship("r2", {"reason": "noBeneficialOwners"}, "T", []),
    )
    assert unknown_owners(graph, "T", KNOWN_AT) == (
        UnknownOwner("r1", "T", "interestedPartyHasNotProvidedInformation"),
    )
    assert rows(graph) == [Row("T", 1.0, 1.0, "yes")]


def test_a_listed_company_with_a_thousand_holders_is_answered_at_once() -> None:
    people = [f"P{each:04}" for each in range(1000)]
    graph = graph_of(
        entity("T"),
        *map(person, people),
        *(
            holding(each, "T", 0.1, startDate=f"20{n % 20:02}-01-01")
            for n, each in enumerate(people)
        ),
    )
    assert {each.owner_id for each in owners(graph, "T")} == {"T"}


def test_an_organisation_tops_a_chain_with_a_small_holder_or_a_former_parent_above_it() -> None:
    chain = [*(entity(each) for each in ("A", "B", "T")), holding("B", "T", 100)]
    above = holding("A", "B", 60)
    assert rows(graph_of(*chain, above)) == [Row("A", 0.6, 0.6, "yes")]
    assert rows(graph_of(*chain, person("P"), holding("P", "B", 10))) == [Row("B", 1.0, 1.0, "yes")]
    unnamed = relationship("r", {"reason": "unknown"}, "B", [{"type": "shareholding"}])
    assert rows(graph_of(*chain, unnamed)) == [Row("B", 1.0, 1.0, "yes")]
    former = holding("A", "B", 60, startDate="2019-01-01", endDate="2020-01-01")
    assert rows(graph_of(*chain, former)) == [
        Row("A", 0.6, 0.6, "yes", "2019-01-01", "2020-01-01"),
        Row("B", 1.0, 1.0, "yes", None, "2019-01-01"),
        Row("B", 1.0, 1.0, "yes", "2020-01-01"),
    ]


def test_a_share_is_given_to_twelve_digits_and_a_share_alone_is_no_control() -> None:
    graph = graph_of(
        *(person("P"), entity("A"), entity("T")),
        *(holding("P", "A", 53.33333), holding("A", "T", 77.77777)),
    )
    (found,) = owners(graph, "T")
    # 0.5333333 x 0.7777777 is 0.41481474740741.
    assert (found.share_min, found.has_control) == (0.414814747407, True)
    (quarter,) = owners(graph_of(person("P"), entity("T"), holding("P", "T", 25)), "T")
    assert (quarter.owner_id, quarter.has_control) == ("P", False)
    (itself,) = owners(graph_of(entity("T")), "T")
    assert (itself.owner_id, itself.has_control) == ("T", True)
