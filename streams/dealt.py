"""Deals the stored state out to its parts, on disk, so that one part of it is held at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import polars as pl

from features.accumulate import Usage
from features.schema import COVERAGE, STRANDS, TELEMETRY_KEYS
from streams.store import Place, Scratch

#: Gives one named frame of every stored segment, in the order of the segments.
Frames = Callable[[str], Iterator[pl.DataFrame]]
SCHEMAS: Final = {"strands": STRANDS, "coverage": COVERAGE, "telemetry": TELEMETRY_KEYS}

_Places = dict[tuple[int, int, str], Place]


def dealt(
    frames: Frames, parts: Sequence[frozenset[str]], scratch: Scratch
) -> Iterator[list[Usage]]:
    """Give the state of each part, as many pieces as it has segments; their sum is its state.

    ``parts``: sets of tenants that share none and together hold all of the state. Each segment is
    read once, however many parts there are.
    """
    owners = [(tenant, part) for part, tenants in enumerate(parts) for tenant in tenants]
    numbers = pl.DataFrame(owners, {"tenant_id": pl.String, "part": pl.UInt32}, orient="row")
    places: _Places = {}
    strands: list[pl.DataFrame] = []
    for segment, frame in enumerate(frames("strands")):
        told = frame.join(numbers, on="tenant_id")
        strands.append(told.select("strand", "part"))
        places |= _set_aside(told, (segment, "strands"), scratch)
    for name in ("coverage", "telemetry"):
        for segment, frame in enumerate(frames(name)):
            told = frame.join(strands[segment], on="strand")
            places |= _set_aside(told, (segment, name), scratch)
    for part in range(len(parts)):
        yield [_piece(places, (part, segment), scratch) for segment in range(len(strands))]


def _set_aside(told: pl.DataFrame, called: tuple[int, str], scratch: Scratch) -> _Places:
    segment, name = called
    return {
        (piece["part"][0], segment, name): scratch.put(piece.drop("part"))
        for piece in told.partition_by("part")
    }


def _piece(places: _Places, of: tuple[int, int], scratch: Scratch) -> Usage:
    """Read what a part has of a segment; a frame without a row was never written."""
    found = {name: places.get((*of, name)) for name in SCHEMAS}
    read = {
        name: scratch.get(place) if place is not None else SCHEMAS[name].to_frame()
        for name, place in found.items()
    }
    return Usage(read["strands"], read["coverage"], read["telemetry"])
