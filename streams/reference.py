"""The reference tables that ship, and the operator's own catalogue files over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

from detector.policy.catalogue import KEYS, Sheets, read_catalogue
from detector.policy.catalogue_check import Problem, Yardstick, check_additions
from detector.policy.export_control import parse_export_limits
from detector.policy.plausible import parse_plausibility

REFERENCE: Final = (
    *KEYS,
    "country_groups.toml",
    "physics.toml",
    "export_control.toml",
    "plausibility.toml",
    "utilisation.toml",
)


class CatalogueFileError(Exception):
    """An operator's catalogue file cannot be used. One line: which, what is wrong, what to do."""


def reference_texts() -> dict[str, str]:
    """Give the text of every shipped reference table by its name."""
    folder = files("detector.policy") / "reference"
    return {name: (folder / name).read_text(encoding="utf-8") for name in REFERENCE}


#: Four times the catalogue that ships; checking each cell of a larger file takes minutes.
ADDITION_BYTES_MAX = 1024 * 1024


def read_additions(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Read the operator's own catalogue files: (name, text) each.

    Raises:
        CatalogueFileError: One cannot be read, or is too large to be a catalogue.
    """
    read = []
    for path in paths:
        try:
            if path.stat().st_size > ADDITION_BYTES_MAX:
                raise CatalogueFileError(
                    f"{path}: expected a catalogue file of at most {ADDITION_BYTES_MAX} bytes, "
                    f"found {path.stat().st_size}; check the path, or cut it into several"
                )
            read.append((str(path), path.read_text(encoding="utf-8-sig")))
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogueFileError(
                f"{path}: expected a readable catalogue file ({error}); check the path"
            ) from error
    return read


def yardstick(texts: dict[str, str]) -> Yardstick:
    """Give what catalogue rows are held against, from ``reference_texts``."""
    return Yardstick(
        parse_export_limits(texts["export_control.toml"]),
        parse_plausibility(texts["plausibility.toml"]),
    )


def catalogue_problems(paths: Sequence[Path]) -> list[Problem]:
    """Check the operator's own files whole."""
    texts = reference_texts()
    return check_additions(texts, read_additions(paths), yardstick(texts))


def catalogue_sheets(texts: dict[str, str], additions: Sequence[tuple[str, str]]) -> Sheets:
    """Give the catalogue with the operator's own rows, once they were checked.

    Raises:
        CatalogueFileError: A row is wrong; the first problem is told, and how many more there are.
    """
    problems = check_additions(texts, additions, yardstick(texts)) if additions else []
    wrong = [problem for problem in problems if not problem.is_note]
    if wrong:
        more = f" (and {len(wrong) - 1} more: run `trainwatch catalogue check`)"
        raise CatalogueFileError(f"{wrong[0].text()}{more if len(wrong) > 1 else ''}")
    return read_catalogue(texts, additions)


def sheets_of(paths: Sequence[Path]) -> Sheets:
    """Give the shipped catalogue with the rows of the operator's own files."""
    return catalogue_sheets(reference_texts(), read_additions(paths))


def looked_up_at(sheets: Sheets) -> datetime:
    """Give the day on which the catalogue's oldest row was read from its source, 00:00 UTC."""
    days = [rows["as_of"].min() for rows in sheets.rows.values() if "as_of" in rows.columns]
    return datetime.fromisoformat(min(day for day in days if isinstance(day, str))).replace(
        tzinfo=UTC
    )
