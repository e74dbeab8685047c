"""``trainwatch simulate``: a seeded cloud with its truth, as files that ``replay`` reads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from streams.command_line import Adder, positive, seed
from streams.export import holding
from streams.logs import Progress
from streams.simulated_folder import PACKINGS, Value, clear, write_folder
from streams.simulation import SCENARIOS, Asked, build
from streams.simulation.evasion import DISGUISES
from streams.simulation.families import families
from streams.simulation.faults import known_faults
from streams.terminal import console, show_text
from streams.version import code_version

#: Milliseconds between two readings, as they are written on the command line.
CADENCES: Final = {"15s": 15_000, "60s": 60_000, "5m": 300_000, "1h": 3_600_000}

#: A share says how common a kind is beside others; they are of the order of 1 to 100.
SHARE_MAX: Final = 1e9


class SimulateError(Exception):
    """The cloud cannot be made like this. One line: what, where, what to do."""


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("simulate")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where files are written"
    )
    parser.add_argument(
        "--scenario",
        choices=sorted(SCENARIOS),
        default="background",
        help="ordinary customers (background, the default), or some worth finding too (demo)",
    )
    parser.add_argument(
        "--seed", type=seed, default=1, help="the same seed, the same bytes (default 1)"
    )
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
    parser.add_argument(
        "--evasion",
        type=_evasion,
        action="append",
        default=[],
        metavar="NAME[=STRENGTH]",
        help="disguise every training larger than a node, several in turn (docs/simulator.md)",
    )
    _add_mess(parser)
    parser.set_defaults(command=_simulate)


def _add_mess(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--faults",
        choices=list(known_faults()),
        default="usual",
        help="how often meters go wrong (default usual)",
    )
    parser.add_argument(
        "--structured",
        type=_ratio,
        default=0.1,
        metavar="x",
        help="share of customers behind shells, parents, nominees or a reseller (default 0.1)",
    )
    parser.add_argument(
        "--second-vantage",
        type=_ratio,
        default=0.05,
        metavar="x",
        help="share of nodes whose board controller meters power too (default 0.05)",
    )
    parser.add_argument(
        "--pack",
        choices=("none", "gz", "zst"),
        default="none",
        help="how lines are packed (default none)",
    )


def _simulate(chosen: argparse.Namespace) -> int:
    packing = PACKINGS[("none", "gz", "zst").index(chosen.pack)]
    shares = tuple(sorted(dict(chosen.share).items()))
    asked = Asked(
        CADENCES.get(chosen.cadence),
        shares,
        known_faults()[chosen.faults],
        chosen.structured,
        chosen.second_vantage,
        tuple(chosen.evasion),
    )
    try:
        cloud = build(chosen.scenario, chosen.seed, chosen.days, chosen.tenants, asked)
    except ValueError as error:
        raise SimulateError(f"simulate: {error}") from error
    said: dict[str, Value] = {
        "scenario": chosen.scenario,
        "seed": chosen.seed,
        "days": chosen.days or SCENARIOS[chosen.scenario][0],
        "tenants": chosen.tenants or SCENARIOS[chosen.scenario][1],
        "cadence": chosen.cadence or "mixed",
        "shares": " ".join(f"{kind}={share:g}" for kind, share in shares),
        "evasions": " ".join(f"{name}={strength:g}" for name, strength in chosen.evasion),
        "faults": chosen.faults,
        "structured": chosen.structured,
        "second_vantage": chosen.second_vantage,
        "version": code_version(),
    }
    with holding(chosen.out), Progress(None, steps=cloud.block_count + 1) as progress:
        clear(chosen.out)
        counts = write_folder(cloud, chosen.out, said, packing, progress.advance)
    show_text(
        console(),
        f"{chosen.out}: {counts['lines']:,} lines, {counts['workloads']:,} workloads of "
        f"{counts['tenants']:,} tenants, {counts['training_workloads']:,} of them training\n",
    )
    return 0


def _evasion(text: str) -> tuple[str, float]:
    """Read ``NAME`` or ``NAME=STRENGTH``: a disguise that exists, and from 0 to 1."""
    name, mark, strength = text.partition("=")
    if name not in DISGUISES:
        expected = ", ".join(DISGUISES)
        raise argparse.ArgumentTypeError(f"expected a disguise out of {expected}; got {name!r}")
    return name, _ratio(strength) if mark else 1.0


def _ratio(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return value


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
    if not 0.0 <= value <= SHARE_MAX:
        raise argparse.ArgumentTypeError(
            f"expected KIND=x with x from 0 to {SHARE_MAX:g}, got {text!r}"
        )
    return kind, value
