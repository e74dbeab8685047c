"""Who owns what directly at one instant, as the 50 % rules count it: ownership, not control.

Of the BODS interest types those that are a part of the capital or the profit are ownership. Votes,
a nominee's stake and interests of an unknown type may be: they open the upper bound only. Stakes of
one type between one pair add, and of several types the largest counts. A share declared as a total
over chains does not say which links it came through; it opens the upper bound where no chain that
is disclosed explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from detector.who.answers import summed
from detector.who.graph import NO_OWNER_REASON, Link
from detector.who.interests import CONTROL_TYPES, NOTHING, OPEN_TYPES, SHARE_TYPES, Share

#: BODS interest types that are ownership; a type that is neither these nor control may be.
OWNERSHIP_TYPES: Final = SHARE_TYPES - {
    "votingRights",
    "nominee",
    "unknownInterest",
    "unpublishedInterest",
}

Owned = Mapping[str, Mapping[str, Share]]  # subject to direct holder to share
Subjects = Mapping[str, tuple[str, ...]]  # holder to what it holds a part of


@dataclass(frozen=True)
class Stakes:
    """Stakes at one instant; ``unnamed`` are holders that no statement names."""

    owned: Owned
    subjects_of: Subjects
    unnamed: frozenset[str]


def stakes_of(links: Iterable[Link]) -> Stakes:
    """Give the ownership among links that hold together; unnamed holders by their statement."""
    held = [
        (link, holder)
        for link in links
        if (holder := holder_of(link)) is not None and _may_be_ownership(link)
    ]
    direct: dict[tuple[str, str, str], list[Share]] = {}
    totals: dict[tuple[str, str], list[Share]] = {}
    for link, holder in held:
        if link.interest.is_indirect:
            totals.setdefault((link.subject_id, holder), []).append(link.interest.share)
        else:
            key = (link.subject_id, holder, link.interest.type)
            direct.setdefault(key, []).append(_sure_part(link))
    owned: dict[str, dict[str, Share]] = {}
    for (subject, holder, _), shares in direct.items():
        _widen(owned, subject, holder, summed(shares))
    disclosed = _subjects_of(owned)
    for (subject, holder), shares in totals.items():
        if not _reaches(disclosed, holder, subject):
            high = max(share.high for share in shares)
            _widen(owned, subject, holder, Share(Fraction(0), high))
    unnamed = frozenset(holder for link, holder in held if link.party_id is None)
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


def _may_be_ownership(link: Link) -> bool:
    kind = link.interest.type
    return kind in SHARE_TYPES or kind not in CONTROL_TYPES | OPEN_TYPES


def _sure_part(link: Link) -> Share:
    share = link.interest.share
    if link.interest.type in OWNERSHIP_TYPES:
        return share
    return Share(Fraction(0), share.high)


def _widen(owned: dict[str, dict[str, Share]], subject: str, holder: str, share: Share) -> None:
    other = owned.setdefault(subject, {}).get(holder, NOTHING)
    owned[subject][holder] = Share(max(share.low, other.low), max(share.high, other.high))


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
