"""Held by persons of a country of concern, by each limb of 31 CFR part 850 that is on file.

Votes, seats on the board and equity are three tests; none is added to another. A government also
counts by its power to direct. What needs accounts or a contract is named as not computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final

from detector.who.answers import Answer, Flip, certainty_of
from detector.who.cascade import surely
from detector.who.control import controlled_by
from detector.who.flips import stake_flips
from detector.who.graph import Link, OwnershipGraph
from detector.who.interests import RANK, Certainty, Share
from detector.who.listed import ListedParties
from detector.who.places import is_government
from detector.who.proportion import attributed, steps_of
from detector.who.shares import network_of
from detector.who.stakes import BOARD, EQUITY, VOTING, Owned, Right, stakes_of

RIGHTS: Final = {"voting": VOTING, "board": BOARD, "equity": EQUITY}

#: Limbs of the definition for which neither statements nor tenant records say anything.
NOT_COMPUTED: Final = (
    "more than 50 % of revenue, net income, capital expenditure or operating expenses",
    "a contractual power to direct, of anybody but a government",
    "general partners, managing members and investment advisers",
    "permanent residence and principal place of business",
    "whether the person engages in a covered activity",
)


def held_by_country_of_concern(
    graph: OwnershipGraph,
    record_id: str,
    persons: ListedParties,
    at: datetime,
    share_ge: Fraction,
) -> dict[str, Answer]:
    """Give the answer of each limb: ``voting``, ``board``, ``equity`` and ``government``.

    ``persons``: record id -> how sure it is a person of a country of concern, as the caller reads
    nationality, law and headquarters. ``share_ge`` is the share of the instrument, a ratio. The
    test as a whole is the surest of the limbs.
    """
    links = [link for link in graph.links_behind(record_id) if link.holds_at(at)]
    found = {
        name: _by_right(links, record_id, persons, right, share_ge)
        for name, right in RIGHTS.items()
    }
    governments = {
        party: sure for party, sure in persons.items() if is_government(graph.party(party, at))
    }
    return {**found, "government": _by_power(links, record_id, governments)}


def _by_right(
    links: Sequence[Link],
    record_id: str,
    persons: ListedParties,
    right: Right,
    share_ge: Fraction,
) -> Answer:
    stakes = stakes_of(links, right)
    sure, unsure = surely(persons, "yes"), surely(persons, "possible")
    low = attributed(stakes.owned, sure, record_id, is_high=False)
    high = attributed(stakes.owned, unsure | stakes.unnamed, record_id, is_high=True)
    certainty = certainty_of(is_sure=low.share >= share_ge, is_possible=high.share >= share_ge)
    steps = () if certainty == "no" else steps_of(stakes.owned, record_id)
    parties = tuple(sorted({step.party_id for step in steps} & unsure - {record_id}))

    def is_yes(owned: Owned, assumed: frozenset[str]) -> bool:
        return attributed(owned, sure | assumed, record_id, is_high=False).share >= share_ge

    found: tuple[Flip, ...] = ()
    if certainty == "possible":
        may_be = unsure - sure - {record_id}
        found = stake_flips(stakes.owned, stakes.unnamed, may_be, is_yes)
    share = Share(low.share, max(low.share, high.share))
    return Answer(certainty, share, parties, steps, found, NOT_COMPUTED)


def _by_power(links: Sequence[Link], record_id: str, governments: ListedParties) -> Answer:
    """Say whether a government of such a country may direct the record."""
    network = network_of(links)
    found: Certainty = "no"
    parties: list[str] = []
    for party in sorted(surely(governments, "possible")):
        held = controlled_by(network, party).get(record_id, "no")
        certainty = min(held, governments[party], key=RANK.__getitem__)
        found = max(found, certainty, key=RANK.__getitem__)
        parties += [party] if certainty != "no" else []
    nothing = Share(Fraction(0), Fraction(0))
    return Answer(found, nothing, tuple(parties), not_computed=NOT_COMPUTED)
