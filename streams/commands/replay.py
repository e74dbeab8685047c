"""``trainwatch replay``: files of events through the whole line, to the contract's files."""

from __future__ import annotations

import argparse
from pathlib import Path

from streams.ahead import processors
from streams.arguments import add_lookups, chosen_meaning, raise_together
from streams.clock import SystemClock
from streams.command_line import Adder, positive
from streams.files import FileSource, find_inputs
from streams.logs import Progress
from streams.replay import Plan, replay
from streams.terminal import console, show_result


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("replay")
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="files, or folders to read whole"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where files are written"
    )
    add_lookups(parser)
    parser.add_argument(
        "--jobs",
        type=positive,
        default=processors(),
        metavar="N",
        help="batches decoded at once (default: the processors); changes no result",
    )
    parser.set_defaults(command=_replay)


def _replay(chosen: argparse.Namespace) -> int:
    lists, judged = chosen.screening, chosen.judgements
    meaning = chosen_meaning(chosen.policy, lists, chosen.catalogue, judged, chosen.gleif)
    inputs = find_inputs(chosen.paths, chosen.out)
    source = FileSource(inputs)
    total = sum(path.stat().st_size for path in inputs)
    is_plain = all(path.suffix not in (".gz", ".zst") for path in inputs)
    with Progress(total if is_plain else None) as progress:
        plan = Plan(chosen.as_of, chosen.jobs)
        result = replay(source, chosen.out, meaning, SystemClock(), progress.advance, plan)
    show_result(console(), result, chosen.out)
    raise_together(source.failures)
    return 0
