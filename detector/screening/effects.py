"""What standing on a list means, read from ``effects.toml``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field

from detector.facts import Severity
from detector.policy.parse import StrictDocument, parse_document
from detector.screening.ftm import SEPARATOR
from detector.screening.parties import ListedParty, Snapshot


class Effect(StrictDocument):
    """How severe a likely match with a list is, and what the list bars, in words."""

    severity: Severity
    effect: Annotated[str, Field(min_length=1)]


class _Listed(Effect):
    source: Annotated[str, Field(min_length=1)]
    known_as: list[str] = []


class Effects(StrictDocument):
    """The effects of the lists that are known, of any other, and of a listing that has ended."""

    other: Effect
    ended: Effect
    lists: list[_Listed]

    def of(self, source: str) -> Effect:
        """Give the effect of the list of this name."""
        return next((each for each in self.lists if each.source == source), self.other)

    def of_party(self, party: ListedParty, on: date) -> Effect:
        """Give what standing on its list means for a party on a day: less once it has ended."""
        if party.ended_on is None or on <= party.ended_on:
            return self.of(party.source)
        told = f"the listing ended on {party.ended_on}: {self.ended.effect}"
        return Effect(severity=self.ended.severity, effect=told)

    def named(self, snapshot: Snapshot) -> Snapshot:
        """Give a snapshot whose parties stand on lists by the names that are used here.

        A party known by codes of several lists is of the one that stands first.
        """
        return replace(snapshot, parties=tuple(self._named(each) for each in snapshot.parties))

    def _named(self, party: ListedParty) -> ListedParty:
        told = {*party.programs, *party.source.split(SEPARATOR)}
        known = (each.source for each in self.lists if not told.isdisjoint(each.known_as))
        return replace(party, source=next(known, party.source))


def parse_effects(text: str) -> Effects:
    """Read the effects from TOML text.

    Raises:
        PolicyError: A key is missing, unknown or out of range; it says which.
    """
    return parse_document(
        text, "effects.toml", Effects, "keep the keys of detector/screening/effects.toml"
    )
