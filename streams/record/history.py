"""Recorded output of the tools, file by file, to samples with the instants that it carries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from streams.files import InputError
from streams.record.figures import Device, Drops, Figures, Sample
from streams.record.pages import PageError, read_timed_page
from streams.record.rows import Row, RowReader, gathered, json_rows
from streams.record.tables import SourceTable

_LOCAL: Final = re.compile(r"(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?", re.A)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?", re.ASCII)


def read_offset(text: str) -> timezone:
    """Read ``+02:00`` or ``Z``: nvidia-smi prints local time and does not say which.

    Raises:
        ValueError: It is neither.
    """
    match = _OFFSET.fullmatch(text)
    if text == "Z":
        return UTC
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise ValueError(f"expected an offset such as +02:00, or Z, got {text!r}")
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-ahead if match[1] == "-" else ahead)


def read_samples(
    paths: Sequence[Path],
    table: SourceTable,
    zone: timezone,
    drops: Drops,
    profile: str | None = None,
) -> Iterator[Sample]:
    """Read files in the order given; each reading is a sample.

    Raises:
        InputError: A file cannot be read, is of another format, or says nothing of when.
    """
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise InputError(
                f"{path}: expected recorded output of {table.tool} ({error.strerror}); check it"
            ) from error
        if not table.time:
            yield from _page_samples(path, text, table, drops)
            continue
        reader = RowReader(table, drops, profile=profile)
        for rows in gathered(_rows(path, text, reader)):
            at_ms = _instant(rows[0].time, zone)
            if at_ms is None:
                raise InputError(
                    f"{path}: expected a column {table.time!r} with instants, got "
                    f"{rows[0].time!r}; record with it, or leave the file out"
                )
            yield Sample(at_ms, {row.device: row.figures for row in rows})


def _rows(path: Path, text: str, reader: RowReader) -> Iterator[Row]:
    if not text.lstrip().startswith(("[", "{")):
        yield from (row for line in text.splitlines() if (row := reader.read(line)) is not None)
        if text.strip() and not reader.is_ready:
            raise InputError(
                f"{path}: expected recorded output with a line that names its columns, got none; "
                "name the format that it holds after --from file, or leave the file out"
            )
        return
    decoder = json.JSONDecoder()
    at = 0
    try:
        while at < len(text.rstrip()):
            at += len(text[at:]) - len(text[at:].lstrip())
            _, end = decoder.raw_decode(text, at)
            yield from json_rows(text[at:end], reader)
            at = end
    except ValueError as error:
        raise InputError(f"{path}: expected JSON of amd-smi ({error}); check the file") from error


def _page_samples(path: Path, text: str, table: SourceTable, drops: Drops) -> Iterator[Sample]:
    try:
        timed: Mapping[int | None, Mapping[Device, Figures]] = read_timed_page(text, table, drops)
    except PageError as error:
        raise InputError(f"{path}: {error}; check the file") from error
    at_all = {at: figures for at, figures in timed.items() if at is not None}
    if not at_all:
        raise InputError(
            f"{path}: expected metrics with timestamps, found none; fetch pages live, or export "
            "from Prometheus with timestamps"
        )
    for at in sorted(at_all):
        yield Sample(at, at_all[at])


def _instant(text: str, zone: timezone) -> int | None:
    if _EPOCH.fullmatch(text):
        return round(float(text) * 1000)
    match = _LOCAL.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[part]) for part in range(1, 7))
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return round(local.timestamp()) * 1000 + int(((match[7] or "") + "000")[:3])
