"""Mutants that no test can notice, each with the reason why it changes nothing that counts."""

from __future__ import annotations

from typing import Final

#: Module and mutant -> why it is the same program.
EXPLAINED: Final[dict[str, str]] = {
    "cascade.cascade: 0 -> 1 (no. 2)": "only the order of places counts, not where it begins",
    "cascade.cascade: 1 -> 2": "only the order of places counts, not how far they lie apart",
    "cascade.holders: 1 -> 2": "the place of who does not count has only to be past all others",
    "cycles.module: 64 -> 65": "one sweep more before a linear system is tried costs time alone",
    "cycles.module: 20 -> 21": "one round more before there is no answer costs time alone",
    "cycles.module: 1e-12 -> 2e-12": "what is a solution misses its equation by far less, what is"
    " none by far more",
    "cycles._with_bounds_fixed: raw > floor -> raw >= floor": "a sum that is the floor is the same,"
    " held or solved",
    "cycles._with_bounds_fixed: raw < ceiling -> raw <= ceiling": "a sum that is the ceiling is the"
    " same, held or solved",
    "interests.module: 2 -> 3": "ranks are only compared, and the last may be any larger one",
    "ownership._inside: 1 -> 2": "any instant before the first cut lies in the first stretch",
    "standing.module: 1 -> 2 (no. 2)": "a link without share or control only has to weigh next to"
    " nothing",
    "standing.module: 10 -> 11": "the same",
    "standing.module: 9 -> 10": "the same",
    "standing.strongest_chain: 1 -> 2": "all chains of an owner begin with the same weight",
    "standing.strongest_chain: 1 -> 2 (no. 2)": "lengths are only compared",
    "standing.strongest_chain: 1 -> 2 (no. 8)": "lengths are only compared",
}
