"""Mutants that no test can notice, each with the reason why it changes nothing that counts."""

from __future__ import annotations

from typing import Final

_ROOM: Final = "more room than is needed, or sooner, costs memory alone"

#: Module and mutant -> why it is the same program.
EXPLAINED: Final[dict[str, str]] = {
    "bulk/flow._is_near: np.abs(values - threshold) <= NEAR"
    " -> np.abs(values - threshold) < NEAR": "as far away as that, rounding decides nothing",
    "bulk/holdings._is_open: np.abs(rest - 0.5) < _ROOM -> np.abs(rest - 0.5) <= _ROOM": "the same",
    "bulk/order._levels: 1 -> 2": "any level below 0 tells that a ring is above",
    "bulk/pairs.module: 1 -> 2": "qualities are only compared, and the first may be any lower one",
    "bulk/pairs.number: 1.0 -> 2.0": "upwards is upwards, however far",
    "bulk/pairs.number: fraction < Fraction(value) -> fraction <= Fraction(value)": "a threshold"
    " itself was given before, exactly",
    "bulk/resolve.__init__: 64 -> 65": "how many networks are kept costs time alone",
    "bulk/rows.module: 1024 -> 1025": _ROOM,
    "bulk/rows.write: 2 * end - self._used -> 2 * end + self._used": _ROOM,
    "bulk/rows.write: 2 -> 3": _ROOM,
    "bulk/rows.write: end > len(self._room.node) -> end >= len(self._room.node)": _ROOM,
    "bulk/spans._cuts: 1024 -> 1025": _ROOM,
    "bulk/spans._cuts: 2 -> 3": _ROOM,
    "bulk/spans._cuts: used + len(found) > len(room) -> used + len(found) >= len(room)": _ROOM,
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
