"""One level down: what sources have in nodes, from what they have in those nodes' holders.

Shares multiply down a pair and add over holders. Control passes where a holder that is controlled
controls in turn, or where those that are controlled together have more than half.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from detector.who.bulk.pairs import EXACT, NEAREST, ROUNDED, Marks, Pairs
from detector.who.bulk.ragged import Bools, Floats, Ints, grouped, total
from detector.who.bulk.rows import Entries, Rows, themselves
from detector.who.control import HALF
from detector.who.interests import RANK
from detector.who.standing import BENEFICIAL_OWNER_SHARE_GE

#: A float that is this near a threshold, and not known to be on its right side, is worked out
#: exactly. It is far above any rounding of a sum of products.
NEAR: Final = 1e-9

#: Products of exact shares stay exact as long as they are whole multiples of this.
_FINEST: Final = 2.0**-40

YES: Final = RANK["yes"]
POSSIBLE: Final = RANK["possible"]
_SHARE: Final = float(BENEFICIAL_OWNER_SHARE_GE)
_HALF: Final = float(HALF)

NOTHING_BELOW: Final = themselves(np.zeros(0, dtype=np.int64))

#: Gives what a source (the first) has in a node (the second), worked out exactly.
Exactly = Callable[[int, int], tuple[float, float, int]]


@dataclass(frozen=True)
class Terms:
    """What comes down each pair from each source of its holder, in order of node and source."""

    node: Ints
    source: Ints
    pair: Ints
    low: Floats
    high: Floats
    quality: Marks
    control: Marks  # of the holder
    is_own: Bools  # the holder is the source
    starts: Ints


def terms_of(rows: Rows, pairs: Pairs, at: Ints) -> Terms:
    """Give the terms of the pairs at some places."""
    held, place = rows.of(pairs.party[at])
    pair = at[place]
    order, starts = grouped([pairs.subject[pair], held.source])
    held, pair = held.take(order), pair[order]
    low, high = pairs.low[pair] * held.low, pairs.high[pair] * held.high
    is_own = held.node == held.source
    is_fine = (low % _FINEST == 0) & (high % _FINEST == 0)
    is_nothing = high == 0
    both = np.where(is_nothing, EXACT, np.minimum(pairs.quality[pair], held.quality))
    quality = np.where((both == EXACT) & is_fine, EXACT, np.minimum(both, ROUNDED))
    quality = np.where(is_own, pairs.quality[pair], quality).astype(np.int8)
    return Terms(
        pairs.subject[pair], held.source, pair, low, high, quality, held.control, is_own, starts
    )


def flow(rows: Rows, pairs: Pairs, at: Ints, exactly: Exactly) -> Entries:
    """Give what each source has in the subjects of some pairs, whose holders have their rows."""
    terms = terms_of(rows, pairs, at)
    starts = terms.starts
    if not len(starts):
        return NOTHING_BELOW
    low, high = total(terms.low, starts), total(terms.high, starts)
    quality = _sum_quality(terms.quality, starts)
    stated = _stated(pairs, terms)
    low = np.maximum(np.minimum(low, 1.0), stated.low)
    high = np.where(stated.has, np.maximum(stated.high, low), np.minimum(high, 1.0))
    sure, most = _controlled_shares(pairs, terms)
    by_sure, by_possible = _controlled_interests(pairs, terms)
    control = np.where(
        by_sure | (sure > _HALF) | (stated.low > _HALF),
        YES,
        np.where(by_possible | (most >= _HALF) | (stated.high >= _HALF), POSSIBLE, 0),
    ).astype(np.int8)
    found = Entries(terms.node[starts], terms.source[starts], low, high, quality, control)
    parts = _sum_quality(pairs.quality[terms.pair], starts) == ROUNDED
    doubtful = (quality <= ROUNDED) & is_near_the_test(found)
    doubtful |= parts & (_is_near(sure, _HALF) | _is_near(most, _HALF))
    return decided(found, np.flatnonzero(doubtful), exactly)


def decided(found: Entries, doubtful: Ints, exactly: Exactly) -> Entries:
    """Work the doubtful entries out exactly."""
    if not len(doubtful):
        return found
    told = [exactly(int(found.source[at]), int(found.node[at])) for at in doubtful]
    low, high = found.low.copy(), found.high.copy()
    quality, control = found.quality.copy(), found.control.copy()
    low[doubtful] = [each[0] for each in told]
    high[doubtful] = [each[1] for each in told]
    control[doubtful] = [each[2] for each in told]
    quality[doubtful] = NEAREST
    return replace(found, low=low, high=high, quality=quality, control=control)


def certainty(entries: Entries) -> Marks:
    """Give how surely each source passes the owner test in each node, a rank of ``RANK``."""
    sure = (entries.low >= _SHARE) | (entries.control == YES)
    possible = (entries.high >= _SHARE) | (entries.control >= POSSIBLE)
    return np.where(sure, YES, np.where(possible, POSSIBLE, 0)).astype(np.int8)


def is_near_the_test(entries: Entries) -> Bools:
    """Say whether a bound lies so near the owner's share that rounding may decide."""
    return _is_near(entries.low, _SHARE) | _is_near(entries.high, _SHARE)


def _is_near(values: Floats, threshold: float) -> Bools:
    return np.asarray(np.abs(values - threshold) <= NEAR)


def _sum_quality(quality: Marks, starts: Ints) -> Marks:
    """Give how good sums are: exact of exact parts, and of a single part what that one is."""
    counts = np.diff(np.append(starts, len(quality)))
    worst = np.minimum.reduceat(quality, starts)
    return np.where((counts > 1) & (worst == NEAREST), ROUNDED, worst).astype(np.int8)


@dataclass(frozen=True)
class _Stated:
    low: Floats
    high: Floats
    has: Bools


def _stated(pairs: Pairs, terms: Terms) -> _Stated:
    """Give the totals over chains that sources declare for themselves."""
    is_told = terms.is_own & pairs.has_total[terms.pair]
    low = np.where(is_told, pairs.total_low[terms.pair], 0.0)
    high = np.where(is_told, pairs.total_high[terms.pair], 0.0)
    starts = terms.starts
    return _Stated(
        np.maximum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
        np.logical_or.reduceat(is_told, starts),
    )


def _controlled_shares(pairs: Pairs, terms: Terms) -> tuple[Floats, Floats]:
    """Give what those that a source controls, and may control, hold of each node together."""
    sure = np.where(terms.control == YES, pairs.low[terms.pair], 0.0)
    most = np.where(terms.control >= POSSIBLE, pairs.high[terms.pair], 0.0)
    return total(sure, terms.starts), total(most, terms.starts)


def _controlled_interests(pairs: Pairs, terms: Terms) -> tuple[Bools, Bools]:
    interest = pairs.control[terms.pair]
    sure = (interest == YES) & (terms.control == YES)
    possible = (interest >= POSSIBLE) & (terms.control >= POSSIBLE)
    starts = terms.starts
    return np.logical_or.reduceat(sure, starts), np.logical_or.reduceat(possible, starts)
