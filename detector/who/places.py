"""Where a party belongs by law and by place, read from its BODS record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from detector.facts import PersonStatus, StatusFinding
from detector.ownership.words import reason_words
from detector.policy.tables import HOME, CountryTable
from detector.who.graph import Party

#: BODS types of persons and entities that are known to be there, and not who they are.
UNIDENTIFIED: Final = frozenset(
    {"unknownPerson", "anonymousPerson", "unknownEntity", "anonymousEntity"}
)

#: BODS entity types that are a government or a part of one.
GOVERNMENTS: Final = frozenset({"state", "stateBody"})

#: Addresses that say where an organisation is headquartered, best first; then its jurisdiction.
HEADQUARTERS_ADDRESSES: Final = ("headquarters", "registered")


def headquarters_place(party: Party) -> tuple[str, str] | None:
    """Give (code as it is written, what it was read from), None where the record does not say.

    An address of type headquarters, else registered, else the jurisdiction.
    """
    for kind in HEADQUARTERS_ADDRESSES:
        country = address_country(party.details, kind)
        if country is not None:
            return country, f"{kind} address"
    law = code_of(party.details.get("jurisdiction"))
    return None if law is None else (law, "jurisdiction")


def own_status(party: Party, table: CountryTable) -> StatusFinding:
    """Give the person status of one party by itself, whoever owns it (proposed 15 CFR 7.301)."""
    named = f"{party.name or 'the record'} ({party.record_id})"
    if party.kind == "person":
        return _individual(party, named, table)
    if party.kind == "organisation":
        return _organisation(party, named, table)
    return StatusFinding("undetermined", (f"No statement describes {named}.",))


def _individual(party: Party, named: str, table: CountryTable) -> StatusFinding:
    residence = address_country(party.details, "residence")
    stated = nationalities(party.details)
    belongs_to = sorted({table.country(code) for code in stated})
    if HOME in belongs_to:
        return StatusFinding("us", (f"{named} is a citizen of the United States.",))
    if residence is not None and table.country(residence) == HOME:
        return StatusFinding("us", (f"{named} resides in the United States.",))
    places = [*belongs_to, *([residence] if residence is not None else [])]
    if any(is_unsettled(each, table) for each in places):
        return StatusFinding(
            "undetermined",
            (
                f"{named} belongs to {', '.join(places)}, an area whose "
                "law may be law of the United States.",
            ),
        )
    if not belongs_to:
        why = f"The nationality of {named} is not on record{_not_named(party)}."
        return StatusFinding("undetermined", (why,))
    where = "no residence" if residence is None else f"residence in {residence}"
    sentence = f"{named} has nationality {', '.join(stated)} and {where} on record."
    return StatusFinding("foreign", (sentence,))


def _organisation(party: Party, named: str, table: CountryTable) -> StatusFinding:
    law = code_of(party.details.get("jurisdiction"))
    seat = address_country(party.details, "headquarters")
    registered = address_country(party.details, "registered")
    if law is not None and table.country(law) == HOME:
        return StatusFinding("us", (f"{named} is organised under the law of {law}.",))
    if seat is not None and table.country(seat) == HOME:
        return StatusFinding("us", (f"{named} is located in the United States.",))
    basis = law or registered
    if basis is None:
        why = f"The law under which {named} is organised is not on record{_not_named(party)}."
        return StatusFinding("undetermined", (why,))
    open_place = next((p for p in (basis, seat) if p and is_unsettled(p, table)), None)
    if open_place is not None:
        sentence = f"{named} belongs to {open_place}, whose law may be law of the United States."
        return StatusFinding("undetermined", (sentence,))
    words = "is organised under the law of" if law is not None else "has its registered address in"
    status: PersonStatus = "us" if table.country(basis) == HOME else "foreign"
    return StatusFinding(status, (f"{named} {words} {basis}.",))


def is_government(party: Party) -> bool:
    """Say whether a party is a state or a body of one: it has no beneficial owner to disclose."""
    return party.kind == "organisation" and _type_of(party) in GOVERNMENTS


def unspecified_reason(party: Party) -> str | None:
    """Give the discloser's reason why a party with a record is not identified, None where it is.

    ``unknown`` where the party is said to be unknown or anonymous and no reason is given.
    """
    if _type_of(party) not in UNIDENTIFIED:
        return None
    kind = "Person" if party.kind == "person" else "Entity"
    told = party.details.get(f"unspecified{kind}Details")
    reason = told.get("reason") if isinstance(told, Mapping) else None
    return reason if isinstance(reason, str) and reason else "unknown"


def identified_name(party: Party) -> str | None:
    """Give the name of a party; None where there is none, or only a word for somebody unknown."""
    return party.name if unspecified_reason(party) is None else None


def _type_of(party: Party) -> object:
    """Give the BODS type of a person or entity (an object, or a bare code)."""
    stated = party.details.get("personType" if party.kind == "person" else "entityType")
    word = stated.get("type") if isinstance(stated, Mapping) else stated
    return word if isinstance(word, str) else None


def _not_named(party: Party) -> str:
    reason = unspecified_reason(party)
    return (
        ""
        if reason is None
        else f", for the discloser does not identify it ({reason_words(reason)})"
    )


def is_unsettled(code: str, table: CountryTable) -> bool:
    """Say whether nobody has settled if an area belongs to the United States."""
    return table.unsettled.get(table.country(code)) == HOME


def nationalities(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the codes of a person's nationalities as written, each once, in order."""
    stated = details.get("nationalities")
    listed = stated if isinstance(stated, list) else []
    return tuple(sorted({code for each in listed if (code := code_of(each))}))


def address_country(details: Mapping[str, Any], kind: str) -> str | None:
    """Give the country code, as written, of the first address of a type that has one."""
    stated = details.get("addresses")
    listed = stated if isinstance(stated, list) else []
    codes = (
        code_of(each.get("country"))
        for each in listed
        if isinstance(each, Mapping) and each.get("type") == kind
    )
    return next((code for code in codes if code is not None), None)


def code_of(place: object) -> str | None:
    """Give the code of a BODS country or jurisdiction (an object, or a bare code)."""
    code = place.get("code") if isinstance(place, Mapping) else place
    return code.strip().upper() if isinstance(code, str) and code.strip() else None
