"""A listing that its list ends gives nobody a listed owner from the day after on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from detector.findings.listed import listed_finder
from detector.parties.listed_owners import ListedOwners, Screening
from detector.policy.parse import parse_pack
from detector.screening.parties import ListedParty, Snapshot
from detector.screening.screener import Screener
from detector.who.graph import OwnershipGraph
from detector.who.listed import DatedListings, listings_on
from streams.lists import effects, figures
from tests.support.charts import countries
from tests.support.statements import entity, graph_of, holding
from tests.support.subjects import ROOT

SDN = "Specially Designated Nationals (SDN) - Treasury Department"
TEXT = (ROOT / "detector/policy/packs/us-ofac-50.toml").read_text("utf-8")
LAST = date(2026, 2, 2)
EVE = datetime(2026, 2, 2, 23, 59, tzinfo=UTC)
AFTER = datetime(2026, 2, 3, tzinfo=UTC)


def _owners(listings: DatedListings, pack: str = TEXT) -> ListedOwners:
    def find(_graph: OwnershipGraph) -> DatedListings:
        return listings

    screening = Screening((parse_pack(pack, "us-ofac-50.toml"),), find)
    statements = [entity("T", "SG"), holding("X", "T", 30), holding("Y", "T", 30)]
    return ListedOwners(screening, graph_of(*statements), countries())


def test_what_an_ended_listing_owns_is_told_through_its_last_day_and_no_longer() -> None:
    owners = _owners({LAST: {SDN: {"X": "yes", "Y": "yes"}}})
    (found,) = owners.of("T", EVE)
    assert (found.is_sure, found.listed_ids) == (True, ("X", "Y"))
    assert owners.of("T", AFTER) == ()
    assert owners.of("T", EVE) == (found,)
    assert (owners.listed_at(EVE), owners.listed_at(AFTER)) == ({"X": "yes", "Y": "yes"}, {})
    assert (owners.is_screened, owners.changes) == (True, [AFTER])


def test_a_party_whose_listing_ended_adds_nothing_to_the_half_of_others() -> None:
    owners = _owners({LAST: {SDN: {"X": "yes"}}, None: {SDN: {"Y": "yes"}}})
    assert [each.is_sure for each in owners.of("T", EVE)] == [True]
    assert owners.of("T", AFTER) == ()


@pytest.mark.parametrize("other", [None, LAST + timedelta(days=9)])
def test_a_party_that_another_entry_still_lists_stays_listed(other: date | None) -> None:
    both: DatedListings = {
        LAST: {SDN: {"X": "yes", "Y": "yes"}},
        other: {SDN: {"X": "yes", "Y": "yes"}},
    }
    assert [each.is_sure for each in _owners(both).of("T", AFTER)] == [True]


def test_the_surest_of_the_entries_that_stand_on_a_day_holds() -> None:
    dated: DatedListings = {LAST: {SDN: {"X": "yes"}}, None: {SDN: {"X": "possible"}}}
    assert listings_on(dated, LAST) == {SDN: {"X": "yes"}}
    assert listings_on(dated, AFTER.date()) == {SDN: {"X": "possible"}}


def test_the_last_day_comes_from_the_entry_of_the_list() -> None:
    name = "Kaveh Darya Shipping Lines"
    party = ListedParty("p-1", SDN, "organisation", name, ended_on=LAST)
    find = listed_finder(Screener([Snapshot("a list", (party,))], figures(), effects()))
    statement = entity("X", "IR")
    named = {**statement, "recordDetails": {**statement["recordDetails"], "name": name}}
    assert find(graph_of(named)) == {LAST: {SDN: {"X": "yes"}}}
