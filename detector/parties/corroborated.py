"""What GLEIF level 2 says beside each edge of an ownership chart. It moves nothing on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from detector.ownership import words
from detector.ownership.chart import ChartEdge, ChartParty, Corroboration, OwnershipChart
from detector.who.control import HALF
from detector.who.gleif import Gleif, lei_of
from detector.who.graph import OwnershipGraph

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Pair:
    """The two ends of an edge with their names and identifiers, and the day looked at."""

    party: str
    subject: str
    party_lei: str | None
    subject_lei: str | None
    on: date


def corroborated(
    chart: OwnershipChart, graph: OwnershipGraph, gleif: Gleif | None
) -> OwnershipChart:
    """Give the chart with a note on each edge between organisations; without files, as it is.

    Of natural persons GLEIF says nothing. An edge that holds no more is looked at on its last day.
    """
    if gleif is None:
        return chart
    parties = {each.id: each for each in chart.parties}
    leis = {
        each.id: lei_of(graph.party(each.record_id, chart.at).details)
        for each in chart.parties
        if each.record_id is not None and each.kind == "organisation"
    }
    rows: dict[str, list[Row]] = {}
    for row in gleif.among(lei for lei in leis.values() if lei is not None):
        rows.setdefault(row["child"], []).append(row)
    edges = [
        each.model_copy(
            update={"gleif": _note(each, _pair(each, parties, leis, chart.at), rows)}
            if each.party_id in leis and each.subject_id in leis
            else {}
        )
        for each in chart.edges
    ]
    return chart.model_copy(update={"edges": tuple(edges)})


def _pair(
    edge: ChartEdge,
    parties: Mapping[str, ChartParty],
    leis: Mapping[str, str | None],
    at: datetime,
) -> _Pair:
    ends = (edge.party_id, edge.subject_id)
    names = [words.name_of(parties[each]) for each in ends]
    ended = edge.valid_to is not None and edge.valid_to <= at
    day = _day_before(edge.valid_to) if ended and edge.valid_to is not None else at.date()
    return _Pair(names[0], names[1], leis[ends[0]], leis[ends[1]], day)


def _note(edge: ChartEdge, pair: _Pair, rows: Mapping[str, Sequence[Row]]) -> Corroboration:
    if pair.party_lei is None or pair.subject_lei is None:
        nameless = pair.party if pair.party_lei is None else pair.subject
        return _silent(f"{nameless} has no Legal Entity Identifier on record")
    found = [row for row in rows.get(pair.subject_lei, ()) if _holds(row, pair.on)]
    named = [row for row in found if row["parent"] == pair.party_lei]
    if named:
        return _named(edge, pair, is_direct=any(row["is_direct"] for row in named))
    others = sorted({row["parent"] for row in found if row["is_direct"]})
    if others and _decides(edge):
        return Corroboration(
            verdict="contradicts",
            because=f"GLEIF names {', '.join(others)} as the direct parent that consolidates "
            f"{pair.subject}; by the statements {pair.party} holds {words.stake_words(edge)}.",
        )
    return _silent(f"it names no consolidation of {pair.subject} by {pair.party}")


def _named(edge: ChartEdge, pair: _Pair, *, is_direct: bool) -> Corroboration:
    how = "directly" if is_direct else "ultimately"
    told = f"GLEIF has {pair.subject} as {how} consolidated by {pair.party}"
    may_decide = edge.control != "no" or edge.share_high is None or edge.share_high > HALF
    if may_decide:
        return Corroboration(verdict="agrees", because=f"{told}.")
    return Corroboration(
        verdict="contradicts",
        because=f"{told}, which takes control; by the statements it holds "
        f"{words.stake_words(edge)} and no control.",
    )


def _silent(why: str) -> Corroboration:
    return Corroboration(verdict="not_in_gleif", because=f"GLEIF is silent: {why}.")


def _decides(edge: ChartEdge) -> bool:
    return edge.control == "yes" or (edge.share_low is not None and edge.share_low > HALF)


def _holds(row: Row, on: date) -> bool:
    """Say whether a relationship held on a day; one that ended, and nobody says when, did not."""
    if row["starts_on"] is not None and row["starts_on"] > on:
        return False
    if row["ends_on"] is None:
        return bool(row["is_active"])
    return bool(row["ends_on"] > on)


def _day_before(instant: datetime) -> date:
    return date.fromordinal(instant.date().toordinal() - 1)
