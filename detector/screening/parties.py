"""What a list says of a party, what we know of whom we screen, and a hit between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

#: ``other``: a vessel or aircraft, met by its identifiers alone. ``unknown``: read both ways.
PartyKind = Literal["person", "organisation", "other", "unknown"]
Role = Literal["customer", "payer", "owner", "query"]
Level = Literal["hit", "possible"]
Verdict = Literal["same", "not_same", "unsure"]


@dataclass(frozen=True)
class ListedParty:
    """One entry of a sanctions or export list.

    ``source`` is the list's own name, ``party_id`` the entry's number on it, or else a digest of
    what the entry says. ``weak_aliases`` are names that the list itself calls weak. ``countries``
    are ISO 3166-1 alpha-2 codes, ``identifiers`` are normalised, ``birth_dates`` ISO dates or
    parts of them. ``ended_on`` is the last day of the listing; None where the list states none.
    """

    party_id: str
    source: str
    kind: PartyKind
    name: str
    aliases: tuple[str, ...] = ()
    weak_aliases: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    listed_on: str | None = None
    ended_on: date | None = None
    url: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name but the weak ones, the first first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Snapshot:
    """One list file as it was read: its label for provenance, its entries, what was left out.

    ``left_out`` counts rows that could not be read, by reason. ``stated_at`` is the instant of
    which the list itself says that it is; ``dated_at`` that, or else when its file was written.
    """

    label: str
    parties: tuple[ListedParty, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    stated_at: datetime | None = None
    dated_at: datetime | None = None


@dataclass(frozen=True)
class Subject:
    """A party of ours that is held against the lists: what is on record of it, and its role."""

    record_id: str
    role: Role
    kind: PartyKind
    names: tuple[str, ...]
    identifiers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What an analyst said of one pair of record and listed party.

    ``pair`` is the digest of both as they were; once either changes, it holds no more.
    """

    pair: str
    verdict: Verdict
    author: str
    reason: str
    judged_on: str


@dataclass(frozen=True)
class Hit:
    """A subject that may be a listed party: never a verdict, a person decides.

    ``score`` is 0 to 1, ``features`` say in words what made it. ``snapshot`` is the label of the
    list file. ``judgement`` is an analyst's, where one holds for this very pair.
    """

    subject: Subject
    party: ListedParty
    snapshot: str
    level: Level
    score: float
    name: str
    listed_name: str
    features: tuple[str, ...]
    pair: str
    judgement: Judgement | None = None
