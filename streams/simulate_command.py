"""``trainwatch simulate``: a seeded cloud with its truth, as files that ``replay`` reads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streams.arguments import positive
from streams.export import prepare
from streams.logs import Progress
from streams.packaged import code_version
from streams.screen import screen, show_text
from streams.simulated_folder import PACKINGS, write_folder
from streams.simulation import SCENARIOS, Asked, build
from streams.simulation.families import families

if TYPE_CHECKING:
    from argparse import _SubParsersAction

#: Milliseconds between two readings, as they are written on the command line.
CADENCES: Final = {"15s": 15_000, "60s": 60_000, "5m": 300_000, "1h": 3_600_000}


class SimulateError(Exception):
    """The cloud cannot be made like this. One line: what, where, what to do."""


def add_to(commands: _SubParsersAction[Any]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("simulate", help="write a simulated cloud and its truth as files")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="background")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same bytes")
    parser.add_argument("--tenants", type=positive, metavar="N", help="ordinary customers")
    parser.add_argument("--days", type=positive, metavar="N", help="length of the window")
    parser.add_argument("--cadence", choices=sorted(CADENCES), help="of every meter but the bill")
    parser.add_argument(
        "--share",
        type=_share,
        action="append",
        default=[],
        metavar="KIND=x",
        help="how common a kind of work is; 0 leaves it out (the kinds: docs/simulator.md)",
    )
    parser.add_argument("--pack", choices=("none", "gz", "zst"), default="none")
    parser.set_defaults(command=_simulate)


def _simulate(chosen: argparse.Namespace) -> int:
    packing = PACKINGS[("none", "gz", "zst").index(chosen.pack)]
    shares = tuple(sorted(dict(chosen.share).items()))
    asked = Asked(CADENCES.get(chosen.cadence), shares)
    try:
        cloud = build(chosen.scenario, chosen.seed, chosen.days, chosen.tenants, asked)
    except ValueError as error:
        raise SimulateError(f"simulate: {error}") from error
    prepare(chosen.out)
    said: dict[str, str | int] = {
        "scenario": chosen.scenario,
        "seed": chosen.seed,
        "days": chosen.days or SCENARIOS[chosen.scenario][0],
        "tenants": chosen.tenants or SCENARIOS[chosen.scenario][1],
        "cadence": chosen.cadence or "mixed",
        "shares": " ".join(f"{kind}={share:g}" for kind, share in shares),
        "version": code_version(),
    }
    with Progress(None) as progress:
        counts = write_folder(cloud, chosen.out, said, packing, progress.advance)
    show_text(
        screen(),
        f"{chosen.out}: {counts['lines']:,} lines, {counts['workloads']:,} workloads of "
        f"{counts['tenants']:,} tenants, {counts['training_workloads']:,} of them training\n",
    )
    return 0


def _share(text: str) -> tuple[str, float]:
    """Read ``KIND=x``: a kind that exists and a weight from 0."""
    kind, _, weight = text.partition("=")
    known = [family.name for family in families()]
    if kind not in known:
        expected = ", ".join(known)
        raise argparse.ArgumentTypeError(f"expected a kind out of {expected}; got {kind!r}")
    try:
        value = float(weight)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected KIND=x with x from 0, got {text!r}")
    return kind, value
