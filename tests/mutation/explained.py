"""Mutants that no test can notice, each with the reason why it changes nothing that counts."""

from __future__ import annotations

from typing import Final

#: Module and mutant -> why it is the same program.
EXPLAINED: Final[dict[str, str]] = {
    "cascade.cascade: 0 -> 1 (no. 2)": "only the order of places counts, not where it begins",
    "cascade.cascade: 1 -> 2": "only the order of places counts, not how far they lie apart",
    "cascade.holders: 1 -> 2": "the place of who does not count has only to be past all others",
    "interests.module: 2 -> 3": "ranks are only compared, and the last may be any larger one",
}
