"""FollowTheMoney entities, one JSON object a line: ``id``, ``schema``, ``properties``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from detector.screening.csl import BROKEN, NO_NAME, Read
from detector.screening.fields import addresses, birth_date, country, identifier, unique
from detector.screening.parties import ListedParty, PartyKind

KINDS: Final[dict[str, PartyKind]] = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "PublicBody": "organisation",
    "LegalEntity": "unknown",
    "Vessel": "other",
    "Airplane": "other",
}
NUMBERS: Final = (
    "registrationNumber",
    "leiCode",
    "taxNumber",
    "innCode",
    "ogrnCode",
    "uscCode",
    "uniqueEntityId",
    "swiftBic",
    "idNumber",
    "passportNumber",
    "imoNumber",
)
COUNTRIES: Final = ("country", "jurisdiction", "nationality", "citizenship", "mainCountry")
#: Between the data sets that name one entity.
SEPARATOR: Final = ", "
NO_PARTY: Final = "describes no party"
NO_TARGET: Final = "is not itself listed"


def read_ftm(entities: Iterable[object], source: str) -> Read:
    """Read entities: parties, and entities left out by reason; ``source`` where none is named."""
    parties: list[ListedParty] = []
    left_out: Counter[str] = Counter()
    for entity in entities:
        reason = _reason(entity)
        if reason is None and isinstance(entity, Mapping):
            parties.append(_party(entity, source))
        else:
            left_out[reason or BROKEN] += 1
    return parties, left_out


def _reason(entity: object) -> str | None:
    """Say why an entity is left out, None where it is a listed party."""
    if not isinstance(entity, Mapping) or not isinstance(entity.get("properties"), Mapping):
        return BROKEN
    if not isinstance(entity.get("id"), str) or not entity["id"]:
        return BROKEN
    if entity.get("schema") not in KINDS:
        return NO_PARTY
    if entity.get("target") is False:
        return NO_TARGET
    return None if _values(entity["properties"], "name") else NO_NAME


def _party(entity: Mapping[str, Any], source: str) -> ListedParty:
    properties = entity["properties"]
    names = _values(properties, "name")
    named = _values(entity, "datasets")
    return ListedParty(
        party_id=entity["id"],
        source=SEPARATOR.join(sorted(named)) or source,
        kind=KINDS[entity["schema"]],
        name=names[0],
        aliases=unique(names[1:] + _values(properties, "alias", "previousName")),
        weak_aliases=unique(_values(properties, "weakAlias")),
        programs=unique(_values(properties, "program", "programId", "topics")),
        addresses=addresses(_values(properties, "address")),
        countries=unique(country(code) for code in _values(properties, *COUNTRIES)),
        identifiers=unique(identifier(number) for number in _values(properties, *NUMBERS)),
        birth_dates=unique(birth_date(each) for each in _values(properties, "birthDate")),
        listed_on=next(iter(_values(properties, "createdAt")), None),
        url=next(iter(_values(properties, "sourceUrl")), None),
    )


def _values(properties: Mapping[str, Any], *keys: str) -> list[str]:
    """Give the texts of some properties; a bare text is taken as a list of one."""
    found: list[str] = []
    for key in keys:
        value = properties.get(key)
        listed = value if isinstance(value, list) else [value]
        found += [each.strip() for each in listed if isinstance(each, str) and each.strip()]
    return found
