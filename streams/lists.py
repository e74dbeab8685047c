"""Screening lists and analysts' judgements from files: hashed, dated, read, indexed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import polars as pl

from detector.errors import DetectorError
from detector.screening.effects import Effects, parse_effects
from detector.screening.figures import Figures, parse_figures
from detector.screening.judgements import parse_judgements
from detector.screening.lists import read_snapshot
from detector.screening.parties import Judgement
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
    if not paths:
        return read
    try:
        contents = [(path, path.read_bytes()) for path in paths]
        labels = [label_of(path, content) for path, content in contents]
        known = effects()
        snapshots = [
            known.named(read_snapshot(content, str(path), label))
            for (path, content), label in zip(contents, labels, strict=True)
        ]
        judged: dict[str, Judgement] = {}
        for path in judgements:
            judged |= parse_judgements(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, DetectorError) as error:
        raise ListFileError(_told(error)) from error
    if before is None:
        screener = Screener(snapshots, figures(), known, judged)
    else:
        screener = before.renewed(snapshots, judged)
    return Lists((*labels, *read.labels), screener, read.gleif)


def _read_gleif(paths: Sequence[Path]) -> Lists:
    if not paths:
        return Lists((), None)
    labels, rows = list[str](), list[pl.DataFrame]()
    try:
        for path in paths:
            content = path.read_bytes()
            labels.append(label_of(path, content))
            rows.append(read_relationships(unpacked(content, str(path)), str(path)))
    except (OSError, DetectorError, PackedError) as error:
        raise ListFileError(_told(error, "relationship file")) from error
    return Lists(tuple(labels), None, together(rows))


def label_of(path: Path, content: bytes) -> str:
    """Name a list file in provenance: its name, its date, its digest."""
    return f"{path.name} {dated_at(path):%Y-%m-%d} sha256:{sha256(content).hexdigest()}"


def dated_at(path: Path) -> datetime:
    """Give the instant at which a list file was last written."""
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def figures(counts: str | None = None) -> Figures:
    """Give the shipped figures of screening; with ``counts`` of keys instead of those shipped."""
    folder = files("detector.screening")
    shipped = (folder / "rarity.csv").read_text(encoding="utf-8") if counts is None else counts
    rarity = parse_rarity(shipped)
    return parse_figures((folder / "figures.toml").read_text(encoding="utf-8"), rarity)


def effects() -> Effects:
    """Give what the known lists mean."""
    return parse_effects((files("detector.screening") / "effects.toml").read_text(encoding="utf-8"))


def _told(
    error: OSError | UnicodeDecodeError | DetectorError | PackedError, what: str = "screening list"
) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: expected a readable {what} ({error.strerror}); check it"
    return str(error)


def judgement_line(judgement: Judgement) -> str:
    """Write a judgement as the line that is appended to a file of judgements."""
    return json.dumps(vars(judgement), sort_keys=True)
