"""What several commands read from the command line: instants, numbers, law and lists."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from detector.events.instants import EPOCH, parse_instant
from detector.meaning import Meaning
from streams.command_line import add_catalogue
from streams.files import InputError
from streams.lists import ListFileError, read_lists
from streams.packaged import build_meaning, default_policies, read_classifier


def add_lookups(parser: argparse.ArgumentParser) -> None:
    """Add what files are judged by: packs, screening lists, the instant to look from."""
    parser.add_argument(
        "--policy",
        action="append",
        metavar="ID",
        help="a shipped pack by its id, or the path of a .toml (default: those of the contract)",
    )
    parser.add_argument(
        "--screening",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a screening list: Consolidated Screening List or FollowTheMoney entities",
    )
    add_judgements(parser)
    parser.add_argument(
        "--gleif",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="who consolidates whom: relationship files of GLEIF, beside statements of owners",
    )
    add_catalogue(parser)
    parser.add_argument(
        "--as-of",
        type=instant,
        metavar="TIME",
        help="leave out events emitted later; RFC 3339 with an offset",
    )


def add_judgements(parser: argparse.ArgumentParser) -> None:
    """Let a command take what analysts said of hits."""
    parser.add_argument(
        "--judgements",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="what analysts said of hits with screening lists, one JSON object a line",
    )


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset."""
    milliseconds = parse_instant(text)
    if milliseconds is None:
        raise argparse.ArgumentTypeError(
            f"expected RFC 3339 with an offset, such as 2026-11-22T00:00:00Z, got {text!r}"
        )
    return EPOCH + timedelta(milliseconds=milliseconds)


def chosen_meaning(
    policies: list[str] | None,
    screening: list[Path],
    catalogue: Sequence[Path] = (),
    judgements: Sequence[Path] = (),
    gleif: Sequence[Path] = (),
) -> Meaning:
    """Read packs, lists and catalogue files as the command line names them.

    Raises:
        InputError: A list cannot be read.
    """
    try:
        lists = read_lists(screening, judgements, gleif)
    except ListFileError as error:
        raise InputError(str(error)) from error
    chosen = policies or default_policies()
    return build_meaning(chosen, None, lists, read_classifier(), catalogue)


def raise_together(failures: Sequence[InputError]) -> None:
    """Say in one line what broke off first, and how many more did; nothing where nothing did.

    Raises:
        InputError: Something broke off.
    """
    if failures:
        more = f" (and {len(failures) - 1} more files broke off)" if len(failures) > 1 else ""
        raise InputError(f"{failures[0]}{more}")
