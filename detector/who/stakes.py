"""Who holds how much of one right directly at one instant: ownership, votes, seats or equity.

A right is sure where the BODS interest type states it. Other types may be it, such as a nominee's
stake or an interest of an unknown type: they open the upper bound only. Some stand in for it where
a pair does not state it at all: votes usually go with shares, and the other way round. Stakes of
one type between one pair add, and of several types the largest counts. A share declared as a total
over chains does not say which links it came through; it opens the upper bound where no chain that
is disclosed explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from detector.who.answers import summed
from detector.who.graph import NO_OWNER_REASON, Link
from detector.who.interests import (
    CONTROL_TYPES,
    NOTHING,
    OPEN_TYPES,
    SHARE_TYPES,
    UNKNOWN,
    Share,
)

Owned = Mapping[str, Mapping[str, Share]]  # subject to direct holder to share
Subjects = Mapping[str, tuple[str, ...]]  # holder to what it holds a part of
_CONTROL_ONLY: Final = (CONTROL_TYPES | OPEN_TYPES) - SHARE_TYPES
_OTHER_SHARES: Final = SHARE_TYPES - {
    "votingRights",
    "nominee",
    "unknownInterest",
    "unpublishedInterest",
}


@dataclass(frozen=True)
class Right:
    """One kind of right by BODS interest types: it, never it, or in its place where not stated.

    Every other type may be it.
    """

    sure: frozenset[str]
    never: frozenset[str]
    stands_in: frozenset[str]


OWNERSHIP: Final = Right(_OTHER_SHARES, _CONTROL_ONLY, frozenset({"votingRights"}))
VOTING: Final = Right(frozenset({"votingRights"}), _CONTROL_ONLY, _OTHER_SHARES)
EQUITY: Final = Right(
    frozenset({"shareholding"}), _CONTROL_ONLY, _OTHER_SHARES - {"shareholding"} | {"votingRights"}
)
BOARD: Final = Right(
    frozenset({"appointmentOfBoard"}),
    (_CONTROL_ONLY | SHARE_TYPES)
    - {"appointmentOfBoard", "unknownInterest", "unpublishedInterest"},
    frozenset(),
)


@dataclass(frozen=True)
class Stakes:
    """Stakes at one instant; ``unnamed`` are holders that no statement names."""

    owned: Owned
    subjects_of: Subjects
    unnamed: frozenset[str]


@dataclass(frozen=True)
class _Pair:
    """What is stated of one right between one holder and one subject, by interest type."""

    stated: dict[str, list[Share]] = field(default_factory=dict)
    totals: list[Share] = field(default_factory=list)


def stakes_of(links: Iterable[Link], right: Right = OWNERSHIP) -> Stakes:
    """Give who holds a right among links that hold together; unnamed holders by their statement."""
    held = [(link, holder) for link in links if (holder := holder_of(link)) is not None]
    pairs = _paired(held, right)
    unnamed = frozenset(holder for link, holder in held if link.party_id is None)
    owned: dict[str, dict[str, Share]] = {}
    for (subject, holder), pair in pairs.items():
        if pair.stated:
            owned.setdefault(subject, {})[holder] = _pooled(pair.stated, right)
    disclosed = _subjects_of(owned)
    for (subject, holder), pair in pairs.items():
        if pair.totals and not _reaches(disclosed, holder, subject):
            high = max(share.high for share in pair.totals)
            owned.setdefault(subject, {})[holder] = Share(Fraction(0), high)
    return Stakes(owned, _subjects_of(owned), unnamed)


def holder_of(link: Link) -> str | None:
    """Give the holder of a link, named by its statement where it is not named itself.

    None where the discloser says that there is none.
    """
    if link.party_id is not None:
        return link.party_id
    if link.unspecified_reason == NO_OWNER_REASON:
        return None
    return f"an unnamed owner ({link.relationship_id})"


def _paired(held: Iterable[tuple[Link, str]], right: Right) -> dict[tuple[str, str], _Pair]:
    pairs: dict[tuple[str, str], _Pair] = {}
    for link, holder in held:
        if link.interest.type in right.never:
            continue
        pair = pairs.setdefault((link.subject_id, holder), _Pair())
        if link.interest.is_indirect:
            pair.totals.append(link.interest.share)
        else:
            pair.stated.setdefault(link.interest.type, []).append(_size(link))
    return pairs


def _size(link: Link) -> Share:
    """Give the share of a link; seats that are not counted may be all of them."""
    interest = link.interest
    is_uncounted = interest.type in CONTROL_TYPES and interest.share == NOTHING
    return UNKNOWN if is_uncounted else interest.share


def _pooled(stated: Mapping[str, Sequence[Share]], right: Right) -> Share:
    is_stated = any(kind in right.sure for kind in stated)
    low = high = Fraction(0)
    for kind, shares in stated.items():
        if is_stated and kind in right.stands_in:
            continue
        share = summed(shares)
        high = max(high, share.high)
        if kind in right.sure:
            low = max(low, share.low)
    return Share(low, high)


def _subjects_of(owned: Owned) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for subject in sorted(owned):
        for holder in owned[subject]:
            found.setdefault(holder, []).append(subject)
    return {holder: tuple(subjects) for holder, subjects in found.items()}


def _reaches(subjects_of: Mapping[str, Sequence[str]], holder: str, subject: str) -> bool:
    """Say whether disclosed stakes lead from a holder to a subject."""
    seen, waiting = {holder}, [holder]
    while waiting:
        for each in subjects_of.get(waiting.pop(), ()):
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return subject in seen
