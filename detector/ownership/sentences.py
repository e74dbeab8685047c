"""What a report tells of the owners in sentences: listed, not named and why, what GLEIF says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detector.ownership import words
from detector.ownership.chart import OwnershipChart

#: Sentences of one kind; each edge of the graph has its own note.
SENTENCES_MAX: Final = 20


def ownership_sentences(chart: OwnershipChart | None) -> tuple[str, ...]:
    """Give the sentences of a chart, each once, in the order of its edges."""
    if chart is None:
        return ()
    return tuple(dict.fromkeys([*_listed(chart), *_unnamed(chart), *_gleif(chart)]))


def _listed(chart: OwnershipChart) -> Iterator[str]:
    told = [
        f"{words.name_of(party)} {'is ' * (party.listed == 'yes')}{words.listed_words(party)}"
        for party in chart.parties
        if party.listed != "no"
    ]
    for each in told[:SENTENCES_MAX]:
        yield f"{each}: see the finding listed-party for the list and the score. A person decides."
    if len(told) > SENTENCES_MAX:
        yield f"{len(told) - SENTENCES_MAX} more are or may be listed parties: see the picture."


def _unnamed(chart: OwnershipChart) -> Iterator[str]:
    parties = {each.id: each for each in chart.parties}
    for edge in chart.edges:
        party, subject = parties[edge.party_id], words.name_of(parties[edge.subject_id])
        if party.kind == "none":
            yield f"{subject} is said to have no beneficial owner."
        elif party.kind == "unnamed":
            yield f"An owner of {subject} is not named: {words.reason_of(party)}."
        elif party.reason is not None:
            yield f"Who {words.name_of(party)} is, is not told: {words.reason_of(party)}."


def _gleif(chart: OwnershipChart) -> Iterator[str]:
    found = [each.gleif for each in chart.edges if each.gleif is not None]
    for verdict in ("contradicts", "agrees", "not_in_gleif"):
        told = [each.because for each in found if each.verdict == verdict]
        yield from told[:SENTENCES_MAX]
        if len(told) > SENTENCES_MAX:
            left = len(told) - SENTENCES_MAX
            yield f"And so of {left:,} more stakes ({verdict.replace('_', ' ')}); see the graph."
