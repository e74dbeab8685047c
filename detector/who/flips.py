"""Which single undisclosed fact would turn a possible answer into a yes.

Every test is monotone: a larger share or surer control never makes it less. So one fact at a time
is set to what it may be, all else stays at the least that is known, and the smallest share that
is enough is found by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Final

from detector.who.answers import Flip
from detector.who.graph import Link
from detector.who.interests import Share
from detector.who.stakes import Owned

#: Shares are named to one part in this many, rounded up.
PARTS: Final = 10**6

#: Facts looked at in one answer; the rest of a very large group is not named.
FACTS_MAX: Final = 64


def stake_flips(
    owned: Owned,
    unnamed: frozenset[str],
    may_be: Iterable[str],
    is_yes: Callable[[Owned, frozenset[str]], bool],
) -> tuple[Flip, ...]:
    """Give each match and each stake that alone makes a test of pooled stakes a yes.

    ``may_be`` are parties that are possibly those asked about, ``unnamed`` holders that no
    statement names. ``is_yes`` takes the stakes, and who of them all is taken to be such a party.
    """
    found = [
        Flip("match", party)
        for party in sorted(set(may_be) - unnamed)
        if is_yes(owned, frozenset((party,)))
    ]
    stakes = [
        (holder, subject, owned[subject][holder])
        for subject in sorted(owned)
        for holder in sorted(owned[subject])
    ]
    is_open = [each for each in stakes if each[0] in unnamed or each[2].low < each[2].high]
    for holder, subject, share in is_open[:FACTS_MAX]:
        assumed = frozenset((holder,)) & unnamed

        def is_enough(
            size: Fraction, at: tuple[str, str] = (subject, holder), who: frozenset[str] = assumed
        ) -> bool:
            held = {**owned[at[0]], at[1]: Share(size, size)}
            return is_yes({**owned, at[0]: held}, who)

        size = _least(share, is_enough)
        if size is not None:
            found.append(Flip("stake", holder, subject, size, is_unnamed=bool(assumed)))
    return tuple(found)


def link_flips(links: Sequence[Link], is_yes: Callable[[Sequence[Link]], bool]) -> tuple[Flip, ...]:
    """Give each stake and each control that alone makes a test of links a yes.

    ``links`` hold together; those whose party is not named are passed over.
    """
    return tuple(_link_flips(links, is_yes))


def _link_flips(links: Sequence[Link], is_yes: Callable[[Sequence[Link]], bool]) -> Iterator[Flip]:
    is_open = [
        at
        for at, link in enumerate(links)
        if link.party_id is not None
        and (link.interest.share.low < link.interest.share.high or _may_control(link))
    ]
    for at in is_open[:FACTS_MAX]:
        link = links[at]

        def is_enough(size: Fraction, at: int = at, link: Link = link) -> bool:
            interest = replace(link.interest, share=Share(size, size))
            return is_yes(_with(links, at, replace(link, interest=interest)))

        size = _least(link.interest.share, is_enough)
        if size is not None:
            yield Flip("stake", str(link.party_id), link.subject_id, size)
        sure = replace(link, interest=replace(link.interest, control="yes"))
        if _may_control(link) and is_yes(_with(links, at, sure)):
            yield Flip("control", str(link.party_id), link.subject_id)


def _may_control(link: Link) -> bool:
    return link.interest.control == "possible"


def _with(links: Sequence[Link], at: int, link: Link) -> Sequence[Link]:
    return [*links[:at], link, *links[at + 1 :]]


def _least(share: Share, is_enough: Callable[[Fraction], bool]) -> Fraction | None:
    """Give the smallest share that is enough, None where the largest possible is not."""
    if not is_enough(share.high):
        return None
    low, high = ceil(share.low * PARTS), floor(share.high * PARTS)
    if low > high or not is_enough(Fraction(high, PARTS)):
        return share.high
    while low < high:
        middle = (low + high) // 2
        if is_enough(Fraction(middle, PARTS)):
            high = middle
        else:
            low = middle + 1
    return Fraction(high, PARTS)
