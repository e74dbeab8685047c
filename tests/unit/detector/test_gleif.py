"""GLEIF level 2 beside ownership: read by published columns, told of edges, never an owner."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from detector.errors import PolicyError
from detector.ownership.chart import OwnershipChart
from detector.ownership.sentences import ownership_sentences
from detector.ownership.tree import ownership_tree
from detector.parties.corroborated import corroborated
from detector.who.chart import Asked, ownership_chart
from detector.who.gleif import CHILD, RELATIONSHIPS, Gleif, lei_of, read_relationships, together
from detector.who.graph import Statement
from tests.support.charts import countries
from tests.support.statements import entity, graph_of, holding, person, relationship

#: Made-up identifiers with the check digits of ISO 17442.
CHILD_LEI, PARENT_LEI, OTHER_LEI = (
    "TESTCHILD00000000062",
    "TESTPARENT0000000020",
    "TESTOTHER00000000064",
)
AT = datetime(2026, 6, 1, tzinfo=UTC)
COLUMNS = (
    CHILD,
    "Relationship.StartNode.NodeIDType",
    "Relationship.EndNode.NodeID",
    "Relationship.EndNode.NodeIDType",
    "Relationship.RelationshipType",
    "Relationship.RelationshipStatus",
    "Relationship.Period.1.startDate",
    "Relationship.Period.1.endDate",
    "Relationship.Period.1.periodType",
    "Relationship.Period.2.startDate",
    "Relationship.Period.2.endDate",
    "Relationship.Period.2.periodType",
    "Registration.RegistrationStatus",
)


def line(**changed: str) -> str:
    cells = {
        "child": CHILD_LEI,
        "child_type": "LEI",
        "parent": PARENT_LEI,
        "parent_type": "LEI",
        "kind": "IS_DIRECTLY_CONSOLIDATED_BY",
        "status": "ACTIVE",
        "accounts_from": "2025-01-01T00:00:00Z",
        "accounts_until": "2025-12-31T00:00:00Z",
        "accounts": "ACCOUNTING_PERIOD",
        "starts": "2019-03-01T00:00:00+01:00",
        "ends": "",
        "period": "RELATIONSHIP_PERIOD",
        "registration": "PUBLISHED",
        **changed,
    }
    return ",".join(f'"{cell}"' for cell in cells.values())


def csv(*lines: str, columns: tuple[str, ...] = COLUMNS) -> bytes:
    return ("\ufeff" + "\n".join([",".join(columns), *lines, ""])).encode()


def gleif(*lines: str) -> Gleif:
    return together([read_relationships(csv(*lines), "rr.csv")])


def test_a_relationship_is_read_with_the_period_that_says_how_long_it_lasted() -> None:
    ended = line(
        status="INACTIVE", ends="2024-06-30T00:00:00Z", kind="IS_ULTIMATELY_CONSOLIDATED_BY"
    )
    assert gleif(line(), ended, line()).relationships.rows() == [
        (CHILD_LEI, PARENT_LEI, False, False, date(2019, 3, 1), date(2024, 6, 30)),
        (CHILD_LEI, PARENT_LEI, True, True, date(2019, 3, 1), None),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "IS_FUND-MANAGED_BY"},
        {"kind": "IS_INTERNATIONAL_BRANCH_OF"},
        {"registration": "ANNULLED"},
        {"registration": "DUPLICATE"},
        {"parent_type": "ISO 17442 not"},
    ],
)
def test_what_is_no_consolidation_between_two_identifiers_is_left_out(
    changed: dict[str, str],
) -> None:
    assert gleif(line(**changed)).relationships.equals(pl.DataFrame(schema=RELATIONSHIPS))


def test_a_file_without_a_published_column_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(PolicyError) as refused:
        read_relationships(b"LEI,Exception.Category,Exception.Reason.1\nx,y,z\n", "exceptions.csv")
    assert str(refused.value) == (
        "exceptions.csv: line 1: expected a GLEIF relationship file (RR-CDF golden copy, CSV), "
        "found no column Relationship.StartNode.NodeID; give the unpacked relationship file, not "
        "level 1 and not the reporting exceptions"
    )
    with pytest.raises(PolicyError, match=r"rr\.csv: rows: expected CSV, found "):
        read_relationships(csv(line() + ',"one cell too many"'), "rr.csv")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ({"scheme": "XI-LEI", "id": CHILD_LEI}, CHILD_LEI),
        ({"schemeName": "Legal Entity Identifier", "id": f" {CHILD_LEI.lower()} "}, CHILD_LEI),
        ({"scheme": "XI-LEI", "id": CHILD_LEI[:-1] + "1"}, None),
        ({"scheme": "GB-COH", "id": CHILD_LEI}, None),
        ("text", None),
    ],
)
def test_an_identifier_counts_where_its_scheme_and_its_check_digits_say_so(
    identifier: object, expected: str | None
) -> None:
    assert lei_of({"identifiers": [identifier]}) == expected


def known(statement: Statement, lei: str) -> Statement:
    details: dict[str, Any] = {
        **statement["recordDetails"],
        "identifiers": [{"scheme": "XI-LEI", "id": lei}],
    }
    return {**statement, "recordDetails": details}


CHILD_ENTITY, PARENT_ENTITY = known(entity("T"), CHILD_LEI), known(entity("H"), PARENT_LEI)


def charted(files: Gleif | None, *statements: Statement) -> OwnershipChart:
    graph = graph_of(CHILD_ENTITY, *statements)
    asked = Asked({"t": ("T",)}, None, (datetime(2026, 1, 1, tzinfo=UTC), AT), AT)
    chart = ownership_chart(graph, asked, countries())
    assert chart is not None
    return corroborated(chart, graph, files)


def verdicts(files: Gleif | None, *statements: Statement) -> list[tuple[str, str] | None]:
    edges = charted(files, *statements).edges
    told = [each for each in edges if each.party_id == "record/H"]
    return [None if e.gleif is None else (e.gleif.verdict, e.gleif.because) for e in told]


def test_a_majority_that_gleif_consolidates_agrees() -> None:
    assert verdicts(gleif(line()), PARENT_ENTITY, holding("H", "T", 80)) == [
        ("agrees", "GLEIF has Name of T as directly consolidated by Name of H.")
    ]


def test_a_minority_without_control_that_gleif_consolidates_contradicts() -> None:
    assert verdicts(gleif(line()), PARENT_ENTITY, holding("H", "T", 30)) == [
        (
            "contradicts",
            "GLEIF has Name of T as directly consolidated by Name of H, which takes control; by "
            "the statements it holds 30 % and no control.",
        )
    ]


def test_a_share_that_is_not_stated_may_be_the_consolidating_one() -> None:
    (found,) = verdicts(gleif(line()), PARENT_ENTITY, holding("H", "T"))
    assert found is not None
    assert found[0] == "agrees"


def test_another_direct_parent_than_the_majority_holder_contradicts() -> None:
    assert verdicts(gleif(line(parent=OTHER_LEI)), PARENT_ENTITY, holding("H", "T", 80)) == [
        (
            "contradicts",
            f"GLEIF names {OTHER_LEI} as the direct parent that consolidates Name of T; by the "
            "statements Name of H holds 80 %.",
        )
    ]


@pytest.mark.parametrize(
    ("files", "parent", "why"),
    [
        (gleif(), PARENT_ENTITY, "it names no consolidation of Name of T by Name of H"),
        (gleif(line()), entity("H"), "Name of H has no Legal Entity Identifier on record"),
        (
            gleif(line(status="INACTIVE")),
            PARENT_ENTITY,
            "it names no consolidation of Name of T by Name of H",
        ),
        (
            gleif(line(starts="2026-07-01")),
            PARENT_ENTITY,
            "it names no consolidation of Name of T by Name of H",
        ),
    ],
)
def test_where_nothing_is_on_file_for_that_day_gleif_is_silent(
    files: Gleif, parent: Statement, why: str
) -> None:
    found = verdicts(files, parent, holding("H", "T", 80))
    assert found == [("not_in_gleif", f"GLEIF is silent: {why}.")]


def test_a_stake_of_before_is_held_against_what_gleif_says_of_its_last_day() -> None:
    ended = gleif(line(status="INACTIVE", ends="2026-03-01"))
    (found,) = verdicts(ended, PARENT_ENTITY, holding("H", "T", 80, endDate="2026-03-01"))
    assert found == ("agrees", "GLEIF has Name of T as directly consolidated by Name of H.")


def test_of_people_and_without_files_nothing_is_noted() -> None:
    assert verdicts(None, PARENT_ENTITY, holding("H", "T", 80)) == [None]
    edges = charted(gleif(line()), person("P"), holding("P", "T", 100)).edges
    assert [each.gleif for each in edges] == [None]


def test_gleif_adds_no_party_and_no_edge_and_moves_no_share() -> None:
    stated = (PARENT_ENTITY, holding("H", "T", 30))
    without, beside = charted(None, *stated), charted(gleif(line(parent=OTHER_LEI)), *stated)
    plain = [each.model_copy(update={"gleif": None}) for each in beside.edges]
    assert (tuple(plain), beside.parties) == (without.edges, without.parties)


def test_the_tree_and_the_sentences_tell_of_it_and_of_owners_who_are_not_named() -> None:
    hidden = relationship(
        "u", {"reason": "subjectExemptFromDisclosure"}, "H", [{"type": "shareholding"}]
    )
    chart = charted(gleif(line()), PARENT_ENTITY, holding("H", "T", 80), hidden)
    assert ownership_sentences(chart) == (
        "An owner of Name of H is not named: subject exempt from disclosure.",
        "GLEIF has Name of T as directly consolidated by Name of H.",
    )
    assert any("80 %, GLEIF agrees: Name of H" in row for row in ownership_tree(chart))
    assert ownership_sentences(None) == ()
