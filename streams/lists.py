"""Screening lists and analysts' judgements from files: hashed, dated, read, indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from os import fstat
from pathlib import Path

import polars as pl

from detector.errors import DetectorError, encoding_hint
from detector.screening.effects import Effects, parse_effects
from detector.screening.figures import Figures, parse_figures
from detector.screening.judgements import parse_judgements
from detector.screening.lists import read_snapshot
from detector.screening.parties import Judgement, Snapshot
from detector.screening.rarity import parse_rarity
from detector.screening.screener import Screener
from detector.who.gleif import Gleif, read_relationships, together
from streams.packed import PackedError, unpacked


class ListFileError(Exception):
    """A screening list or judgement file cannot be used. One line: which, what came, what to do."""


@dataclass(frozen=True)
class Lists:
    """List files as read: name, date and digest of each for provenance, and what they hold.

    ``screener`` and ``gleif`` are None where no file of theirs is given.
    """

    labels: tuple[str, ...]
    screener: Screener | None
    gleif: Gleif | None = None


def read_lists(
    paths: Sequence[Path],
    judgements: Sequence[Path] = (),
    gleif: Sequence[Path] = (),
    before: Screener | None = None,
) -> Lists:
    """Read list files, what analysts said of their hits, and relationship files of GLEIF.

    With the screener of ``before``, only what is new in the lists is held against whom it knows.

    Raises:
        ListFileError: A file cannot be opened, or is not what it should be.
    """
    read = _read_gleif(gleif)
    if judgements and not paths:
        raise ListFileError(
            f"{judgements[0]}: expected a screening list whose hits were judged, got none; name it "
            "with --screening or [screening] files"
        )
    if not paths:
        return read
    try:
        known = effects()
        snapshots = [known.named(_snapshot(path)) for path in paths]
        judged: dict[str, Judgement] = {}
        for path in judgements:
            judged |= parse_judgements(_text_of(path), str(path))
    except (OSError, DetectorError) as error:
        raise ListFileError(_told(error)) from error
    if before is None:
        screener = Screener(snapshots, figures(), known, judged)
    else:
        screener = before.renewed(snapshots, judged)
    labels = (each.label for each in snapshots)
    return Lists((*labels, *read.labels), screener, read.gleif)


def _snapshot(path: Path) -> Snapshot:
    """Read one screening list, labelled and dated."""
    content, written_at = _content(path)
    found = read_snapshot(content, str(path), path.name)
    dated_at = found.stated_at or written_at
    told = " (as stated)" if found.stated_at is not None else ""
    label = f"{path.name} {dated_at:%Y-%m-%d}{told} sha256:{sha256(content).hexdigest()}"
    return replace(found, label=label, dated_at=dated_at)


def _content(path: Path) -> tuple[bytes, datetime]:
    """Give a file's bytes and when it was written: of one file, also where it is replaced."""
    with path.open("rb") as opened:
        written = fstat(opened.fileno()).st_mtime
        return opened.read(), datetime.fromtimestamp(written, tz=UTC)


def _read_gleif(paths: Sequence[Path]) -> Lists:
    if not paths:
        return Lists((), None)
    labels, rows = list[str](), list[pl.DataFrame]()
    try:
        for path in paths:
            content, written_at = _content(path)
            digest = sha256(content).hexdigest()
            labels.append(f"{path.name} {written_at:%Y-%m-%d} sha256:{digest}")
            rows.append(read_relationships(unpacked(content, str(path)), str(path)))
    except (OSError, DetectorError, PackedError) as error:
        raise ListFileError(_told(error, "relationship file")) from error
    return Lists(tuple(labels), None, together(rows))


def dated_at(path: Path) -> datetime:
    """Give the instant that a screening list states, or else when its file was written.

    Raises:
        ListFileError: The file cannot be opened, or is no such list.
    """
    try:
        found = _snapshot(path).dated_at
    except (OSError, DetectorError) as error:
        raise ListFileError(_told(error)) from error
    return found or datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def figures(counts: str | None = None) -> Figures:
    """Give the shipped figures of screening; with ``counts`` of keys instead of those shipped."""
    folder = files("detector.screening")
    shipped = (folder / "rarity.csv").read_text(encoding="utf-8") if counts is None else counts
    rarity = parse_rarity(shipped)
    return parse_figures((folder / "figures.toml").read_text(encoding="utf-8"), rarity)


def effects() -> Effects:
    """Give what the known lists mean."""
    return parse_effects((files("detector.screening") / "effects.toml").read_text(encoding="utf-8"))


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        told = f"expected UTF-8, got {error.reason} at byte {error.start}"
        hint = encoding_hint(raw) or "; save it as UTF-8"
        raise ListFileError(f"{path}: {told}{hint}") from error


def _told(error: OSError | DetectorError | PackedError, what: str = "screening list") -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: expected a readable {what} ({error.strerror}); check it"
    return str(error)
