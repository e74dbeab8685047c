"""What each party on a chart holds in each subject, and the boxes that stand for unknown owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

from detector.ownership.chart import ChartEdge, ChartParty, Question
from detector.who.deciding import Chain
from detector.who.graph import ALWAYS, NO_OWNER_REASON, Link
from detector.who.interests import NOTHING
from detector.who.shares import network_of
from detector.who.standing import BENEFICIAL_OWNER_SHARE_GE

#: Questions by (party), by (party, subject), and by (ABOVE, party) where an unknown above decides.
Marks = Mapping[tuple[str, ...], tuple[Question, ...]]
Box = tuple[ChartParty, ChartEdge]
ABOVE: Final = "above"
_Held = tuple[str, str, datetime | None, datetime | None, bool]


def record_node(record_id: str) -> str:
    """Give the id on the chart of a BODS record; no other box can have it."""
    return f"record/{record_id}"


def marks_of(chains: Iterable[Chain]) -> Marks:
    """Give which questions each party and each step on the chains decides."""
    found: dict[tuple[str, ...], set[Question]] = {}
    for each in chains:
        nodes = [record_node(record_id) for record_id in each.path]
        keys: list[tuple[str, ...]] = [(node,) for node in nodes]
        keys += pairwise(nodes)
        keys += [(ABOVE, nodes[0])] if each.is_open_above else []
        for key in keys:
            found.setdefault(key, set()).add(each.question)
    return {key: tuple(sorted(questions)) for key, questions in found.items()}


def stakes(
    links: Iterable[Link], at: datetime, marks: Marks, judged_at: Sequence[datetime] = ()
) -> tuple[ChartEdge, ...]:
    """Give an edge for each pair of parties and stretch of time; totals over chains apart.

    An edge that holds no more at ``at`` decides an owner's sum, and what was judged while it held.
    """
    held: dict[_Held, list[Link]] = {}
    for link in links:
        if link.unspecified_reason != NO_OWNER_REASON:
            interest = link.interest
            dates = interest.starts_at, interest.ends_at
            pair = _party_node(link), record_node(link.subject_id)
            held.setdefault((*pair, *dates, interest.is_indirect), []).append(link)
    edges = [_edge(key, held[key], at, _then(held[key][0], at, marks, judged_at)) for key in held]
    return tuple(sorted(edges, key=_order))


def unknowns(
    links: Iterable[Link], edges: Sequence[ChartEdge], organisations: Sequence[str], marks: Marks
) -> Iterator[tuple[ChartParty, ChartEdge | None]]:
    """Give a box, and its edge where ``edges`` lack it, for each owner that nobody names.

    Unnamed parties of the discloser, subjects of which no owner is on file, and what the shares
    stated leave over where it is enough for a beneficial owner.
    """
    told = {_party_node(link): link for link in sorted(links, key=_by_id) if link.party_id is None}
    for node in sorted(told):
        yield _unnamed(told[node], marks), _none_edge(told[node])
    explained = {record_node(link.subject_id) for link in told.values()}
    for subject in (record_node(each) for each in organisations):
        if subject not in explained:
            held = [edge for edge in edges if edge.holds and edge.subject_id == subject]
            yield from _silent(subject, held, marks)


def _silent(subject: str, held: Sequence[ChartEdge], marks: Marks) -> Iterator[Box]:
    if not held:
        yield _unknown("nobody_on_file", subject, 1.0, marks)
    elif (left := _left_over(held)) >= BENEFICIAL_OWNER_SHARE_GE:
        yield _unknown("undisclosed_rest", subject, left, {})


def _by_id(link: Link) -> str:
    return link.relationship_id


def _order(edge: ChartEdge) -> tuple[str, str, datetime, bool]:
    return edge.party_id, edge.subject_id, edge.valid_from or ALWAYS, edge.is_indirect


def _party_node(link: Link) -> str:
    if link.party_id is not None:
        return record_node(link.party_id)
    return f"unnamed/{link.relationship_id}/{link.subject_id}"


def _edge(key: _Held, links: Sequence[Link], at: datetime, marks: Marks) -> ChartEdge:
    party, subject, start, end, is_indirect = key
    network = network_of([replace(link, party_id=link.party_id or party) for link in links])
    ends = links[0].party_id or party, links[0].subject_id
    share = network.direct.get(ends[1], {}).get(ends[0], NOTHING)
    if is_indirect:
        share = network.declared.get(ends[0], {}).get(ends[1], NOTHING)
    control, has_share = network.control[ends], share.high > 0
    found = marks.get((party, subject), ()) + _above(party, subject, marks)
    is_sure = share.low > 0 or control == "yes"
    return ChartEdge(
        party_id=party,
        subject_id=subject,
        types=tuple(sorted({link.interest.type for link in links})),
        share_low=float(share.low) if has_share else None,
        share_high=float(share.high) if has_share else None,
        control=control,
        certainty="yes" if is_sure else "possible",
        is_indirect=is_indirect,
        valid_from=start,
        valid_to=end,
        holds=links[0].holds_at(at),
        decides=found,
    )


def _then(link: Link, at: datetime, marks: Marks, judged_at: Sequence[datetime]) -> Marks:
    """Keep of the marks what a link can decide: all where it holds, less where it held once."""
    if link.holds_at(at):
        return marks
    kept = {"owner"}
    if any(link.holds_at(each) for each in judged_at):
        kept |= {"person_status", "headquarters"}
    return {key: tuple(each for each in found if each in kept) for key, found in marks.items()}


def _above(party: str, subject: str, marks: Marks) -> tuple[Question, ...]:
    return () if party.startswith("record/") else marks.get((ABOVE, subject), ())


def _unnamed(link: Link, marks: Marks) -> ChartParty:
    is_none = link.unspecified_reason == NO_OWNER_REASON
    return ChartParty(
        id=_party_node(link),
        record_id=None,
        kind="none" if is_none else "unnamed",
        reason=link.unspecified_reason,
        decides=() if is_none else marks.get((ABOVE, record_node(link.subject_id)), ()),
    )


def _none_edge(link: Link) -> ChartEdge | None:
    """Tie the box of a subject that is said to have no owner to it; others have an edge."""
    if link.unspecified_reason != NO_OWNER_REASON:
        return None
    return ChartEdge(
        party_id=_party_node(link),
        subject_id=record_node(link.subject_id),
        types=(),
        share_low=None,
        share_high=None,
        control="no",
        certainty="yes",
    )


def _unknown(
    kind: Literal["nobody_on_file", "undisclosed_rest"], subject: str, most: float, marks: Marks
) -> Box:
    node = f"{kind}/{subject}"
    decides = marks.get((ABOVE, subject), ())
    edge = ChartEdge(
        party_id=node,
        subject_id=subject,
        types=(),
        share_low=0.0,
        share_high=most,
        control="possible" if kind == "nobody_on_file" else "no",
        certainty="possible",
        decides=decides,
    )
    return ChartParty(id=node, record_id=None, kind=kind, decides=decides), edge


def _left_over(edges: Sequence[ChartEdge]) -> float:
    """Give what the surely held parts leave of the whole; nothing where no share is stated."""
    parts = sorted(each.share_low for each in edges if each.share_low is not None)
    return max(0.0, round(1.0 - sum(parts), 12)) if parts else 0.0
