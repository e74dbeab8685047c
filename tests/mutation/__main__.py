"""Run every mutant of the ownership arithmetic against its tests: ``make mutate``.

A mutant that no test notices has to stand in ``EXPLAINED`` with its reason; any other one, and a
reason that is no longer needed, ends the run with status 1. Names of modules as arguments take
these alone; ``--sample N`` takes N mutants of all, the same ones each time, and some explained.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.mutation.explained import EXPLAINED
from tests.mutation.killers import KILLERS, OF_PARTIES
from tests.mutation.mutants import Mutant, mutants, names_of_mutants
from tests.mutation.running import survivors

ROOT = Path(__file__).parents[2]
SEED = 4

Chosen = Mapping[str, Sequence[Mutant]]


def main() -> int:
    """Run the mutants asked for; print what survived without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(KILLERS))
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants of all")
    asked = parser.parse_args()
    unknown = [each for each in asked.modules if each not in KILLERS]
    if unknown:
        parser.error(f"expected modules among {', '.join(KILLERS)}; {unknown[0]} is none of them")
    names = asked.modules or KILLERS
    if asked.sample:
        return _run(_sample(names, asked.sample))
    chosen = {each: list(mutants(_text(each))) for each in names}
    # Modules with the same tests, in whatever order, need them to pass but once.
    one_of_each = {frozenset(KILLERS[name]): name for name in chosen}
    failing = [name for name in one_of_each.values() if not _passes_unchanged(name)]
    for name in failing:
        print(f"{name}: expected the tests to pass unchanged, they fail here: mend them first")
    return 1 if failing else _run(chosen)


def _passes_unchanged(name: str) -> bool:
    return bool(list(survivors(_module(name), KILLERS[name], [Mutant("unchanged", _text(name))])))


def _run(chosen: Chosen) -> int:
    keys = {f"{name}.{each.name}" for name, found in chosen.items() for each in found}
    # A reason for what is no mutant any more is not needed either.
    known = {each for each in EXPLAINED if each.partition(".")[0] in chosen}
    reasons = known & keys
    failed = 0
    for name, found in chosen.items():
        failed += _run_module(name, found, reasons)
    for each in sorted(known - {f"{n}.{m}" for n in chosen for m in names_of_mutants(_text(n))}):
        print(f"no such mutant, take the reason away: {each}")
        failed += 1
    print(
        f"{len(keys)} mutants, {len(keys) - len(reasons) - failed} noticed by a test, "
        f"{len(reasons)} that change nothing, each with a reason, {failed} to mend"
    )
    return int(failed > 0)


def _run_module(name: str, found: Sequence[Mutant], reasons: set[str]) -> int:
    """Run the mutants of one module; print and count those that are not as they should be."""
    started = _seconds()
    left = {f"{name}.{each}" for each in survivors(_module(name), KILLERS[name], found)}
    mine = reasons & {f"{name}.{each.name}" for each in found}
    for each in sorted(left - mine):
        print(f"no test noticed: {each}")
    for each in sorted(mine - left):
        print(f"noticed after all, take the reason away: {each}")
    print(
        f"{name}: {len(found)} mutants, {len(found) - len(left)} noticed, {len(left & mine)} "
        f"explained, {_seconds() - started:.0f} s of processor",
        flush=True,
    )
    return len(left ^ mine)


def _seconds() -> float:
    return sum(os.times()[:4])


def _sample(names: Iterable[str], size: int) -> Chosen:
    """Give so many mutants, the same each time, a tenth of them explained ones."""
    everything = [(name, each) for name in names for each in names_of_mutants(_text(name))]
    explained = [pair for pair in everything if ".".join(pair) in EXPLAINED]
    others = [pair for pair in everything if ".".join(pair) not in EXPLAINED]
    random = Random(SEED)
    taken = [*random.sample(explained, size // 10), *random.sample(others, size - size // 10)]
    modules = sorted({name for name, _ in taken})
    return {
        name: list(mutants(_text(name), {each for module, each in taken if module == name}))
        for name in modules
    }


def _module(name: str) -> str:
    folder = "parties" if name in OF_PARTIES else "who"
    return f"detector.{folder}.{name}".replace("/", ".")


def _text(name: str) -> str:
    return (ROOT / f"{_module(name).replace('.', '/')}.py").read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main())
