"""Arrow IPC streams: one row per usage event, columns named as the contract's fields.

Nested names are joined by a dot (``telemetry.power_w``). Text may be dictionary-encoded, numbers
of any width, instants RFC 3339 text or timestamps with a time zone. A row that the columns cannot
vouch for is written as JSON and read one by one, so one bad row takes no other with it.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl

from detector.events import USAGE, Refusal, format_instant
from detector.events.instants import FIRST_MS, LAST_MS
from streams.codec.columns import acceptable
from streams.codec.instants import WIDTH, parse_instants
from streams.codec.messages import MessageOrigins, refused_message
from streams.codec.one_by_one import Tally, read_one_by_one
from streams.codec.pieces import Bound, Segment
from streams.codec.rows import UNDIGESTED, digested
from streams.codec.template import Mask
from streams.ports import Message

#: A row with more text than this is measured as JSON, by the one-by-one reader.
TEXT_BYTES_MAX: Final = 65_536
_DEFAULTS: Final = {"specversion": "1.0", "type": USAGE}
_IGNORED: Final = ("subject", "datacontenttype", "dataschema")
_ENVELOPE: Final = ("id", "source", "time", *_DEFAULTS, *_IGNORED)
_INSTANTS: Final = ("time", "start", "end")
_TELEMETRY: Final = "telemetry."
_KNOWN: Final = {name: kind for name, kind in UNDIGESTED.items() if name != "ordinal"}


@dataclass(frozen=True)
class ArrowSegment:
    """The rows of one Arrow message."""

    frame: pl.DataFrame
    origins: MessageOrigins
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    bound: Mapping[int, Bound] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.frame.height

    def size(self, index: int) -> int:
        """Give the number of bytes of one row as JSON."""
        return len(self.raw(index))

    def raw(self, index: int) -> bytes:
        """Write one row as the structured event that it stands for."""
        data: dict[str, Any] = {}
        telemetry: dict[str, Any] = {}
        event: dict[str, Any] = {**_DEFAULTS}
        for name in self.frame.columns:
            value = _json_value(self.frame[name], index)
            if value is None:
                continue
            if name in _ENVELOPE:
                event[name] = value
            elif name.startswith(_TELEMETRY):
                telemetry[name.removeprefix(_TELEMETRY)] = value
            else:
                data[name] = value
        if telemetry:
            whole = data.get("telemetry", {})
            data["telemetry"] = {**whole, **telemetry} if isinstance(whole, dict) else whole
        return json.dumps({**event, "data": data}, ensure_ascii=False).encode()


def segment_of_arrow(message: Message) -> ArrowSegment | Segment:
    """Open an Arrow message; one that cannot be opened is one refused event."""
    try:
        frame = pl.read_ipc_stream(io.BytesIO(message.value), use_pyarrow=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        reason = Refusal("not_json", f"expected an Arrow IPC stream, got an error: {error}")
        return refused_message(message, reason)
    plain = frame.with_columns(
        *(pl.col(n).cast(pl.Float64) for n, kind in frame.schema.items() if kind.is_decimal()),
        *(
            pl.col(n).cast(pl.String)
            for n, kind in frame.schema.items()
            if isinstance(kind, pl.Categorical | pl.Enum)
        ),
    )
    rows = range(plain.height)
    return ArrowSegment(plain, MessageOrigins([message], [0] * len(rows), rows))


def read_arrow(
    segment: ArrowSegment, first: int, tally: Tally, *, together: bool
) -> list[pl.DataFrame]:
    """Read an Arrow message; ``together`` is false where every row shall be read by itself."""
    rows = range(len(segment))
    if not together:
        read_one_by_one(segment, rows, first, tally)
        return []
    frame, good = _columns(segment.frame)
    good &= acceptable(frame)
    ordinals = pl.Series("ordinal", first + np.arange(len(rows)), dtype=pl.Int64)
    kept = pl.Series(good)
    for name in _unknown(segment.frame):
        present = int((kept & segment.frame[name].is_not_null()).sum())
        if present:
            tally.count_unknown([f"data.{name}"], present)
    read_one_by_one(segment, np.flatnonzero(~good).tolist(), first, tally)
    return [digested(frame.with_columns(ordinals).filter(kept))]


def _unknown(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in _KNOWN and name not in _ENVELOPE]


def _columns(frame: pl.DataFrame) -> tuple[pl.DataFrame, Mask]:
    """Give known columns in the kinds that the checks expect, and which rows have those kinds."""
    good = np.ones(frame.height, dtype=np.bool_)
    columns: dict[str, pl.Series] = {}
    text_bytes = np.zeros(frame.height, dtype=np.int64)
    for name in frame.columns:
        column = frame[name]
        if column.dtype == pl.String:
            text_bytes += column.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy()
        if name in _INSTANTS:
            columns[name], fits = _instants(column)
        elif name in _DEFAULTS or name in _IGNORED:
            fits = _is_default(column, _DEFAULTS.get(name))
        elif name not in _KNOWN:
            fits = _null_or(column, fits=name != "telemetry" and not column.dtype.is_nested())
        else:
            columns[name], fits = _value(column, _KNOWN[name])
        good &= fits
    for name in ("id", "source", *_INSTANTS, "tenant_id", "resource_id"):
        columns.setdefault(name, pl.Series([None] * frame.height, dtype=_KNOWN[name]))
    return pl.DataFrame(columns), good & (text_bytes <= TEXT_BYTES_MAX)


def _value(column: pl.Series, kind: pl.DataType) -> tuple[pl.Series, Mask]:
    is_text = kind == pl.String
    wanted = pl.String() if is_text else pl.Float64()
    fits = column.dtype == wanted if is_text else column.dtype.is_numeric()
    values = column.cast(wanted) if fits else pl.Series([None] * len(column), dtype=wanted)
    return values, _null_or(column, fits=fits)


def _is_default(column: pl.Series, word: str | None) -> Mask:
    if column.dtype != pl.String or word is None:
        return _null_or(column, fits=column.dtype == pl.String)
    return (column.is_null() | (column == word)).to_numpy()


def _null_or(column: pl.Series, *, fits: bool) -> Mask:
    return np.ones(len(column), dtype=np.bool_) if fits else column.is_null().to_numpy()


def _instants(column: pl.Series) -> tuple[pl.Series, Mask]:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        values = column.cast(pl.Datetime("ms", "UTC")).cast(pl.Int64)
        return values, values.is_between(0, LAST_MS).fill_null(value=False).to_numpy()
    if column.dtype != pl.String:
        nothing = pl.Series([None] * len(column), dtype=pl.Int64)
        return nothing, np.zeros(len(column), dtype=np.bool_)
    texts = column.fill_null("").cast(pl.Binary).to_list()
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = ends - np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    text = np.frombuffer(b"".join(texts) + bytes(WIDTH), dtype=np.uint8)
    milliseconds, good = parse_instants(text, starts, ends)
    return pl.Series(milliseconds), good


def _json_value(column: pl.Series, index: int) -> object:
    if not isinstance(column.dtype, pl.Datetime):
        return _plain(column[index])
    moment = column.cast(pl.Datetime("ms", column.dtype.time_zone)).to_physical()[index]
    if moment is None:
        return None
    if not FIRST_MS <= moment <= LAST_MS:
        return f"{moment} ms since the epoch"
    text = format_instant(moment)
    return text if column.dtype.time_zone is not None else text.removesuffix("Z")


def _plain(value: object) -> object:
    """Give a JSON value; what JSON has no word for becomes an object that no field accepts."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, pl.Series | list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    return {"unsupported": type(value).__name__}
