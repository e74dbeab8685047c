"""The test of persons, clause by clause: proposed 15 CFR 7.301 and 7.302(d), 89 FR 5698.

Each row is one clause with the smallest records that meet it, or just do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detector.policy.model import HeadquartersTest
from detector.policy.parse import parse_pack
from detector.who.graph import Statement
from detector.who.records import TenantHistory
from detector.who.status import headquarters, person_status
from tests.support.charts import countries
from tests.support.statements import entity, graph_of, holding, person, relationship

AT = datetime(2026, 6, 1, tzinfo=UTC)
PACKS = Path(__file__).parents[3] / "detector/policy/packs"
COMPANY: dict[str, Any] = {"kind": "organisation", "customer_record_id": "T"}
SOMEBODY: dict[str, Any] = {"kind": "individual", "customer_record_id": "T"}
AMERICAN = (person("P", "US"), holding("P", "T", 100))


def living_in(country: str) -> dict[str, Any]:
    return {**SOMEBODY, "address": {"country": country}}


CLAUSES: tuple[tuple[str, dict[str, Any], Sequence[Statement], str], ...] = (
    # 7.301, United States person: citizen, permanent resident, located in the United States
    ("a citizen, wherever he lives", SOMEBODY, [person("T", "US", "SG")], "us"),
    ("a citizen of two countries", SOMEBODY, [person("T", "US")], "us"),
    ("a permanent resident", SOMEBODY, [person("T", "CN", "US")], "us"),
    ("a foreign national located here", living_in("US"), [person("T", "CN")], "us"),
    ("an individual located here, nothing else known", living_in("US"), [], "us"),
    ("a foreign national located elsewhere", living_in("SG"), [person("T", "CN")], "foreign"),
    ("a foreign national and resident", SOMEBODY, [person("T", "CN", "CN")], "foreign"),
    (
        "nationality not on record, lives abroad",
        SOMEBODY,
        [person("T", None, "SG")],
        "undetermined",
    ),
    ("located in an area left open", living_in("PR"), [person("T", "CN")], "undetermined"),
    ("resident in an area left open", SOMEBODY, [person("T", "CN", "GU")], "undetermined"),
    ("the same area as a subdivision", SOMEBODY, [person("T", "CN", "US-GU")], "undetermined"),
    # 7.301: an entity organised under the laws of the United States, foreign branches included
    ("organised here", COMPANY, [entity("T", "US-DE"), *AMERICAN], "us"),
    ("its branch abroad", COMPANY, [entity("T", "US-DE", headquarters="SG"), *AMERICAN], "us"),
    (
        "its branch registered abroad",
        COMPANY,
        [entity("T", "US", registered="CN"), *AMERICAN],
        "us",
    ),
    (
        "a foreign entity located here",
        COMPANY,
        [entity("T", "KY", headquarters="US"), *AMERICAN],
        "us",
    ),
    ("organised abroad, owned from here", COMPANY, [entity("T", "KY"), *AMERICAN], "foreign"),
    (
        "only registered here, organised abroad",
        COMPANY,
        [entity("T", "KY", registered="US"), *AMERICAN],
        "foreign",
    ),
    ("organised in an area left open", COMPANY, [entity("T", "US-PR"), *AMERICAN], "undetermined"),
    (
        "located in an area left open",
        COMPANY,
        [entity("T", "KY", headquarters="PR"), *AMERICAN],
        "undetermined",
    ),
    ("an address alone", {**COMPANY, "address": {"country": "US"}}, [], "undetermined"),
    # 7.302(d): out of scope only where the customer and all beneficial owners are
    (
        "a foreign owner of 25 %",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN[:1],
            holding("P", "T", 75),
            person("Q", "FR"),
            holding("Q", "T", 25),
        ],
        "foreign",
    ),
    (
        "a foreign owner below 25 %",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN[:1],
            holding("P", "T", 75),
            person("Q", "FR"),
            holding("Q", "T", 24.9),
        ],
        "us",
    ),
    (
        "a foreign owner with control and no share",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN,
            person("Q", "FR"),
            holding("Q", "T", type="appointmentOfBoard"),
        ],
        "foreign",
    ),
    (
        "a foreign owner of 25 % over a chain",
        COMPANY,
        [
            entity("T", "US"),
            entity("A", "US"),
            *AMERICAN[:1],
            holding("P", "T", 50),
            holding("A", "T", 50),
            holding("P", "A", 50),
            person("Q", "FR"),
            holding("Q", "A", 50),
        ],
        "foreign",
    ),
    (
        "a foreign owner who may reach 25 %",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN[:1],
            holding("P", "T", 60),
            person("Q", "FR"),
            holding("Q", "T", {"minimum": 20, "maximum": 40}),
        ],
        "undetermined",
    ),
    (
        "a foreign holder between, an owner from here",
        COMPANY,
        [
            entity("T", "US"),
            entity("A", "KY"),
            holding("A", "T", 100),
            person("P", "US"),
            holding("P", "A", 100),
        ],
        "us",
    ),
    (
        "a foreign owner located here",
        COMPANY,
        [entity("T", "US"), person("Q", "CN", "US"), holding("Q", "T", 100)],
        "us",
    ),
    (
        "a foreign owner who has left",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN,
            person("Q", "FR"),
            holding("Q", "T", 90, endDate="2026-06-01"),
        ],
        "us",
    ),
    (
        "a foreign owner to come",
        COMPANY,
        [
            entity("T", "US"),
            *AMERICAN,
            person("Q", "FR"),
            holding("Q", "T", 90, startDate="2026-06-02"),
        ],
        "us",
    ),
    (
        "an owner that is not named",
        COMPANY,
        [entity("T", "US"), *AMERICAN, relationship("r", {"reason": "unknown"}, "T", [])],
        "undetermined",
    ),
    ("nobody disclosed", COMPANY, [entity("T", "US")], "undetermined"),
)


@pytest.mark.parametrize(("clause", "record", "statements", "status"), CLAUSES)
def test_each_clause_of_the_test_of_persons_gives_its_status(
    clause: str, record: dict[str, Any], statements: Sequence[Statement], status: str
) -> None:
    history = TenantHistory.of([({"tenant_id": "t", **record}, AT)])
    found = person_status(history, graph_of(*statements), AT, countries())
    assert (found.status, clause) == (status, clause)
    assert all(reason.endswith(".") for reason in found.reasons)
    assert found.reasons


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("HK", "CN"),
        ("CN-HK", "CN"),
        ("CN-91", "CN"),
        ("CN-92", "MO"),
        ("CN-71", "TW"),
        ("MO", "MO"),
        ("CN-MO", "MO"),
        ("CN-TW", "TW"),
    ],
)
def test_headquarters_count_as_the_country_that_the_tables_say(code: str, country: str) -> None:
    (found,) = headquarters("T", graph_of(entity("T", headquarters=code)), AT, countries())
    assert found.country == country


def test_every_pack_that_names_the_group_names_macau_beside_it() -> None:
    table = countries()
    tests = [
        pack.subject_test
        for path in sorted(PACKS.glob("*.toml"))
        for pack in [parse_pack(path.read_text(encoding="utf-8"), path.name)]
        if isinstance(pack.subject_test, HeadquartersTest)
    ]
    assert tests
    for code, group in table.named_beside_group.items():
        naming = [each for each in tests if group in each.country_groups]
        assert [each for each in naming if code not in each.countries] == []
    assert dict(table.named_beside_group) == {"MO": "D:5"}
    assert set(table.named_beside_group) == set(table.named_beside)
