"""Names that start like one that is not known: to show a person, never to count by."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

#: Characters at the start that two names share before one is shown beside the other.
START_MIN: Final = 3


def near(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Give up to ``count`` known names that start like this one, the most alike first.

    One look at each name, so that many unknown names cost little.
    """
    wanted = name.strip().lower()
    shared = {each: _shared_start(wanted, each.lower()) for each in known}
    alike = [each for each, length in shared.items() if length >= START_MIN]
    ranked = sorted(alike, key=lambda each: (-shared[each], -_likeness(wanted, each), each))
    return tuple(ranked[:count])


def _likeness(wanted: str, name: str) -> float:
    return difflib.SequenceMatcher(None, wanted, name.lower()).ratio()


def _shared_start(one: str, other: str) -> int:
    if one[:START_MIN] != other[:START_MIN]:
        return 0
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    return same
