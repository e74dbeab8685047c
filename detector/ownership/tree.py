"""A chart as a tree of text for a terminal: the customer first, its owners below and indented.

A party that stands behind several is told in full once, and named where it comes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Final

from detector.ownership import words
from detector.ownership.chart import ChartEdge, ChartParty, OwnershipChart
from detector.ownership.fold import DRAWN_PARTIES_MAX, fold

COLUMNS: Final = 80
#: A name is cut to so many letters.
NAME_MAX: Final = 60
#: Owners deeper than this are named by a line that says so; no line grows past the page.
DEPTH_MAX: Final = 12
DECIDES: Final = "*"
LEGEND: Final = (
    f"{DECIDES} marks the path that decides. Shares are those of each in the one it stands under."
)


def ownership_tree(chart: OwnershipChart, columns: int = COLUMNS) -> list[str]:
    """Give the lines of the tree, none longer than ``columns`` letters where words allow."""
    shown = fold(chart, DRAWN_PARTIES_MAX)
    tree = _Tree(shown, columns)
    roots = [each for each in shown.parties if each.customer_of]
    told = set[str]()
    lines = [line for root in roots for line in tree.root(root, told)]
    lines += [
        f"and {each.party_count:,} more customers" for each in shown.folds if not each.subject_id
    ]
    return [*lines, *wrap(LEGEND, columns)]


class _Tree:
    """Writes the branches above one party after another."""

    def __init__(self, chart: OwnershipChart, columns: int) -> None:
        self._columns = columns
        self._parties: Mapping[str, ChartParty] = {each.id: each for each in chart.parties}
        self._folds = {each.subject_id: each.party_count for each in chart.folds}
        self._above: dict[str, dict[str, list[ChartEdge]]] = {}
        for edge in chart.edges:
            held = self._above.setdefault(edge.subject_id, {})
            held.setdefault(edge.party_id, []).append(edge)

    def root(self, party: ChartParty, told: set[str]) -> Iterator[str]:
        """Write a customer and everybody behind it."""
        first = "" if party.id not in told else " (see above)"
        yield from self._wrapped(_described(party) + first, "", "", bool(party.decides))
        if not first:
            told.add(party.id)
            yield from self._branches(party.id, "", told, 1)

    def _branches(self, subject: str, stem: str, told: set[str], depth: int) -> Iterator[str]:
        held = sorted(self._above.get(subject, {}).items(), key=_order)
        count = self._folds.get(subject, 0)
        for number, (party_id, edges) in enumerate(held, start=1):
            is_last = number == len(held) and not count
            fork, rest = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            party = self._parties[party_id]
            seen = party_id in told
            what = f"{words.fit(words.name_of(party), NAME_MAX * words.LETTER)} (see above)"
            text = f"{_stakes(edges)}: {what if seen else _described(party)}"
            decides = any(each.decides for each in edges)
            yield from self._wrapped(text, stem + fork, stem + rest, decides)
            if not seen:
                told.add(party_id)
                yield from self._further(party_id, stem + rest, told, depth)
        if count:
            yield f"{stem}└─ and {count:,} more"

    def _further(self, party_id: str, stem: str, told: set[str], depth: int) -> Iterator[str]:
        if depth < DEPTH_MAX:
            yield from self._branches(party_id, stem, told, depth + 1)
        elif self._above.get(party_id):
            yield f"{stem}└─ and further owners, see the picture"

    def _wrapped(self, text: str, first: str, rest: str, decides: bool) -> Iterator[str]:
        yield from wrap(
            f"{text} {DECIDES}" if decides else text,
            self._columns,
            initial_indent=first,
            subsequent_indent=rest + "  ",
            break_long_words=True,
            break_on_hyphens=False,
        )


def _described(party: ChartParty) -> str:
    name = words.fit(words.name_of(party), NAME_MAX * words.LETTER)
    record = words.clean(party.record_id or "")
    named = name if record in ("", name) else f"{name} ({record})"
    facts = [words.place_of(party)]
    facts += [words.STATUS_WORDS[party.person_status]] if party.person_status is not None else []
    facts += words.roles_of(party)
    facts += [words.listed_words(party), words.reason_of(party)]
    return "; ".join([named, *(each for each in facts if each)])


def _stakes(edges: Sequence[ChartEdge]) -> str:
    told = [
        ", ".join(part for part in (_stake(each), words.gleif_words(each)) if part)
        for each in edges
    ]
    return "; ".join(dict.fromkeys(each for each in told if each)) or "nothing"


def _stake(edge: ChartEdge) -> str:
    return f"{words.stake_words(edge)} {words.date_words(edge)}".strip()


def _order(held: tuple[str, Sequence[ChartEdge]]) -> tuple[bool, bool, float, str]:
    party_id, edges = held
    most = max((each.share_high or 0.0 for each in edges if each.holds), default=-1.0)
    decides = any(each.decides for each in edges)
    return not decides, not any(each.holds for each in edges), -most, party_id
