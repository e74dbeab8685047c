"""A chart cut down to a size that a person reads: what decides stays, what is left out is counted.

Every party that is kept has a path of kept parties down to a customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from detector.ownership.chart import ChartEdge, ChartParty, Fold, OwnershipChart

#: Parties kept in a document, so that a report fits one Kafka message, and in a drawing.
DOCUMENT_PARTIES_MAX: Final = 120
DRAWN_PARTIES_MAX: Final = 40
#: Parties kept at one distance from the customers, in shares of all that are kept.
LEVEL_SHARE: Final = 0.4
_RANK: Final = {"no": 0, "possible": 1, "yes": 2}


def fold(chart: OwnershipChart, parties_max: int) -> OwnershipChart:
    """Keep so many parties at the most, those that decide first, then the nearest and largest."""
    if len(chart.parties) <= parties_max:
        return chart
    above = _above(chart.edges)
    levels = _levels(chart.parties, above)
    kept = _kept(chart, levels, parties_max)
    places = _places(levels, kept, chart.edges)
    left_out = [(place, 1) for party, place in places.items() if party not in kept]
    for each in chart.folds:  # counted before at a subject that may itself be left out now
        left_out.append((places.get(each.subject_id or ""), each.party_count))
    folds: dict[str | None, int] = {}
    for subject, count in left_out:
        folds[subject] = folds.get(subject, 0) + count
    return chart.model_copy(
        update={
            "parties": tuple(each for each in chart.parties if each.id in kept),
            "edges": tuple(e for e in chart.edges if e.party_id in kept and e.subject_id in kept),
            "folds": tuple(
                Fold(subject_id=subject, party_count=folds[subject])
                for subject in sorted(folds, key=lambda subject: subject or "")
            ),
        }
    )


def _above(edges: Sequence[ChartEdge]) -> dict[str, list[str]]:
    above: dict[str, list[str]] = {}
    for edge in edges:
        above.setdefault(edge.subject_id, []).append(edge.party_id)
    return above


def _levels(parties: Sequence[ChartParty], above: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Give the parties by the number of steps to the nearest customer."""
    level = [each.id for each in parties if each.customer_of]
    seen, levels = set(level), [level]
    while level:
        found = {party for subject in level for party in above.get(subject, ())}
        level = sorted(found - seen)
        seen |= found
        levels.append(level)
    return levels[:-1]


def _kept(chart: OwnershipChart, levels: Sequence[Sequence[str]], most: int) -> set[str]:
    parties = {each.id: each for each in chart.parties}
    largest: dict[str, float] = {}
    subjects: dict[str, list[str]] = {}
    for edge in chart.edges:
        largest[edge.party_id] = max(largest.get(edge.party_id, 0.0), edge.share_high or 0.0)
        subjects.setdefault(edge.party_id, []).append(edge.subject_id)

    def worth(party_id: str) -> tuple[int, int, float, str]:
        party = parties[party_id]
        weight = -len(party.decides), -_RANK[party.owns] - _RANK[party.listed]
        return (*weight, -largest.get(party_id, 0.0), party_id)

    kept: set[str] = set()
    for is_deciding in (True, False):
        for number, level in enumerate(levels):
            able = [
                each
                for each in level
                if (parties[each].decides or not is_deciding)
                and each not in kept
                and (number == 0 or not kept.isdisjoint(subjects[each]))
            ]
            here = sum(each in kept for each in level)
            room = min(round(most * LEVEL_SHARE) - here, most - len(kept))
            kept |= set(sorted(able, key=worth)[: max(0, room)])
    return kept


def _places(
    levels: Sequence[Sequence[str]], kept: set[str], edges: Sequence[ChartEdge]
) -> dict[str, str | None]:
    """Give where each party is counted: itself, or the first kept subject below it, or nowhere."""
    subjects: dict[str, list[str]] = {}
    for edge in edges:
        subjects.setdefault(edge.party_id, []).append(edge.subject_id)
    counted_at: dict[str, str | None] = {each: each for each in kept}
    for number, level in enumerate(levels):
        for party in (each for each in level if each not in kept):
            below = sorted(each for each in subjects.get(party, ()) if each in counted_at)
            direct = [each for each in below if each in kept]
            is_nowhere = number == 0 or not below
            counted_at[party] = None if is_nowhere else counted_at[(direct or below)[0]]
    return counted_at
