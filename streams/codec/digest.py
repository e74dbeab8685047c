"""Names and payloads as fixed-width digests that no library version can change.

A name is the 128-bit XXH3 of the source, length first, and the id. XXH3 is a frozen specification.
The payload of a usage event is 64 bits over its known fields: the strings of the row are hashed
together, every length, number and instant is mixed with the hash of its column's name, and the
mixes are added, so that neither the order of keys nor a column that nobody sent can matter. 8 and
8.0, 0 and -0.0, and one instant written with two offsets are the same; digits of an instant past
the millisecond do not count. Every other payload is hashed in its canonical spelling.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from detector.events import USAGE
from features.schema import USAGE_DATA

Digests = NDArray[np.uint64]

_STRINGS: Final = frozenset(name for name, kind in USAGE_DATA.items() if kind == pl.String)
_FLOATS: Final = frozenset(name for name, kind in USAGE_DATA.items() if kind == pl.Float64)
_KEYS: Final = {name: np.uint64(xxhash.xxh3_64_intdigest(name.encode())) for name in USAGE_DATA}
_TYPE_KEY: Final = np.uint64(xxhash.xxh3_64_intdigest(USAGE.encode()))
# The constants of splitmix64 (Steele, Lea and Flood 2014).
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)


def name_digests(source: pl.Series, ids: pl.Series) -> tuple[Digests, Digests]:
    """Digest the names of events: the high and the low 64 bits."""
    length = pl.col("source").str.len_bytes().cast(pl.String)
    frame = pl.DataFrame({"source": source, "id": ids})
    text = frame.select(pl.concat_str(length, pl.lit(":"), "source", "id").cast(pl.Binary))
    digest = xxhash.xxh3_128_digest
    joined = b"".join([digest(name) for name in text.to_series().to_list()])
    halves = np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])


def usage_digests(frame: pl.DataFrame) -> Digests:
    """Digest the usage payload of every row; the frame may lack columns that nobody sent.

    Instants may be milliseconds or ``Datetime``, ``accelerator_count`` of any numeric kind.
    """
    absent = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    present = [name for name in USAGE_DATA if absent.get(name, frame.height) < frame.height]
    texts = [name for name in present if name in _STRINGS]
    filled = frame.select(_bits(name) for name in present)
    missing = frame.select(pl.col(name).is_null() for name in present if absent[name])
    total = np.zeros(frame.height, dtype=np.uint64)
    for name in present:
        mixed = _mix(filled[name].to_numpy().view(np.uint64) ^ _KEYS[name])
        if absent[name]:
            mixed[missing[name].to_numpy()] = 0
        total += mixed
    if texts:
        joined = frame.select(pl.concat_str(texts, ignore_nulls=True).cast(pl.Binary))
        rows = map(xxhash.xxh3_64_intdigest, joined.to_series().to_list())
        total += _mix(np.fromiter(rows, dtype=np.uint64, count=frame.height))
    return _mix(total ^ _TYPE_KEY)


def text_digest(kind: str, text: str) -> int:
    """Digest a payload in its canonical spelling; ``kind`` is the event type."""
    return xxhash.xxh3_64_intdigest(f"{kind}\x00{text}".encode())


def _bits(name: str) -> pl.Expr:
    """Give the 64 bits of a column that are mixed: of text its length, with 0 where it is null."""
    column = pl.col(name).str.len_bytes() if name in _STRINGS else pl.col(name)
    kind = pl.Float64 if name in _FLOATS else pl.Int64
    return column.cast(kind).fill_null(0) + pl.lit(0, dtype=kind)  # -0.0 + 0 = 0


def _mix(value: Digests) -> Digests:
    value = value ^ (value >> _S30)
    value *= _FIRST
    value ^= value >> _S27
    value *= _SECOND
    value ^= value >> _S31
    return value
