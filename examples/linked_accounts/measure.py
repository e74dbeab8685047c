"""How often links between accounts find a ring of shells, and how often strangers: prints tables.

python -m examples.linked_accounts.measure [--clouds N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

from detector.linked import Link
from detector.who.account_figures import AccountFigures, parse_account_figures
from detector.who.accounts import account_links, held
from examples.linked_accounts.clouds import RINGS, Ring, Traits, ring_of, strangers

FIGURES = Path(__file__).parents[2] / "detector" / "who" / "accounts.toml"
#: The figures were chosen on seeds below this; what is printed was never looked at for that.
FIRST_SEED = 1_000
CROWD = 2_000


def linked(traits: Traits, figures: AccountFigures) -> tuple[Link, ...]:
    """Link everybody with everybody."""
    return account_links(held(traits), (), set(traits), len(traits), figures)


def rings(clouds: int, figures: AccountFigures) -> Iterator[str]:
    """Hide a ring among strangers: how many of its pairs are linked, and who else with it."""
    yield f"| ring among {CROWD} strangers | pairs found, 0.5 | 0.9 | strangers linked to it |"
    yield "|---|---|---|---|"
    for ring in RINGS:
        found, sure, wrong, pairs = 0, 0, 0, 0
        for seed in range(FIRST_SEED, FIRST_SEED + clouds):
            scores, names = _hidden(ring, seed, figures)
            pairs += len(list(combinations(names, 2)))
            inside = [s for pair, s in scores.items() if set(pair) <= names]
            found += len(inside)
            sure += sum(1 for score in inside if score >= figures.score_sure)
            wrong += sum(1 for pair in scores if len(set(pair) & names) == 1)
        yield f"| {ring.title} | {found} of {pairs} | {sure} | {wrong} |"


def _hidden(
    ring: Ring, seed: int, figures: AccountFigures
) -> tuple[dict[tuple[str, str], float], set[str]]:
    rng = Random(f"{ring.title}/{seed}")
    shells = ring_of(rng, ring, CROWD // 400)
    found = linked({**strangers(rng, CROWD), **shells}, figures)
    return {(link.run_a, link.run_b): link.score for link in found}, set(shells)


def mixed(clouds: int, figures: AccountFigures) -> Iterator[str]:
    """One customer in twenty has another account: how many pairs are right, how many found."""
    yield "| score at least | true pairs linked | wrong pairs linked | precision | recall |"
    yield "|---|---|---|---|---|"
    true: list[float] = []
    wrong: list[float] = []
    pairs = 0
    for seed in range(FIRST_SEED, FIRST_SEED + clouds):
        rng = Random(f"mixed/{seed}")
        traits, number, shells = strangers(rng, CROWD), 0, 0
        while shells < figures.prior_ratio * CROWD:
            ring = rng.choice(RINGS)
            shells += ring.shells
            pairs += ring.shells * (ring.shells - 1) // 2
            traits |= ring_of(rng, ring, CROWD // 400, f"ring{number}-")
            number += 1
        for link in linked(traits, figures):
            is_true = "ring" in link.run_a and link.run_a.split("-")[0] == link.run_b.split("-")[0]
            (true if is_true else wrong).append(link.score)
    for least in (figures.score_min, 0.7, figures.score_sure):
        good, bad = sum(s >= least for s in true), sum(s >= least for s in wrong)
        precision, recall = good / (good + bad), good / pairs
        yield f"| {least} | {good} of {pairs} | {bad} | {precision:.2f} | {recall:.2f} |"


def crowds(clouds: int, figures: AccountFigures) -> Iterator[str]:
    """Strangers alone: every link is wrong; the last column counts pairs that share anything."""
    yield "| strangers | clouds | pairs linked, 0.5 | 0.9 | CPU seconds a cloud |"
    yield "|---|---|---|---|---|"
    for count, times in ((200, 10 * clouds), (2_000, clouds), (20_000, 2), (100_000, 1)):
        wrong, sure, spent = 0, 0, 0.0
        for seed in range(FIRST_SEED, FIRST_SEED + times):
            traits = strangers(Random(seed), count)
            began = time.process_time()
            found = linked(traits, figures)
            spent += time.process_time() - began
            wrong += len(found)
            sure += sum(1 for link in found if link.score >= figures.score_sure)
        yield f"| {count} | {times} | {wrong} | {sure} | {spent / times:.2f} |"


def main() -> None:
    """Print the tables of ``docs/accounts.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clouds", type=int, default=20)
    clouds = parser.parse_args().clouds
    figures = parse_account_figures(FIGURES.read_text(encoding="utf-8"))
    for table in (rings(clouds, figures), mixed(clouds, figures), crowds(clouds, figures)):
        print(*table, "", sep="\n", flush=True)


if __name__ == "__main__":
    main()
