"""``trainwatch catalogue``: list what hardware is known, explain a name, check own rows."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from detector.policy.catalogue import Sheets
from detector.policy.catalogue_explain import (
    Entry,
    document,
    entries,
    explain_text,
    list_text,
    look_up,
)
from detector.policy.export_control import ExportLimits
from features.names import Names
from streams.command_line import Adder, add_catalogue
from streams.reference import (
    catalogue_problems,
    catalogue_sheets,
    read_additions,
    reference_texts,
    yardstick,
)

DONE, WRONG = 0, 2


class CatalogueError(Exception):
    """The question cannot be asked like this. One line: what, where, what to do."""


ASKED_WRONGLY: Final = (CatalogueError,)


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("catalogue")
    actions = parser.add_subparsers(required=True, metavar="ACTION", parser_class=type(parser))
    listed = actions.add_parser("list", help="every kind of accelerator")
    listed.add_argument("--family", metavar="F", help="one architecture, such as hopper")
    listed.set_defaults(command=_list)
    explained = actions.add_parser("explain", help="what a metered name resolves to, and why")
    explained.add_argument("name", metavar="NAME", help="an accelerator or an instance type")
    explained.set_defaults(command=_explain)
    for each in (listed, explained):
        each.add_argument("--json", action="store_true", help="one JSON document a line")
        add_catalogue(each)
    checked = actions.add_parser("check", help="every fault of your own catalogue files")
    checked.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="CSV files of your own"
    )
    checked.set_defaults(command=_check)


def _known(files: list[Path]) -> tuple[Sheets, dict[str, Entry], ExportLimits]:
    texts = reference_texts()
    sheets = catalogue_sheets(texts, read_additions(files))
    limits = yardstick(texts).limits
    return sheets, entries(sheets, limits), limits


def _list(chosen: argparse.Namespace) -> int:
    _, known, limits = _known(chosen.catalogue)
    families = sorted({entry.kind.family or "" for entry in known.values()})
    if chosen.family is not None and chosen.family not in families:
        raise CatalogueError(
            f"catalogue list: --family: expected one of {', '.join(families)}, got "
            f"{chosen.family!r}; choose one of these"
        )
    found = [entry for entry in known.values() if chosen.family in (None, entry.kind.family)]
    if chosen.json:
        sys.stdout.writelines(_line(document(entry)) for entry in found)
    else:
        sys.stdout.write(list_text(found, limits))
    return DONE


def _explain(chosen: argparse.Namespace) -> int:
    sheets, known, limits = _known(chosen.catalogue)
    names = Names(sheets.accelerators(), sheets.instances(), sheets.slices(), sheets.pods())
    found = look_up(chosen.name, names)
    if chosen.json:
        kinds = [document(known[sku]) for sku in found.skus()]
        sys.stdout.write(_line({**asdict(found), "kinds": kinds}))
    else:
        sys.stdout.write(explain_text(found, known, limits))
    return DONE


def _line(value: Mapping[str, object]) -> str:
    return f"{json.dumps(value, ensure_ascii=False, allow_nan=False)}\n"


def _check(chosen: argparse.Namespace) -> int:
    problems = catalogue_problems(chosen.files)
    for problem in problems:
        sys.stdout.write(f"{problem.text()}\n")
    wrong = sum(not problem.is_note for problem in problems)
    sys.stdout.write(f"{wrong} {'problem' if wrong == 1 else 'problems'}\n")
    return WRONG if wrong else DONE
