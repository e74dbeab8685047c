"""``trainwatch catalogue``: list the hardware known, explain a name, check an operator's own rows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.documents import json_line
from detector.policy.catalogue import Sheets, read_catalogue
from detector.policy.catalogue_explain import document, entries, explain_text, look_up
from features.names import Names
from streams.packaged import (
    read_additions,
    reference_texts,
    catalogue_problems,
    export_limits,
)
from streams.screen import catalogue_table, screen

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DONE, WRONG = 0, 2


def add_to(commands: _SubParsersAction[Any]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("catalogue", help="the hardware known: list, explain, check")
    actions = parser.add_subparsers(
        required=True, metavar="ACTION", parser_class=type(parser)
    )
    listed = actions.add_parser("list", help="every kind of accelerator")
    listed.add_argument("--family", metavar="F", help="one architecture, such as hopper")
    listed.set_defaults(command=_list)
    explained = actions.add_parser("explain", help="what a metered name resolves to, and why")
    explained.add_argument("name", metavar="NAME", help="an accelerator or an instance type")
    explained.set_defaults(command=_explain)
    for each in (listed, explained):
        each.add_argument("--json", action="store_true", help="one JSON document a line")
        add_files(each)
    checked = actions.add_parser("check", help="every fault of your own catalogue files")
    checked.add_argument("files", type=Path, nargs="+", metavar="FILE")
    checked.set_defaults(command=_check)


def add_files(parser: argparse.ArgumentParser) -> None:
    """Let a command take the operator's own catalogue files."""
    parser.add_argument(
        "--catalogue",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="your own rows over the shipped ones; checked first",
    )


def _sheets(files: list[Path]) -> Sheets:
    return read_catalogue(reference_texts(), read_additions(files))


def _list(chosen: argparse.Namespace) -> int:
    found = [
        entry
        for entry in entries(_sheets(chosen.catalogue), export_limits()).values()
        if chosen.family in (None, entry.kind.family)
    ]
    if chosen.json:
        sys.stdout.writelines(json_line(document(entry)) for entry in found)
    else:
        screen().print(catalogue_table(found))
    return DONE


def _explain(chosen: argparse.Namespace) -> int:
    sheets = _sheets(chosen.catalogue)
    limits = export_limits()
    known = entries(sheets, limits)
    names = Names(sheets.accelerators(), sheets.instances(), sheets.slices(), sheets.pods())
    found = look_up(chosen.name, names)
    sys.stdout.write(explain_text(found, known, limits))
    return DONE


def _check(chosen: argparse.Namespace) -> int:
    problems = catalogue_problems(read_additions(chosen.files))
    for problem in problems:
        sys.stdout.write(f"{problem.text()}\n")
    wrong = sum(not problem.is_note for problem in problems)
    sys.stdout.write(f"{len(chosen.files)} files, {wrong} problems\n")
    return WRONG if wrong else DONE
