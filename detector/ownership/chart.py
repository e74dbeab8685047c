"""Who stands behind a subject, as a graph on paper: parties, what they hold, what decides.

It is evidence, never an input of a decision. Shares run from 0 to 1 and bound what is known: low
is sure, high is possible. Instants are UTC; places are ISO 3166-1 codes as the records write them.
"""

from __future__ import annotations

from typing import Final, Literal

from detector.documents import Instant, Part
from detector.facts import PersonStatus

Certainty = Literal["no", "possible", "yes"]

#: What a party or a stake helps to decide: that an owner counts for the subject, the person
#: status, that a headquarters lies in a named place, that a listed party is behind it.
Question = Literal["owner", "person_status", "headquarters", "listed"]

#: ``unknown``: named by somebody, described by nobody. ``unnamed``: the discloser says that there
#: is a party and not who. ``nobody_on_file``: no statement says anything of the owners.
#: ``undisclosed_rest``: what the stated shares leave over. ``none``: said to have no owner.
ChartKind = Literal[
    "person", "organisation", "unknown", "unnamed", "nobody_on_file", "undisclosed_rest", "none"
]

#: The kinds that stand for a party that nobody knows.
UNKNOWN_KINDS: Final = frozenset({"unknown", "unnamed", "nobody_on_file", "undisclosed_rest"})


class ChartParty(Part):
    """One party. ``record_id`` is its BODS record, null for a box that stands for an unknown.

    ``headquarters_country`` is what ``headquarters`` counts as (Hong Kong as China), and
    ``country_groups`` are those it stood in on the day of the chart; ``named_beside`` the group
    beside which every rule names it (Macau). ``customer_of`` lists the tenants that the party
    contracts for. ``owns``: how sure it passes the owner test for a customer, with the share over
    all chains in the first customer it owns; null where it is no owner. ``reason``: the
    discloser's, of a party that is not named or not identified.
    """

    id: str
    record_id: str | None
    kind: ChartKind
    name: str | None = None
    headquarters: str | None = None
    headquarters_country: str | None = None
    headquarters_read_from: str | None = None
    jurisdiction: str | None = None
    nationalities: tuple[str, ...] = ()
    residence: str | None = None
    country_groups: tuple[str, ...] = ()
    named_beside: str | None = None
    person_status: PersonStatus | None = None
    customer_of: tuple[str, ...] = ()
    owns: Certainty = "no"
    share_low: float | None = None
    share_high: float | None = None
    listed: Certainty = "no"
    reason: str | None = None
    decides: tuple[Question, ...] = ()


class Corroboration(Part):
    """What GLEIF level 2 says beside one edge. Consolidation is no ownership: it moves nothing."""

    verdict: Literal["agrees", "contradicts", "not_in_gleif"]
    because: str


class ChartEdge(Part):
    """What one party holds in one subject over [valid_from, valid_to); null is open.

    ``share_low`` and ``share_high`` are null where no part of the whole is held. ``certainty`` is
    ``possible`` where neither a share above zero nor control is sure. ``is_indirect`` marks a
    share that was stated as the total over chains. ``holds``: at the instant of the chart.
    ``gleif``: between two organisations, where relationship files of GLEIF are given.
    """

    party_id: str
    subject_id: str
    types: tuple[str, ...]
    share_low: float | None
    share_high: float | None
    control: Certainty
    certainty: Literal["possible", "yes"]
    is_indirect: bool = False
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    holds: bool = True
    decides: tuple[Question, ...] = ()
    gleif: Corroboration | None = None


class Fold(Part):
    """Parties left out: so many behind one subject; null: so many customers."""

    subject_id: str | None
    party_count: int

    @property
    def box_id(self) -> str:
        """The id of the box that stands for them."""
        return f"fold/{self.subject_id or ''}"


class OwnershipChart(Part):
    """The ownership behind a subject at one instant of valid time, and what held in its work."""

    at: Instant
    parties: tuple[ChartParty, ...]
    edges: tuple[ChartEdge, ...]
    folds: tuple[Fold, ...] = ()
