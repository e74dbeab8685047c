"""``trainwatch demo``: a simulated cloud through the whole line, as ``replay`` judges files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from streams.ahead import processors
from streams.clock import SystemClock
from streams.command_line import Adder, seed
from streams.logs import Progress
from streams.packaged import build_meaning, default_policies, read_classifier
from streams.replay import Plan, replay
from streams.simulation import SimulatedSource, build
from streams.terminal import console, show_result


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("demo")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("demo-out"),
        metavar="DIR",
        help="where files are written (default demo-out)",
    )
    parser.add_argument("--seed", type=seed, default=1, help="another seed, another cloud")
    parser.set_defaults(command=_demo)


def _demo(chosen: argparse.Namespace) -> int:
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    cloud = build("demo", chosen.seed)
    source = SimulatedSource(cloud)
    with Progress(None, steps=cloud.block_count) as progress:
        plan = Plan(jobs=processors())
        result = replay(source, chosen.out, meaning, SystemClock(), progress.advance, plan)
    show_result(console(), result, chosen.out)
    pages = sorted(chosen.out.glob("*.html"))
    if pages:
        sys.stdout.write(f"Open this report in a browser: {pages[0].resolve()}\n")
    return 0
