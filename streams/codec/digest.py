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

#: Rows that are mixed together: what lies between two steps stays in the processor's cache.
_ROWS_TOGETHER: Final = 512

_STRINGS: Final = frozenset(name for name, kind in USAGE_DATA.items() if kind == pl.String)
_KEYS: Final = {name: np.uint64(xxhash.xxh3_64_intdigest(name.encode())) for name in USAGE_DATA}
_TYPE_KEY: Final = np.uint64(xxhash.xxh3_64_intdigest(USAGE.encode()))
_LENGTH: Final = pl.col("source").str.len_bytes().cast(pl.String)
_NAME: Final = pl.concat_str(_LENGTH, pl.lit(":"), "source", "id").cast(pl.Binary)
# The constants of splitmix64 (Steele, Lea and Flood 2014).
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)


def name_digests(source: pl.Series, ids: pl.Series) -> tuple[Digests, Digests]:
    """Digest the names of events: the high and the low 64 bits."""
    text = pl.DataFrame({"source": source, "id": ids}).select(_NAME)
    joined = b"".join(map(xxhash.xxh3_128_digest, text.to_series().to_list()))
    halves = np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])


def usage_digests(frame: pl.DataFrame) -> Digests:
    """Digest the usage payload of every row; the frame may lack columns that nobody sent.

    Instants may be milliseconds or ``Datetime``, ``accelerator_count`` of any numeric kind.
    """
    absent = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    present = [name for name in USAGE_DATA if absent.get(name, frame.height) < frame.height]
    texts = [name for name in present if name in _STRINGS]
    filled = frame.select(_BITS[name] for name in present)
    missing = frame.select(_IS_NULL[name] for name in present if absent[name])
    mixed = np.empty((len(present), frame.height), dtype=np.uint64)
    for row, name in zip(mixed, present, strict=True):
        values = filled[name].to_numpy()
        np.add(values, 0, out=row.view(values.dtype))  # -0.0 becomes 0.0
        np.bitwise_xor(row, _KEYS[name], out=row)
    for begin in range(0, frame.height, _ROWS_TOGETHER):
        _mix(mixed[:, begin : begin + _ROWS_TOGETHER])
    for row, name in zip(mixed, present, strict=True):
        if absent[name]:
            row[missing[name].to_numpy()] = 0
    total: Digests = mixed.sum(axis=0, dtype=np.uint64)
    if texts:
        joined = frame.select(pl.concat_str(texts, ignore_nulls=True).cast(pl.Binary))
        rows = map(xxhash.xxh3_64_intdigest, joined.to_series().to_list())
        total += _mix(np.fromiter(rows, dtype=np.uint64, count=frame.height))
    total ^= _TYPE_KEY
    return _mix(total)


def text_digest(kind: str, text: str) -> int:
    """Digest a payload in its canonical spelling; ``kind`` is the event type."""
    return xxhash.xxh3_64_intdigest(f"{kind}\x00{text}".encode())


def _bits(name: str, kind: pl.DataType) -> pl.Expr:
    """Give what is mixed of a column, 0 where it is null: the length of a text, or the value."""
    if kind == pl.String:
        return pl.col(name).str.len_bytes().cast(pl.Int64).fill_null(0)
    return pl.col(name).cast(pl.Float64 if kind == pl.Float64 else pl.Int64).fill_null(0)


_BITS: Final = {name: _bits(name, kind) for name, kind in USAGE_DATA.items()}
_IS_NULL: Final = {name: pl.col(name).is_null() for name in USAGE_DATA}


def _mix(values: Digests) -> Digests:
    """Mix in place; gives the values themselves."""
    for shift, factor in ((_S30, _FIRST), (_S27, _SECOND)):
        values ^= values >> shift
        values *= factor
    values ^= values >> _S31
    return values
