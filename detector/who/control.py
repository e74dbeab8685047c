"""Substantial control: by an interest that is control, or by more than half of the shares.

Control passes on: whoever controls holders that together have more than half of a subject
controls it too. Half or more of what may be held makes control possible.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from detector.who.interests import RANK, Certainty
from detector.who.shares import Network

HALF: Final = Fraction(1, 2)


def controlled_by(network: Network, holder: str) -> dict[str, Certainty]:
    """Give every subject that ``holder`` controls or may control; itself is left out."""
    possible = closure(network, holder, "possible")
    sure = closure(network, holder, "yes")
    return {each: "yes" if each in sure else "possible" for each in sorted(possible)}


def closure(network: Network, holder: str, least: Certainty) -> set[str]:
    """Give every subject that ``holder`` controls at least this surely; itself is left out."""
    controlled, waiting = {holder}, [holder]
    while waiting:
        controller = waiting.pop()
        for subject in network.subjects_of.get(controller, ()):
            if subject in controlled:
                continue
            interest = network.control[controller, subject]
            if RANK[interest] >= RANK[least] or _has_half(
                network, subject, controlled, least, holder
            ):
                controlled.add(subject)
                waiting.append(subject)
    return controlled - {holder}


def _has_half(
    network: Network, subject: str, controllers: set[str], least: Certainty, holder: str
) -> bool:
    shares = network.direct.get(subject, {})
    declared = network.declared.get(holder, {}).get(subject)
    # Python looks through the smaller of the two sets.
    held = [shares[each] for each in shares.keys() & controllers]
    if least == "yes":
        low = sum((share.low for share in held), Fraction(0))
        return low > HALF or (declared is not None and declared.low > HALF)
    high = sum((share.high for share in held), Fraction(0))
    return high >= HALF or (declared is not None and declared.high >= HALF)
