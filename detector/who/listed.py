"""Which records are listed parties: what screening finds, and what the 50 % rule reads.

Screening fills ``Listings``; the arithmetic of ``detector.who.cascade`` reads ``ListedParties``.
A hit never clears by itself: a likely match is ``yes``, one that a person has still to judge
``possible``, and a record that is not named is ``no``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from detector.who.interests import RANK, Certainty

#: BODS record id -> how sure it is that the record is a listed party. Absent is ``no``.
ListedParties = Mapping[str, Certainty]

#: Source name of a list, as the Consolidated Screening List spells it -> who is on that list.
Listings = Mapping[str, ListedParties]

NOTHING_LISTED: Final[Listings] = MappingProxyType({})


def listed_on(listings: Listings, lists: Iterable[str]) -> ListedParties:
    """Give who is on any of these lists, each as sure as the surest hit; by record id."""
    found: dict[str, Certainty] = {}
    for name in lists:
        for record_id, certainty in listings.get(name, {}).items():
            found[record_id] = max(found.get(record_id, "no"), certainty, key=RANK.__getitem__)
    return {each: found[each] for each in sorted(found) if found[each] != "no"}
