"""``trainwatch screen``: hold names against screening lists; for an analyst who asks why."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from detector.documents import counted
from detector.screening.fields import country, identifier, unique
from detector.screening.parties import Hit, Snapshot, Subject
from detector.screening.screener import Screener
from streams.arguments import add_judgements
from streams.command_line import Adder, positive
from streams.files import InputError
from streams.lists import ListFileError, read_lists
from streams.screen_customers import screen_customers
from streams.terminal import console, show_text

KINDS: Final = ("person", "organisation", "unknown")


class ScreenChoiceError(Exception):
    """What was asked for does not go together."""


ASKED_WRONGLY: Final = (ScreenChoiceError,)
#: What separates the lines of one hit from its first.
INDENT: Final = "    "


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("screen")
    parser.add_argument("names", nargs="*", metavar="NAME", help="each is looked up by itself")
    parser.add_argument(
        "--customers", type=Path, metavar="FILE", help="tenant records, one a line, for --out"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="the customers' hits, one a line")
    parser.add_argument(
        "--jobs",
        type=positive,
        default=1,
        metavar="N",
        help="processes for --customers (default 1); changes no hit",
    )
    parser.add_argument(
        "--screening",
        type=Path,
        action="append",
        required=True,
        metavar="FILE",
        help="a list to hold them against",
    )
    add_judgements(parser)
    parser.add_argument("--kind", choices=KINDS, default="unknown", help="of who has the name")
    parser.add_argument(
        "--country", action="append", default=[], metavar="CODE", help="ISO 3166-1 alpha-2"
    )
    parser.add_argument(
        "--identifier",
        action="append",
        default=[],
        metavar="NUMBER",
        help="a registration or tax number",
    )
    parser.set_defaults(command=_screen)


def _screen(chosen: argparse.Namespace) -> int:
    files = (chosen.customers, chosen.out)
    if chosen.names and files == (None, None):
        return _screen_names(chosen)
    if chosen.names or None in files:
        raise ScreenChoiceError(
            "screen: expected names, or --customers FILE and --out FILE, got neither or parts of "
            "both; give one of the two"
        )
    return _screen_customers(chosen)


def _screen_customers(chosen: argparse.Namespace) -> int:
    done = screen_customers(
        chosen.screening, chosen.judgements, chosen.customers, chosen.out, chosen.jobs
    )
    told = f"{done.customers:,} customers, {done.hits:,} hits in {chosen.out}; a person decides"
    show_text(console(), told)
    return 0


def _screen_names(chosen: argparse.Namespace) -> int:
    try:
        lists = read_lists(chosen.screening, chosen.judgements)
    except ListFileError as error:
        raise InputError(str(error)) from error
    if lists.screener is None:
        raise InputError("screen: expected a list, got none; give --screening FILE")
    subjects = [
        Subject(
            record_id=name,
            role="query",
            kind=chosen.kind,
            names=(name,),
            identifiers=unique(identifier(each) for each in chosen.identifier),
            countries=unique(country(each) for each in chosen.country),
        )
        for name in chosen.names
    ]
    show_text(console(), "\n".join(_lines(lists.screener, subjects)))
    return 0


def _lines(screener: Screener, subjects: Sequence[Subject]) -> list[str]:
    lines = [line for snapshot in screener.snapshots for line in _list_lines(snapshot)]
    for subject in subjects:
        hits = screener.screen([subject])
        lines += ["", f"{subject.record_id}: {_count(hits)}"]
        for hit in hits:
            lines += _hit_lines(hit, screener)
    return lines


def _parties(snapshot: Snapshot) -> str:
    count = len(snapshot.parties)
    return f"{count:,} {'party' if count == 1 else 'parties'}"


def _list_lines(snapshot: Snapshot) -> list[str]:
    left = [
        f"{INDENT}left out: {counted(n, 'row')}, {reason}"
        for reason, n in snapshot.left_out.items()
    ]
    return [f"{snapshot.label}: {_parties(snapshot)}", *left]


def _count(hits: Sequence[Hit]) -> str:
    if not hits:
        return "nothing on these lists is alike enough to show; that clears nobody"
    likely = sum(hit.level == "hit" for hit in hits)
    return f"{likely} likely, {len(hits) - likely} possible; a person decides"


def _hit_lines(hit: Hit, screener: Screener) -> list[str]:
    party = hit.party
    level = "likely" if hit.level == "hit" else "possible"
    programs = f" ({', '.join(party.programs)})" if party.programs else ""
    lines = [
        f"  {hit.score:.2f} {level}  {party.name}",
        f"{INDENT}{party.source}{programs}: {screener.effects.of(party.source).effect}",
    ]
    if hit.listed_name and hit.listed_name != party.name:
        lines.append(f"{INDENT}by its other name {hit.listed_name}")
    lines += [f"{INDENT}- {feature}" for feature in hit.features]
    lines.append(f"{INDENT}pair {hit.pair}, entry {party.party_id}, {', '.join(party.countries)}")
    if hit.judgement is not None:
        told = hit.judgement
        verdict = told.verdict.replace("_", " ")
        lines.append(f"{INDENT}judged {verdict} by {told.author}, {told.judged_on}: {told.reason}")
    return lines
