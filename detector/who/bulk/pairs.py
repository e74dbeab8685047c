"""Links as arrays: who holds how much of what, each pair of nodes once.

A share is a 64-bit float here, with a mark of how good it is. Shares of one type add and of several
types the largest counts, as in ``detector.who.shares``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.who.bulk.ragged import Floats, Ints, begins, grouped, total
from detector.who.control import HALF
from detector.who.graph import Link
from detector.who.interests import RANK
from detector.who.standing import BENEFICIAL_OWNER_SHARE_GE

#: How good a float is: it went through a ring; it may be off by some rounding; it is the nearest
#: float, so it stands on the right side of a threshold; it is the very number, and small enough
#: that products stay so.
SOLVED: Final = -1
ROUNDED: Final = 0
NEAREST: Final = 1
EXACT: Final = 2

#: The code of a start before all instants.
ALWAYS: Final = -1

#: The largest denominator of a share that is taken for exact.
_PARTS_MAX: Final = 1 << 10
_THRESHOLDS: Final = (float(BENEFICIAL_OWNER_SHARE_GE), float(HALF))

Marks = NDArray[np.int8]
_Code = TypeVar("_Code", np.int64, np.int8)
_PARTY, _SUBJECT, _TYPE = attrgetter("party_id"), attrgetter("subject_id"), attrgetter("type")


@dataclass(frozen=True)
class Stakes:
    """Links of named parties, one element a link; ``party`` and ``subject`` are codes.

    ``starts`` and ``ends`` are the codes of instants; ``ALWAYS`` and one past the last where open.
    """

    party: Ints
    subject: Ints
    type: Ints
    is_indirect: NDArray[np.bool_]
    low: Floats
    high: Floats
    quality: Marks
    control: Marks
    starts: Ints
    ends: Ints

    def take(self, at: Ints) -> Stakes:
        """Give some of the links, in the order asked for."""
        return Stakes(*(getattr(self, name)[at] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pairs:
    """Each pair of party and subject once, in order of subject, then party; codes of nodes.

    ``control`` is a rank of ``interests.RANK``; ``has_direct`` and ``has_total`` say whether a
    direct share and a total over chains are stated at all.
    """

    party: Ints
    subject: Ints
    low: Floats
    high: Floats
    quality: Marks
    has_direct: NDArray[np.bool_]
    total_low: Floats
    total_high: Floats
    has_total: NDArray[np.bool_]
    control: Marks


def number(fraction: Fraction) -> tuple[float, int]:
    """Give a fraction as a float and how good it is; what is no threshold never reads as one."""
    parts = fraction.denominator
    if parts <= _PARTS_MAX and parts & (parts - 1) == 0:
        return fraction.numerator / parts, EXACT
    value = fraction.numerator / parts
    if value in _THRESHOLDS:
        value = float(np.nextafter(value, 0.0 if fraction < Fraction(value) else 1.0))
    return value, NEAREST


def stakes_of(links: Sequence[Link], codes: dict[str, int], instants: dict[object, int]) -> Stakes:
    """Lay out links; those whose party is not named have no place.

    ``codes``: record id -> code; ``instants``: instant -> code, but for both open ends.
    """
    named = [link for link in links if link.party_id is not None]
    interests = [link.interest for link in named]
    shares = [each.share for each in interests]
    low, low_quality = _numbers([share.low for share in shares])
    high, high_quality = _numbers([share.high for share in shares])
    starts, ends = {None: ALWAYS, **instants}, {None: len(instants), **instants}
    types = {name: code for code, name in enumerate(dict.fromkeys(map(_TYPE, interests)))}
    return Stakes(
        party=_coded(map(_PARTY, named), codes, np.int64),
        subject=_coded(map(_SUBJECT, named), codes, np.int64),
        type=_coded(map(_TYPE, interests), types, np.int64),
        is_indirect=np.fromiter((each.is_indirect for each in interests), np.bool_),
        low=low,
        high=high,
        quality=np.minimum(low_quality, high_quality),
        control=_coded((each.control for each in interests), RANK, np.int8),
        starts=_coded((each.starts_at for each in interests), starts, np.int64),
        ends=_coded((each.ends_at for each in interests), ends, np.int64),
    )


def _coded(stated: Iterable[Any], codes: Mapping[Any, int], kind: type[_Code]) -> NDArray[_Code]:
    return np.fromiter(map(codes.__getitem__, stated), kind)


def _numbers(fractions: Sequence[Fraction]) -> tuple[Floats, Marks]:
    """Give fractions as floats and how good each is; one that comes again is worked out once."""
    distinct = {id(each): each for each in fractions}
    places = {name: at for at, name in enumerate(distinct)}
    told = np.array([number(each) for each in distinct.values()]).reshape(len(distinct), 2)
    at = _coded(map(id, fractions), places, np.int64)
    return told[at, 0], told[at, 1].astype(np.int8)


def pairs_of(stakes: Stakes) -> Pairs:
    """Put the links of each pair together, whatever their order."""
    indirect = stakes.is_indirect.astype(np.int64)
    # Equal keys are put in order by what they state, so that a sum never depends on their order.
    tie = np.lexsort((stakes.high, stakes.low))
    held = stakes.take(tie)
    keys = [held.subject, held.party, indirect[tie], held.type]
    order, starts = grouped(keys)
    held = held.take(order)
    counts = np.diff(np.append(starts, len(order)))
    quality = np.minimum.reduceat(held.quality, starts)
    by_type = _ByType(
        subject=held.subject[starts],
        party=held.party[starts],
        is_indirect=held.is_indirect[starts],
        low=np.minimum(total(held.low, starts), 1.0),
        high=np.minimum(total(held.high, starts), 1.0),
        quality=np.where((counts > 1) & (quality < EXACT), ROUNDED, quality).astype(np.int8),
        control=np.maximum.reduceat(held.control, starts),
    )
    return by_type.pooled()


@dataclass(frozen=True)
class _ByType:
    """Sums of one type between each pair, in order of subject and party."""

    subject: Ints
    party: Ints
    is_indirect: NDArray[np.bool_]
    low: Floats
    high: Floats
    quality: Marks
    control: Marks

    def pooled(self) -> Pairs:
        """Take the largest of several types; totals over chains apart."""
        starts = begins([self.subject, self.party])
        direct = ~self.is_indirect

        def most(values: Floats) -> Floats:
            return np.asarray(np.maximum.reduceat(values, starts), dtype=np.float64)

        quality = np.minimum.reduceat(np.where(direct, self.quality, EXACT), starts)
        totals = np.minimum.reduceat(np.where(direct, EXACT, self.quality), starts)
        return Pairs(
            party=self.party[starts],
            subject=self.subject[starts],
            low=most(np.where(direct, self.low, 0.0)),
            high=most(np.where(direct, self.high, 0.0)),
            quality=np.minimum(quality, totals).astype(np.int8),
            has_direct=np.logical_or.reduceat(direct, starts),
            total_low=most(np.where(direct, 0.0, self.low)),
            total_high=most(np.where(direct, 0.0, self.high)),
            has_total=np.logical_or.reduceat(self.is_indirect, starts),
            control=np.maximum.reduceat(self.control, starts),
        )
