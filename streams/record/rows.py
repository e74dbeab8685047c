"""Lines of CSV, as nvidia-smi and amd-smi print them, and JSON of amd-smi, to samples."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from streams.record.figures import Cell, Device, Drops, Figures, is_missing, read_figures
from streams.record.tables import SourceTable

_COLUMN: Final = re.compile(r"\s*(\S+)\s*(?:\[(\S+)\])?\s*")
#: A longer line is none of a vendor's tool.
LINE_MAX: Final = 64 * 1024


@dataclass(frozen=True)
class Named:
    """What another command of the tool says of a device: the accelerator's name, its identity."""

    accelerator: str
    board: str


@dataclass(frozen=True)
class Row:
    """One device at one instant. ``time`` is the source's own text of it, empty where none."""

    time: str
    device: Device
    figures: Figures


class NotOfThisToolError(ValueError):
    """JSON of another shape than the tool prints."""


class RowReader:
    """Reads lines one by one; the last header seen says what the columns are."""

    def __init__(
        self,
        table: SourceTable,
        drops: Drops,
        names: Mapping[str, Named] | None = None,
        profile: str | None = None,
    ) -> None:
        """Take names by device index where the rows carry none; ``profile`` holds for all rows."""
        self._table = table
        self._drops = drops
        self._names = names or {}
        self._profile = profile
        self._columns: list[tuple[str, str]] = []

    @property
    def is_ready(self) -> bool:
        """Whether a header has said what the columns are."""
        return bool(self._columns)

    def read(self, line: str) -> Row | None:
        """Read one line; None for a header, for what is no row, and for a device that is lost."""
        texts = next(csv.reader([line[:LINE_MAX]], skipinitialspace=True), [])
        columns = [_column(text) for text in texts]
        if self._table.device.index in (name for name, _ in columns):
            self._columns = columns
            return None
        if len(texts) != len(self._columns) or not texts:
            return None
        cells = [
            Cell(name, text, unit) for (name, unit), text in zip(self._columns, texts, strict=True)
        ]
        return self.row(cells)

    def row(self, cells: list[Cell]) -> Row | None:
        """Read one device's cells."""
        texts = {cell.name: cell.text.strip() for cell in cells}
        device = self._device(texts)
        if device is None:
            return None
        figures = read_figures(cells, device, self._table, self._drops)
        return Row(texts.get(self._table.time, ""), device, figures)

    def _device(self, texts: Mapping[str, str]) -> Device | None:
        columns = self._table.device
        index = texts.get(columns.index, "")
        named = self._names.get(index)
        name = texts.get(columns.name, named.accelerator if named is not None else "")
        board = texts.get(columns.id, named.board if named is not None else "")
        if is_missing(index, self._table) or is_missing(name, self._table):
            self._drops.add("device", "lost")
            return None
        if is_missing(board, self._table):
            board = f"index {index}"
        return Device(board, index, name, self._profile)


def gathered(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Put rows together that one reading of the tool gave: until a device comes again."""
    held: dict[Device, Row] = {}
    for row in rows:
        if row.device in held:
            yield list(held.values())
            held = {}
        held[row.device] = row
    if held:
        yield list(held.values())


def json_rows(text: str, reader: RowReader) -> list[Row]:
    """Read what ``amd-smi metric --json`` printed once: a list, alone or under ``gpu_data``.

    Raises:
        ValueError: It is no JSON of this kind.
    """
    rows = [reader.row(_flat(entry)) for entry in _entries(text)]
    return [row for row in rows if row is not None]


def json_names(text: str, table: SourceTable) -> dict[str, Named]:
    """Read what ``amd-smi static --asic --json`` printed: names by the index of the device.

    Raises:
        ValueError: It is no JSON of this kind.
    """
    found = {}
    for entry in _entries(text):
        texts = {cell.name: cell.text for cell in _flat(entry)}
        columns = table.device
        found[texts.get(columns.index, "")] = Named(
            texts.get(columns.name, ""), texts.get(columns.id, "")
        )
    return found


def _entries(text: str) -> list[Mapping[str, object]]:
    value = json.loads(text)
    listed = value.get("gpu_data") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        raise NotOfThisToolError("expected a JSON list of devices, or one under gpu_data")
    return [entry for entry in listed if isinstance(entry, dict)]


def _flat(entry: Mapping[str, object]) -> list[Cell]:
    """Lay sections side by side; a figure is a plain value, or a value beside its unit."""
    cells: list[Cell] = []
    for name, value in entry.items():
        if isinstance(value, dict) and "value" in value:
            cells.append(Cell(name, str(value["value"]), str(value.get("unit", ""))))
        elif isinstance(value, dict):
            cells += _flat(value)
        elif isinstance(value, str | int | float):
            cells.append(Cell(name, str(value)))
    return cells


def _column(text: str) -> tuple[str, str]:
    match = _COLUMN.fullmatch(text)
    return (match[1], match[2] or "") if match is not None else (text.strip(), "")
