"""Where a party belongs by law and by place, read from its BODS record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from detector.facts import StatusFinding
from detector.policy.tables import CountryTable
from detector.who.graph import Party

#: The country whose persons the proposed rule calls United States persons.
HOME: Final = "US"

#: Addresses that say where an organisation is headquartered, best first; then its jurisdiction.
HEADQUARTERS_ADDRESSES: Final = ("headquarters", "registered")


def headquarters_country(party: Party, table: CountryTable) -> tuple[str, str] | None:
    """Give (country, what it was read from), None where the record does not say.

    An address of type headquarters, else registered, else the jurisdiction.
    """
    for kind in HEADQUARTERS_ADDRESSES:
        country = _address_country(party.details, kind)
        if country is not None:
            return table.country(country), f"{kind} address"
    law = _code(party.details.get("jurisdiction"))
    return None if law is None else (table.country(law), "jurisdiction")


def own_status(party: Party, table: CountryTable) -> StatusFinding:
    """Give the person status of one party by itself, whoever owns it (proposed 15 CFR 7.301)."""
    named = f"{party.name or 'the record'} ({party.record_id})"
    if party.kind == "person":
        return _individual(party, named, table)
    if party.kind == "organisation":
        return _organisation(party, named, table)
    return StatusFinding("undetermined", (f"No statement describes {named}.",))


def _individual(party: Party, named: str, table: CountryTable) -> StatusFinding:
    residence = _address_country(party.details, "residence")
    stated = party.details.get("nationalities")
    listed = stated if isinstance(stated, list) else []
    nationalities = sorted({table.country(code) for each in listed if (code := _code(each))})
    if HOME in nationalities:
        return StatusFinding("us", (f"{named} is a citizen of the United States.",))
    if residence is not None and table.country(residence) == HOME:
        return StatusFinding("us", (f"{named} resides in the United States.",))
    places = [*nationalities, *([residence] if residence is not None else [])]
    if any(table.unsettled.get(each) == HOME for each in places):
        return StatusFinding(
            "undetermined",
            (
                f"{named} belongs to {', '.join(places)}, an area whose "
                "law may be law of the United States.",
            ),
        )
    if not nationalities:
        return StatusFinding("undetermined", (f"The nationality of {named} is not on record.",))
    where = "no residence" if residence is None else f"residence in {residence}"
    sentence = f"{named} has nationality {', '.join(nationalities)} and {where} on record."
    return StatusFinding("foreign", (sentence,))


def _organisation(party: Party, named: str, table: CountryTable) -> StatusFinding:
    law = _code(party.details.get("jurisdiction"))
    seat = _address_country(party.details, "headquarters")
    registered = _address_country(party.details, "registered")
    if law is not None and table.country(law) == HOME:
        return StatusFinding("us", (f"{named} is organised under the law of {law}.",))
    if seat is not None and table.country(seat) == HOME:
        return StatusFinding("us", (f"{named} is located in the United States.",))
    basis = law or registered
    if basis is None:
        return StatusFinding(
            "undetermined", (f"The law under which {named} is organised is not on record.",)
        )
    country = table.country(basis)
    if table.unsettled.get(country) == HOME:
        sentence = f"{named} belongs to {basis}, whose law may be law of the United States."
        return StatusFinding("undetermined", (sentence,))
    words = "is organised under the law of" if law is not None else "has its registered address in"
    if country == HOME:
        return StatusFinding("us", (f"{named} {words} {basis}.",))
    return StatusFinding("foreign", (f"{named} {words} {basis}.",))


def _address_country(details: Mapping[str, Any], kind: str) -> str | None:
    stated = details.get("addresses")
    listed = stated if isinstance(stated, list) else []
    codes = (
        _code(each.get("country"))
        for each in listed
        if isinstance(each, Mapping) and each.get("type") == kind
    )
    return next((code for code in codes if code is not None), None)


def _code(place: object) -> str | None:
    """Give the code of a BODS country or jurisdiction (an object, or a bare code)."""
    code = place.get("code") if isinstance(place, Mapping) else place
    return code.strip().upper() if isinstance(code, str) and code.strip() else None
