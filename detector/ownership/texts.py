"""What stands in each box of a chart, cut to the width of the box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from detector.ownership import words
from detector.ownership.chart import UNKNOWN_KINDS, ChartEdge, ChartParty, Fold, OwnershipChart

Shape = Literal["person", "organisation", "unknown"]
Tone = Literal["name", "plain", "alarm"]
Text = tuple[str, Tone]


@dataclass(frozen=True)
class Filled:
    """The shape and the texts of one box, from above."""

    shape: Shape
    decides: bool
    lines: tuple[Text, ...]


def texts_of(chart: OwnershipChart, width: float) -> Mapping[str, Filled]:
    """Give every box of a chart by its id, those of parties left out included."""
    own = {each.party_id: each for each in chart.edges if each.party_id == each.subject_id}
    found = {each.id: _party(each, own.get(each.id), width) for each in chart.parties}
    return found | {each.box_id: _fold(each) for each in chart.folds}


def _party(party: ChartParty, own: ChartEdge | None, width: float) -> Filled:
    shape: Shape = "person" if party.kind == "person" else "organisation"
    if party.kind in UNKNOWN_KINDS:
        shape = "unknown"
    lines: list[Text] = [(line, "name") for line in words.two_lines(words.name_of(party), width)]
    for text, tone in _facts(party, own):
        lines += [(line, tone) for line in words.two_lines(text, width)]
    return Filled(shape, bool(party.decides), tuple(lines))


def _facts(party: ChartParty, own: ChartEdge | None) -> Iterator[Text]:
    if reason := words.reason_of(party):
        yield reason, "plain"
    if place := words.place_of(party):
        yield place, "plain"
    if party.person_status is not None:
        yield words.STATUS_WORDS[party.person_status], "plain"
    yield from ((role, "plain") for role in words.roles_of(party))
    if own is not None:
        yield f"holds {words.stake_words(own)} of itself", "plain"
    if listed := words.listed_words(party):
        yield listed, "alarm"


def _fold(each: Fold) -> Filled:
    what = "customers" if each.subject_id is None else "owners"
    what = what.removesuffix("s") if each.party_count == 1 else what
    line: Text = (f"{each.party_count:,} more {what}", "name")
    return Filled("unknown", decides=False, lines=(line, ("not drawn", "plain")))
