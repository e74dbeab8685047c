"""What is wrong between BODS statements: references, the life of a record, components, repeats."""

from __future__ import annotations

import json
from typing import Any

from detector.bods.problems import Place, Problem
from detector.bods.together import Together
from tests.support.bods_statements import changed, company, holds, human, told


def together(*statements: dict[str, Any], is_part: bool = False) -> list[tuple[int, str, str, str]]:
    """Give (statement, path, expected, found) of everything that is wrong between statements."""
    seen, found = Together(), list[Problem]()
    for number, each in enumerate(statements, 1):
        place = Place("a.json", number, number)
        found += seen.seen(each, place, json.dumps(each, sort_keys=True).encode())
    found += seen.at_end(is_part=is_part)
    return [(p.place.number, *row) for p, row in zip(found, told(found), strict=True)]


def later(statement: dict[str, Any], status: str, dated: str = "2024-06-01") -> dict[str, Any]:
    name = f"{status}-{statement['statementId']}"[:40]
    return {**statement, "statementId": name, "recordStatus": status, "statementDate": dated}


def test_statements_that_belong_together_have_no_problem() -> None:
    assert together(company(), human(), holds(), later(holds(), "updated")) == []


def test_a_record_that_nothing_states_is_told_unless_the_files_are_a_part() -> None:
    assert together(company(), holds()) == [
        (2, "/recordDetails/interestedParty", "the recordId of a statement", "'human'")
    ]
    assert together(company(), holds(), is_part=True) == []


def test_a_record_stated_only_later_breaks_the_order() -> None:
    assert together(company(), holds(), human()) == [
        (
            2,
            "/recordDetails/interestedParty",
            "a record stated before",
            "it first at a.json:3 (statement 3)",
        )
    ]


def test_a_subject_is_an_entity_and_a_beneficial_owner_a_person() -> None:
    owned = changed(
        holds("other"), "recordDetails/interests/0/beneficialOwnershipOrControl", value=True
    )
    assert together(company(), company("other"), owned) == [
        (
            3,
            "/recordDetails/interests/0/beneficialOwnershipOrControl",
            "false, because the interested party is no natural person",
            "the entity of a.json:2 (statement 2)",
        )
    ]
    assert together(human(), human("other"), holds("other", "human")) == [
        (
            3,
            "/recordDetails/subject",
            "the recordId of an entity",
            "the person of a.json:1 (statement 1)",
        )
    ]


def test_the_life_of_a_record_goes_from_new_over_updated_to_closed_and_ends_there() -> None:
    closed = later(human(), "closed")
    again = {**later(human(), "updated", "2024-07-01"), "statementId": "again".ljust(32, "-")}
    renewed = {**human(), "statementId": "renewed".ljust(32, "-")}
    assert together(human(), closed, again) == [
        (
            3,
            "/recordId",
            "no statement after the one that closed the record",
            "one more, first that of a.json:1 (statement 1)",
        )
    ]
    assert together(human(), renewed) == [
        (
            2,
            "/recordStatus",
            "'updated' or 'closed' after that of a.json:1 (statement 1)",
            "'new' again",
        )
    ]
    assert together(later(human(), "updated")) == [
        (1, "/recordStatus", "note: 'new' in a record's first statement", "'updated'")
    ]


def test_a_record_stays_what_it_is_and_between_whom() -> None:
    assert together(human("x"), later(company("x"), "updated")) == [
        (2, "/recordType", "the person of a.json:1 (statement 1)", "'entity'")
    ]
    moved = later(holds("other"), "updated")
    assert together(company(), human(), human("other"), holds(), moved) == [
        (
            5,
            "/recordDetails",
            "the subject and the interested party of the earlier statements",
            "others",
        )
    ]


def test_one_id_names_one_statement_and_the_same_one_twice_counts_once() -> None:
    other = {**human("other"), "statementId": human()["statementId"]}
    expected = ("an id that no other statement has", "the one of a.json:1 (statement 1)")
    assert together(human(), other) == [(2, "/statementId", *expected)]
    noted = (f"note: {expected[0]}", expected[1])
    assert together(human(), human()) == [(2, "/statementId", *noted)]


def test_components_are_named_stated_before_and_marked() -> None:
    part = company("part", isComponent=True)
    chain = holds(componentRecords=["part"])
    assert together(company(), human(), part, chain) == []
    assert together(company(), human(), part, holds()) == [
        (
            3,
            "/recordDetails/isComponent",
            "a record that the componentRecords of a relationship name",
            "none that names it",
        )
    ]
    assert together(company(), human(), company("part"), chain) == [
        (
            4,
            "/recordDetails/componentRecords/0",
            "note: a record with isComponent true",
            "false at a.json:3 (statement 3)",
        )
    ]


def test_parties_of_a_trust_have_the_roles_of_a_trust() -> None:
    trust = company("trust", entityType={"type": "arrangement", "subtype": "trust"})
    good = [{"type": "settlor"}, {"type": "beneficiaryOfLegalArrangement"}]
    assert together(trust, human(), holds(subject="trust", interests=good)) == []
    assert together(trust, human(), holds(subject="trust")) == [
        (
            3,
            "/recordDetails/subject",
            "interests in a trust of the types settlor, trustee, protector, "
            "beneficiaryOfLegalArrangement, otherInfluenceOrControl",
            "'shareholding'",
        )
    ]
