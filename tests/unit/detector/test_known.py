"""What is new is read into what is known: only the components that it touches are worked out."""

from __future__ import annotations

from datetime import datetime

from detector.parties.holders import Holders
from detector.who.graph import Statement
from detector.who.known import KnownOwnership
from detector.who.ownership import owners
from tests.support.record_rows import customer, rows
from tests.support.statements import KNOWN_AT, entity, holding, person

GROUPS = tuple("abcdefgh")


def group(name: str) -> list[Statement]:
    """A person over two companies, one below the other."""
    return [
        person(f"p-{name}"),
        entity(f"top-{name}"),
        entity(f"sub-{name}"),
        holding(f"p-{name}", f"top-{name}", 60),
        holding(f"top-{name}", f"sub-{name}", 50),
    ]


def known(*statements: Statement) -> KnownOwnership:
    return KnownOwnership().with_statements((each, KNOWN_AT) for each in statements)


def resolved(ownership: KnownOwnership) -> set[str]:
    """Ask for the owners of everybody, and give the components that had to be worked out."""
    missing = set(ownership.graph.parties) - ownership.graph.kept.keys()
    for record_id in ownership.graph.parties:
        owners(ownership.graph, record_id)
    return {ownership.component(each) for each in missing}


def test_a_changed_statement_works_out_its_component_alone() -> None:
    everybody = known(*(each for name in GROUPS for each in group(name)))
    assert len(resolved(everybody)) == len(GROUPS)
    assert resolved(everybody) == set()
    less = {**holding("p-c", "top-c", 20), "statementDate": "2021-01-01"}
    changed = everybody.with_statements([(less, KNOWN_AT)])
    assert resolved(changed) == {changed.component("top-c")}
    assert [each.owner_id for each in owners(changed.graph, "sub-c")] == ["top-c"]
    assert [each.owner_id for each in owners(everybody.graph, "sub-c")] == ["p-c"]


def test_a_link_between_two_components_works_out_both_as_one() -> None:
    everybody = known(*(each for name in GROUPS for each in group(name)))
    resolved(everybody)
    joined = everybody.with_statements([(holding("p-a", "sub-b", 30), KNOWN_AT)])
    assert joined.component("top-a") == joined.component("top-b")
    assert resolved(joined) == {joined.component("top-a")}
    assert [each.owner_id for each in owners(joined.graph, "sub-b")] == ["p-a", "p-b"]


def test_a_description_touches_who_it_describes() -> None:
    everybody = known(*(each for name in GROUPS for each in group(name)))
    resolved(everybody)
    described = everybody.with_statements([(person("p-d", "CN"), KNOWN_AT)])
    assert resolved(described) == {described.component("sub-d")}


def test_a_closed_statement_touches_who_was_joined_by_it() -> None:
    everybody = known(*(each for name in GROUPS for each in group(name)))
    resolved(everybody)
    closed = {
        **holding("p-e", "top-e", 60),
        "recordStatus": "closed",
        "statementDate": "2023-01-01",
    }
    after = everybody.with_statements([(closed, KNOWN_AT)])
    assert resolved(after) == {after.component("top-e")}
    assert [(each.owner_id, each.valid_to) for each in owners(after.graph, "sub-e")] == [
        ("p-e", datetime.fromisoformat("2023-01-01T00:00:00Z")),
        ("top-e", None),
    ]


def test_tenants_that_nothing_touches_keep_their_owners() -> None:
    told = [customer("a", "sub-a"), customer("b", "sub-b"), *group("a"), *group("b")]
    first = Holders().with_records(rows(told))
    assert [held.owner_id for held in first.holdings["b"]] == ["p-b"]
    later = first.with_records(rows([holding("p-x", "sub-b", 50)]))
    assert set(later.carried) == {"a"}
    assert later.holdings["a"] is first.holdings["a"]
    assert [held.owner_id for held in later.holdings["b"]] == ["p-b", "p-x"]
