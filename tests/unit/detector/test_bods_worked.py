"""Worked BODS packages from files: clean by the checker, and what is read from each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from detector.bods.alone import alone
from detector.bods.problems import Place, Problem
from detector.bods.together import Together
from detector.policy.tables import CountryTable
from detector.who.four_tests import held_by_country_of_concern
from detector.who.graph import OwnershipGraph, Statement, build_graph
from detector.who.ownership import owners, unknown_owners
from detector.who.status import record_status
from streams.commands.check_bods import documents
from tests.support.charts import countries
from tests.support.holdings import Row, day, rows

PACKAGES = Path(__file__).parents[2] / "fixtures" / "bods"
HALF = Fraction(1, 2)
NOW = day("2026-01-01")
NO_STATUS_OPEN: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def table() -> CountryTable:
    return countries()


def statements(name: str) -> list[Statement]:
    found: list[Statement] = json.loads((PACKAGES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def graph(name: str) -> OwnershipGraph:
    """Read a package as one file, all known at once and in the order of the file or any other."""
    found = build_graph([(each, NOW) for each in statements(name)])
    backwards = build_graph([(each, NOW) for each in reversed(statements(name))])
    assert found == backwards
    return found


@dataclass(frozen=True)
class Read:
    """Owners now as (record, share low and high, control, how sure), status, who is not named."""

    owners: tuple[tuple[str, float, float, bool, str], ...]
    status: str
    open_questions: tuple[str, ...] = NO_STATUS_OPEN


READ = {
    "direct-owner": Read((("p-1", 1.0, 1.0, True, "yes"),), "foreign"),
    # A state at the top of a chain has no beneficial owner, so nothing is left open above it.
    "state-owned": Read((("s-1", 1.0, 1.0, True, "yes"),), "foreign"),
    "joint-holding": Read(
        (("p-1", 0.5, 0.5, False, "yes"), ("p-2", 0.5, 0.5, False, "yes")), "foreign"
    ),
    "listed-exempt": Read(
        (("c-1", 1.0, 1.0, True, "yes"),), "foreign", ("subjectExemptFromDisclosure",)
    ),
    # Half over each of two companies of unknown shares, and 60 % declared over all: never added.
    "two-ways": Read((("p-1", 0.6, 0.6, True, "yes"),), "foreign"),
    "banded-shares": Read((("p-1", 0.25, 0.499999999999, False, "yes"),), "foreign"),
    # Settlor, trustee and protector control; what the beneficiary gets is not stated.
    "family-trust": Read(
        (
            ("p-1", 0.0, 0.0, True, "yes"),
            ("p-2", 0.0, 0.0, True, "yes"),
            ("p-3", 0.0, 0.0, True, "yes"),
            ("p-4", 0.0, 0.8, False, "possible"),
        ),
        "foreign",
    ),
    # A nominee holds for somebody else: who instructs it controls, though nobody knows who it is.
    "nominee-shares": Read(
        (("p-1", 0.0, 1.0, False, "possible"), ("p-2", 0.0, 1.0, True, "yes")), "foreign"
    ),
    "no-owner": Read((("c-1", 1.0, 1.0, True, "yes"),), "us"),
    "changing-hands": Read((("h-1", 1.0, 1.0, True, "yes"),), "foreign"),
    "error-put-right": Read((("p-1", 1.0, 1.0, True, "yes"),), "us"),
}


@pytest.mark.parametrize("name", sorted(READ))
def test_owners_and_status_are_read_as_published(name: str, table: CountryTable) -> None:
    found = graph(name)
    held = [each for each in owners(found, "c-1") if each.holds_at(NOW)]
    told = tuple((h.owner_id, h.share_min, h.share_max, h.has_control, h.is_owner) for h in held)
    unnamed = tuple(each.reason for each in unknown_owners(found, "c-1", NOW))
    status = record_status("c-1", found, NOW, table).status
    assert Read(told, status, unnamed) == READ[name]


def test_every_package_is_read() -> None:
    assert sorted(path.stem for path in PACKAGES.glob("*.json")) == sorted(READ)


@pytest.mark.parametrize("name", sorted(READ))
def test_the_checker_has_nothing_against_a_worked_package(name: str) -> None:
    schema, together, found = documents(), Together(), list[Problem]()
    for number, each in enumerate(statements(name), 1):
        place = Place(name, number, number)
        found += alone(each, schema, place) + together.seen(each, place, json.dumps(each).encode())
    found += together.at_end()
    untyped = ["/recordDetails/interests/0/type"] * 2 if name == "two-ways" else []
    assert [(each.path, each.is_note) for each in found] == [(each, True) for each in untyped]


def test_what_changed_hands_is_held_by_each_in_its_time() -> None:
    assert rows(graph("changing-hands"), "c-1") == [
        Row("c-1", 1.0, 1.0, "yes", None, "2002-03-09"),
        Row("h-1", 0.6, 0.6, "yes", "2021-09-24", "2022-09-21"),
        Row("h-1", 0.8, 0.8, "yes", "2022-09-21", "2023-03-01"),
        Row("h-1", 1.0, 1.0, "yes", "2023-03-01", None),
        Row("p-1", 1.0, 1.0, "yes", "2002-03-09", "2021-09-24"),
        Row("p-1", 0.4, 0.4, "yes", "2021-09-24", "2022-09-21"),
    ]


def test_an_error_put_right_never_held_and_was_believed_until_then(table: CountryTable) -> None:
    told = statements("error-put-right")
    published = [(each, day(each["publicationDetails"]["publicationDate"])) for each in told]
    believed, known = (build_graph(published, as_of=day(on)) for on in ("2024-02-29", "2024-03-01"))
    status = [
        record_status("c-1", each, day("2024-02-01"), table).status for each in (believed, known)
    ]
    assert status == ["foreign", "us"]
    starts = [rows(each, "c-1")[-1].start for each in (believed, known)]
    assert starts == ["2010-01-01", "2020-01-01"]


def test_the_reason_for_an_owner_who_is_not_identified_is_told(table: CountryTable) -> None:
    (reason,) = [
        each
        for each in record_status("c-1", graph("nominee-shares"), NOW, table).reasons
        if "(p-2)" in each
    ]
    assert reason == (
        "p-2 owns or controls the customer (share not stated). The nationality of the record (p-2) "
        "is not on record, for the discloser does not identify it (subject unable to confirm or "
        "identify beneficial owner)."
    )


def test_a_state_directs_through_its_bodies_and_its_declared_total_names_no_links() -> None:
    found = held_by_country_of_concern(graph("state-owned"), "c-1", {"s-1": "yes"}, NOW, HALF)
    assert {limb: answer.certainty for limb, answer in found.items()} == {
        "voting": "possible",
        "board": "no",
        "equity": "possible",
        "government": "yes",
    }
