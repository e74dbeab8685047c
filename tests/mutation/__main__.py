"""Run every mutant of the ownership arithmetic against its tests: ``make mutate``.

Each mutant gets a process of its own, in which the module is replaced and the tests are called, the
worked examples first. A mutant that no test notices has to stand in ``EXPLAINED`` with its reason;
any other one, and a reason that is no longer needed, ends the run with status 1.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, settings

from tests.mutation.explained import EXPLAINED
from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
MODULES = (
    "answers",
    "cascade",
    "control",
    "cycles",
    "flips",
    "four_tests",
    "interests",
    "outbound",
    "ownership",
    "proportion",
    "shares",
    "stakes",
    "standing",
)
KILLERS = (
    "tests.unit.detector.test_interests",
    "tests.unit.detector.test_cycles",
    "tests.unit.detector.test_outbound",
    "tests.unit.detector.test_fifty_percent",
    "tests.unit.detector.test_four_tests",
    "tests.unit.detector.test_ownership",
    "tests.unit.detector.test_standing",
    "tests.unit.detector.test_ownership_over_time",
    "tests.property.test_four_tests_laws",
    "tests.property.test_ownership_laws",
)
#: A mutant that computes longer, or takes more memory, has been noticed. The clock on the wall is
#: no limit, for a slow neighbour must not make a mutant look noticed.
SECONDS_MAX = 120
MEMORY_MAX = 4 << 30
PROCESSES = 3

settings.register_profile(
    "mutation",
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutation")


def main() -> int:
    """Run all mutants, or those of the modules named; print what survived without a reason."""
    for name in KILLERS:
        importlib.import_module(name)  # what they use from outside is loaded once
    survivors: dict[str, set[str]] = {}
    count = 0
    for name in sys.argv[1:] or MODULES:
        text = (ROOT / "detector" / "who" / f"{name}.py").read_text("utf-8")
        if not set(_survivors(f"detector.who.{name}", [Mutant("unchanged", text)])):
            print(f"{name}: expected the tests to pass unchanged, they fail here: mend them first")
            return 1
        found = list(mutants(text))
        count += len(found)
        survivors[name] = set(_survivors(f"detector.who.{name}", found))
    survived = {f"{name}.{each}" for name, left in survivors.items() for each in left}
    reasons = {each for each in EXPLAINED if each.partition(".")[0] in survivors}
    for each in sorted(survived - reasons):
        print(f"no test noticed: {each}")
    for each in sorted(reasons - survived):
        print(f"noticed after all, take the reason away: {each}")
    print(
        f"{count} mutants, {count - len(survived)} noticed by a test, "
        f"{len(survived & reasons)} left that change nothing, with a reason"
    )
    return int(survived != reasons)


def _survivors(module: str, found: list[Mutant]) -> Iterator[str]:
    running: dict[int, str] = {}
    waiting = list(found)
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            mutant = waiting.pop(0)
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                os._exit(_is_noticed(module, mutant))
            running[child] = mutant.name
        child, status = os.wait()
        name = running.pop(child)
        if status == 0:
            print(f"{module}: {name}", file=sys.stderr, flush=True)
            yield name


def _is_noticed(module: str, mutant: Mutant) -> int:
    """Replace the module and call the tests; 1 where one of them fails, in a child process."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        for name in [each for each in sys.modules if each.startswith(("detector.who", "tests."))]:
            del sys.modules[name]
        broken = ModuleType(module)
        broken.__package__ = module.rpartition(".")[0]
        sys.modules[module] = broken
        exec(compile(mutant.source, module, "exec"), broken.__dict__)  # noqa: S102 - our own text
        for name in KILLERS:
            for test in _calls(importlib.import_module(name)):
                test()
    except BaseException:  # noqa: BLE001 - whatever it is, it was noticed
        return 1
    return 0


def _calls(module: ModuleType) -> Iterator[Callable[[], object]]:
    """Give every test of a module with each set of its parameters."""
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        if not marks:
            yield test
        for mark in marks:
            names = mark.args[0]
            for values in mark.args[1]:
                one = (names,) if isinstance(names, str) else names
                plain = values.values if isinstance(values, ParameterSet) else values
                given = (plain,) if isinstance(names, str) and values is plain else plain
                yield partial(test, **dict(zip(one, given, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
