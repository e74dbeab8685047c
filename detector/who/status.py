"""Us, foreign or undetermined; headquarters and ultimate parents. Each with its reasons.

The test is that of the proposed rule (15 CFR 7.301, 7.302(d)): a customer is out of scope only
where it and all its beneficial owners are United States persons, so one foreign owner decides, and
an unknown owner leaves it open. Disclosed owners are taken to be all of them, unless the discloser
says otherwise or discloses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from detector.facts import PersonStatus, StatusFinding
from detector.ownership.words import share_words
from detector.policy.tables import HOME, CountryTable
from detector.who.disclosed import disclosure
from detector.who.graph import OwnershipGraph, Party
from detector.who.ownership import Holding, owners
from detector.who.parents import ultimate_parents
from detector.who.places import (
    headquarters_place,
    is_unsettled,
    own_status,
)
from detector.who.records import Record, TenantHistory
from detector.who.shares import network_at

NO_RECORD: Final = StatusFinding("undetermined", ("No customer record is on file.",))


@dataclass(frozen=True)
class Headquarters:
    """Where one organisation is headquartered.

    ``country`` is ISO 3166-1 alpha-2, None where the record does not say; ``read_from`` names what
    it was read from. ``area`` is the place itself where it counts as another country (Hong Kong
    as China). ``certainty`` is how sure the record is the customer or a parent of it.
    """

    record_id: str
    role: Literal["customer", "ultimate_parent"]
    certainty: Literal["yes", "possible"]
    country: str | None
    read_from: str | None
    area: str | None = None


def person_status(
    history: TenantHistory, graph: OwnershipGraph, at: datetime, table: CountryTable
) -> StatusFinding:
    """Give the person status of a tenant's customer at an instant."""
    held = history.held_at(at)
    if held is None:
        return NO_RECORD
    country = _individuals_country(held.record)
    located = country is not None and table.country(country) == HOME
    if held.customer_record_id is None:
        if located:
            return StatusFinding("us", ("The customer is an individual in the United States.",))
        return StatusFinding(
            "undetermined", ("The customer record names no person or organisation on file.",)
        )
    if located and graph.party(held.customer_record_id, at).kind != "organisation":
        return StatusFinding("us", ("The customer is an individual in the United States.",))
    found = record_status(held.customer_record_id, graph, at, table)
    is_open = country is not None and is_unsettled(country, table)
    if is_open and found.status == "foreign":
        sentence = f"The customer is an individual in {country}, which may be the United States."
        return StatusFinding("undetermined", (sentence, *found.reasons))
    return found


def record_status(
    record_id: str, graph: OwnershipGraph, at: datetime, table: CountryTable
) -> StatusFinding:
    """Give the person status of a BODS record at an instant, with that of its owners."""
    own = own_status(graph.party(record_id, at), table)
    if graph.party(record_id, at).kind == "person":
        return own
    held = [each for each in owners(graph, record_id) if each.holds_at(at)]
    deciding = [each for each in held if not each.is_below_test and each.owner_id != record_id]
    found = [(each, own_status(graph.party(each.owner_id, at), table)) for each in deciding]
    open_questions = disclosure(record_id, graph, at).open_questions
    reasons = [
        *own.reasons,
        *(_because(each, graph.party(each.owner_id, at), finding) for each, finding in found),
    ]
    is_sure_foreign = any(
        each.is_owner == "yes" and finding.status == "foreign" for each, finding in found
    )
    if own.status == "foreign" or is_sure_foreign:
        return StatusFinding("foreign", (*reasons, *open_questions))
    is_all_us = own.status == "us" and all(finding.status == "us" for _, finding in found)
    status: Literal["us", "undetermined"] = (
        "us" if is_all_us and not open_questions else "undetermined"
    )
    return StatusFinding(status, (*reasons, *open_questions))


def headquarters(
    record_id: str, graph: OwnershipGraph, at: datetime, table: CountryTable
) -> tuple[Headquarters, ...]:
    """Give the headquarters of a record and of each ultimate parent at an instant.

    A parent controls the record, or has more than half of it; an ultimate one has no sure parent
    above it. The record itself comes first, then its parents by id.
    """
    itself = _headquarters(graph.party(record_id, at), "customer", "yes", table)
    network = network_at(graph.links_behind(record_id), at)
    above = ultimate_parents(
        network, record_id, lambda party: graph.party(party, at).kind != "person"
    )
    return (
        itself,
        *(
            _headquarters(graph.party(each, at), "ultimate_parent", certainty, table)
            for each, certainty in above.items()
        ),
    )


def _headquarters(
    party: Party,
    role: Literal["customer", "ultimate_parent"],
    certainty: Literal["yes", "possible"],
    table: CountryTable,
) -> Headquarters:
    place = headquarters_place(party)
    if place is None:
        return Headquarters(party.record_id, role, certainty, None, None)
    code, read_from = place
    country, area = table.country(code), table.area(code)
    return Headquarters(party.record_id, role, certainty, country, read_from, area)


def _individuals_country(record: Record) -> str | None:
    """Give the country in which an individual is located; None of an organisation."""
    address = record.get("address")
    country = address.get("country") if isinstance(address, dict) else None
    is_told = isinstance(country, str) and record.get("kind") == "individual"
    return country if is_told else None


def _because(holding: Holding, party: Party, finding: StatusFinding) -> str:
    sure = "owns or controls" if holding.is_owner == "yes" else "may own or control"
    how = share_words(holding.share_min, holding.share_max)
    if holding.share_max == 0:
        how = "by control" if holding.has_control else "no share stated"
    named = party.name or holding.owner_id
    return f"{named} {sure} the customer ({how}). {' '.join(finding.reasons)}"


def combined(found: Sequence[StatusFinding]) -> StatusFinding:
    """One foreign customer makes the work foreign; one unknown leaves it open."""
    statuses: set[PersonStatus] = {each.status for each in found}
    status: PersonStatus = "us"
    if "foreign" in statuses:
        status = "foreign"
    elif "undetermined" in statuses or not statuses:
        status = "undetermined"
    reasons = dict.fromkeys(r for each in found if each.status == status for r in each.reasons)
    return StatusFinding(status, tuple(reasons))
