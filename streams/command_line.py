"""How the command line reads and what it says of itself; the words are in ``commands.toml``."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

#: Adds a command by its name, with the help that ``commands.toml`` has for it.
Adder: TypeAlias = Callable[[str], argparse.ArgumentParser]

SUBTITLE: Final = "Who is training a very large AI model on our machines, and must the law know?"
STATUSES: Final = """\
exit status: 0 done (refused events included), 1 failed, 2 the command line or
the configuration is wrong, 3 an input could not be read. An error is one line.

`trainwatch COMMAND --help` says more of each, with examples. Begin with:
  trainwatch demo
  trainwatch replay events/ --out out/"""
#: Where the second column of the list of commands begins.
_COLUMN: Final = 14

#: Seeds are mixed as signed words of 64 bits.
SEED_MAX: Final = 2**63 - 1


class CommandError(Exception):
    """The command line is wrong."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of printing the usage; takes options anywhere."""

    _is_mixing = False

    def parse_known_args(  # type: ignore[override]  # its overloads say the same
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Read ``SUBJECT --scope X PATH`` as ``SUBJECT PATH --scope X``."""
        has_commands = any(each.nargs == argparse.PARSER for each in self._actions)
        if self._is_mixing or has_commands or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, with the command it is about.

        Raises:
            CommandError: Always.
        """
        place = self.prog.partition(" ")[2]
        told = f"{place}: {message}" if place else message
        raise CommandError(f"{told}; see `{self.prog} --help`")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse a word that is none of the choices, with the one that was meant."""
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        near = get_close_matches(str(value), known, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise argparse.ArgumentError(
            action, f"invalid choice: expected one of {', '.join(known)}, got {value!r}{meant}"
        )


def new_parser(version: str) -> Parser:
    """Give the parser of the whole program: its own help lists the commands by group."""
    parser = Parser(
        prog="trainwatch",
        usage="trainwatch COMMAND ...",
        description=f"{SUBTITLE}\n\n{_listed()}",
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"trainwatch {version}", help="show the version"
    )
    return parser


def adder_of(parser: Parser) -> Adder:
    """Give what adds a command by its name, with the help that ``commands.toml`` has for it."""
    commands = parser.add_subparsers(
        required=True,
        metavar="COMMAND",
        help="one of those above",
        parser_class=Parser,
        prog=parser.prog,
    )

    def add(name: str) -> argparse.ArgumentParser:
        words = _words()[name]
        shown = "\n".join(f"  {each}" for each in words["examples"])
        added: Parser = commands.add_parser(
            name,
            description=words["text"].strip(),
            epilog=f"examples:\n{shown}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        return added

    return add


def add_catalogue(parser: argparse.ArgumentParser) -> None:
    """Let a command take the operator's own catalogue files."""
    parser.add_argument(
        "--catalogue",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="your own catalogue rows, over the shipped ones",
    )


def positive(text: str) -> int:
    """Read a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def seed(text: str) -> int:
    """Read what random numbers begin with: a whole number of 63 bits."""
    if not text.isascii() or not text.isdigit() or int(text) > SEED_MAX:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to 2^63 - 1, got {text!r}"
        )
    return int(text)


def _listed() -> str:
    words = _words()
    lines = []
    for group in words["groups"]:
        lines.append(f"{group}:")
        lines += [
            f"  {name:{_COLUMN - 2}}{each['summary']}"
            for name, each in words.items()
            if name != "groups" and each["group"] == group
        ]
        lines.append("")
    return "\n".join(lines).rstrip()


@cache
def _words() -> dict[str, Any]:
    text = (files("streams") / "commands.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
