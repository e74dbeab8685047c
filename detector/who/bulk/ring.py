"""Nodes that hold one another, solved as one system for each source, by the exact code.

A source above the group stands in it as one party, with what comes in from outside. A source in the
group is asked about by itself, for its own share in itself is the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from detector.who.bulk.flow import POSSIBLE, YES, Terms, terms_of
from detector.who.bulk.pairs import SOLVED, Pairs
from detector.who.bulk.ragged import Ints
from detector.who.bulk.rows import Entries, Rows
from detector.who.control import controlled_by
from detector.who.interests import RANK, Certainty, Share
from detector.who.shares import Network, shares_of, subjects_by_party

_ABOVE = "\0above"
#: Digits after the point within which a stated share is found again from its float.
_DIGITS = 15
_NAMES: Mapping[int, Certainty] = {rank: name for name, rank in RANK.items()}

Found = tuple[int, int, float, float, int]  # node, source, low, high, control


class Ring:
    """One group of nodes, the pairs within it, and the pairs into it from outside."""

    def __init__(self, nodes: Ints, pairs: Pairs, inside: Ints, outside: Ints) -> None:
        """``inside`` and ``outside`` are places of pairs whose subjects are the group's nodes."""
        self._nodes = [int(each) for each in nodes]
        self._pairs, self._inside, self._outside = pairs, inside, outside
        self._direct: dict[str, dict[str, Share]] = {}
        self._declared: dict[str, dict[str, Share]] = {}
        self._control: dict[tuple[str, str], Certainty] = {}
        for at in inside:
            party, subject = str(pairs.party[at]), str(pairs.subject[at])
            self._control[party, subject] = _NAMES[int(pairs.control[at])]
            if pairs.has_direct[at]:
                self._direct.setdefault(subject, {})[party] = _direct(pairs, at)
            if pairs.has_total[at]:
                self._declared.setdefault(party, {})[subject] = _total(pairs, at)

    @property
    def is_decimal(self) -> bool:
        """Say whether every share is a short decimal, so that control is decided exactly."""
        at = np.concatenate([self._inside, self._outside])
        held = self._pairs
        values = (held.low, held.high, held.total_low, held.total_high)
        return all(bool((np.round(each[at], _DIGITS) == each[at]).all()) for each in values)

    def from_above(self, rows: Rows) -> Entries:
        """Give what every source above the group has in its nodes."""
        terms = terms_of(rows, self._pairs, self._outside)
        found: list[Found] = []
        for source in np.unique(terms.source):
            found += self._of(int(source), terms, np.flatnonzero(terms.source == source))
        return _entries(found)

    def from_within(self, sources: Ints) -> Entries:
        """Give what sources that are nodes of the group have in the others."""
        found: list[Found] = []
        for source in sources:
            owner = str(source)
            shares = shares_of(self._network({}, {}, {}, first=()), owner)
            control = controlled_by(self._network({}, {}, {}, first=()), owner)
            found += _found(int(source), owner, shares, control)
        return _entries(found)

    def _of(self, source: int, terms: Terms, at: Ints) -> Iterator[Found]:
        entering, counted, control = _entering(self._pairs, terms, at)
        own = [place for place in at if terms.is_own[place]]
        pairs = self._pairs
        declared = {
            str(terms.node[each]): _total(pairs, terms.pair[each])
            for each in own
            if pairs.has_total[terms.pair[each]]
        }
        told = {_ABOVE: declared} if declared else {}
        shares = shares_of(self._network(entering, told, control), _ABOVE)
        by_control = self._network(counted, told, control)
        return _found(source, _ABOVE, shares, controlled_by(by_control, _ABOVE))

    def _network(
        self,
        above: Mapping[str, Share],
        declared: Mapping[str, Mapping[str, Share]],
        control: Mapping[str, Certainty],
        first: tuple[tuple[str, ...], ...] = ((_ABOVE,),),
    ) -> Network:
        """Give the network of the group, with what one party above it has in its nodes."""
        names = tuple(sorted(str(each) for each in self._nodes))
        direct = {name: dict(self._direct.get(name, {})) for name in names}
        for name, share in above.items():
            direct[name][_ABOVE] = share
        edges = self._control | {(_ABOVE, name): certainty for name, certainty in control.items()}
        stated = {**self._declared, **declared}
        return Network(direct, stated, edges, subjects_by_party(edges), (*first, names))


def _entering(
    pairs: Pairs, terms: Terms, at: Ints
) -> tuple[dict[str, Share], dict[str, Share], dict[str, Certainty]]:
    """Give what a source has from outside: shares, those that count for control, and control."""
    shares: dict[str, Share] = {}
    counted: dict[str, Share] = {}
    control: dict[str, Certainty] = {}
    for each in at:
        name, pair, rank = str(terms.node[each]), terms.pair[each], int(terms.control[each])
        held = Share(Fraction(float(terms.low[each])), Fraction(float(terms.high[each])))
        shares[name] = _more(shares.get(name), held)
        low = _decimal(pairs.low[pair]) if rank == YES else Fraction(0)
        high = _decimal(pairs.high[pair]) if rank >= POSSIBLE else Fraction(0)
        counted[name] = _more(counted.get(name), Share(low, high))
        passed = _NAMES[min(rank, int(pairs.control[pair]))]
        control[name] = max(control.get(name, "no"), passed, key=RANK.__getitem__)
    return shares, counted, control


def _more(one: Share | None, other: Share) -> Share:
    return other if one is None else Share(one.low + other.low, one.high + other.high)


def _direct(pairs: Pairs, at: int) -> Share:
    return Share(_decimal(pairs.low[at]), _decimal(pairs.high[at]))


def _total(pairs: Pairs, at: int) -> Share:
    return Share(_decimal(pairs.total_low[at]), _decimal(pairs.total_high[at]))


def _decimal(value: float) -> Fraction:
    """Give the decimal that was stated, so that sums of control meet a half exactly."""
    return Fraction(repr(round(float(value), _DIGITS)))


def _found(
    source: int, owner: str, shares: Mapping[str, Share], control: Mapping[str, Certainty]
) -> Iterator[Found]:
    for name, share in shares.items():
        if name != owner:
            rank = RANK[control.get(name, "no")]
            yield int(name), source, float(share.low), float(share.high), rank


def _entries(found: list[Found]) -> Entries:
    columns = list(zip(*sorted(found), strict=True)) if found else [()] * 5
    node, source, low, high, control = columns
    return Entries(
        np.array(node, dtype=np.int64),
        np.array(source, dtype=np.int64),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
        np.full(len(node), SOLVED, dtype=np.int8),
        np.array(control, dtype=np.int8),
    )
