"""Names that look like one that is not known: to show a person, never to count by."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Final

#: A name less alike than this is no suggestion.
LIKENESS_MIN: Final = 0.6
#: Characters at the start that make two names look alike whatever follows.
START_MIN: Final = 4


def near(name: str, known: Collection[str], count: int = 3) -> tuple[str, ...]:
    """Give up to ``count`` known names like this one, those that start alike first."""
    wanted = name.lower()
    by_key = {each.lower(): each for each in sorted(known, reverse=True)}
    alike = difflib.get_close_matches(wanted, by_key, n=len(by_key) or 1, cutoff=LIKENESS_MIN)
    starts = {key: _shared_start(wanted, key) for key in by_key}
    found = {key for key in by_key if starts[key] >= START_MIN} | set(alike)
    likeness = {key: difflib.SequenceMatcher(None, wanted, key).ratio() for key in found}
    ranked = sorted(found, key=lambda key: (-starts[key], -likeness[key], key))
    return tuple(by_key[key] for key in ranked[:count])


def _shared_start(one: str, other: str) -> int:
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    return same
