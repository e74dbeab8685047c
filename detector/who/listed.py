"""Which records are listed parties: what screening finds, and what the 50 % rule reads.

Screening fills ``Listings``; the arithmetic of ``detector.who.cascade`` reads ``ListedParties``.
A hit never clears by itself: a likely match is ``yes``, one that a person has still to judge
``possible``, and a record that is not named is ``no``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from detector.who.interests import RANK, Certainty

#: BODS record id -> how sure it is that the record is a listed party. Absent is ``no``.
ListedParties = Mapping[str, Certainty]

#: Source name of a list, as the Consolidated Screening List spells it -> who is on that list.
Listings = Mapping[str, ListedParties]

#: Last day of a listing, None where its list states none -> who is listed until then. Somebody may
#: stand in several.
DatedListings = Mapping[date | None, Listings]

NOTHING_LISTED: Final[DatedListings] = MappingProxyType({})


def listings_on(dated: DatedListings, day: date) -> Listings:
    """Give who is listed on a day: a listing that has ended gives nobody a listed owner."""
    standing = [each for last, each in dated.items() if last is None or day <= last]
    found = {
        name: [each[name] for each in standing if name in each]
        for each in standing
        for name in each
    }
    return {name: _surest(parties) for name, parties in found.items()}


def listed_on(listings: Listings, lists: Iterable[str]) -> ListedParties:
    """Give who is on any of these lists, each as sure as the surest hit; by record id."""
    found = _surest([listings.get(name, {}) for name in lists])
    return {each: found[each] for each in sorted(found) if found[each] != "no"}


def _surest(lists: Iterable[ListedParties]) -> dict[str, Certainty]:
    found: dict[str, Certainty] = {}
    for parties in lists:
        for record_id, sure in parties.items():
            found[record_id] = max(found.get(record_id, "no"), sure, key=RANK.__getitem__)
    return found
