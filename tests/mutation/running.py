"""One mutant in a process of its own: the module is replaced and its tests are called."""

from __future__ import annotations

import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from types import ModuleType

from _pytest.mark import Mark, ParameterSet
from hypothesis import HealthCheck, settings

from tests.mutation.mutants import Mutant

#: A mutant that computes longer, or takes more memory, has been noticed. The clock on the wall is
#: no limit, for a slow neighbour must not make a mutant look noticed.
SECONDS_MAX = 15
MEMORY_MAX = 4 << 30
PROCESSES = 2

settings.register_profile(
    "mutation",
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutation")


def survivors(module: str, killers: Sequence[str], found: Sequence[Mutant]) -> Iterator[str]:
    """Give the names of those mutants of a module that none of the tests notices."""
    for name in killers:
        importlib.import_module(name)  # what they use from outside is loaded once
    running: dict[int, str] = {}
    waiting = list(found)
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            mutant = waiting.pop(0)
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                os._exit(_is_noticed(module, killers, mutant))
            running[child] = mutant.name
        child, status = os.wait()
        name = running.pop(child)
        if status == 0:
            print(f"{module}: {name}", file=sys.stderr, flush=True)
            yield name


def _is_noticed(module: str, killers: Sequence[str], mutant: Mutant) -> int:
    """Replace the module and call the tests; 1 where one of them fails, in a child process."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        # Whoever took a name from the module before has to take it again.
        for name in [each for each in sys.modules if each.startswith(("detector.", "tests."))]:
            del sys.modules[name]
        broken = ModuleType(module)
        broken.__package__ = module.rpartition(".")[0]
        sys.modules[module] = broken
        exec(compile(mutant.source, module, "exec"), broken.__dict__)  # noqa: S102 - our own text
        for name in killers:
            for test in _calls(importlib.import_module(name)):
                test()
    except BaseException:  # noqa: BLE001 - whatever it is, it was noticed
        return 1
    return 0


def _calls(module: ModuleType) -> Iterator[Callable[[], object]]:
    """Give every test of a module with each set of its parameters."""
    for name, test in list(vars(module).items()):
        if name.startswith("test_"):
            marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
            for given in product(*(_parameters(mark) for mark in marks)):
                yield partial(test, **{each: value for one in given for each, value in one.items()})


def _parameters(mark: Mark) -> Iterator[dict[str, object]]:
    """Give what one ``parametrize`` passes in each of its cases, by name."""
    names = mark.args[0]
    for values in mark.args[1]:
        if isinstance(names, str) and "," not in names:
            plain = values.values if isinstance(values, ParameterSet) else (values,)
            yield {names: plain[0]}
        else:
            plain = values.values if isinstance(values, ParameterSet) else values
            each = [one.strip() for one in names.split(",")] if isinstance(names, str) else names
            yield dict(zip(each, plain, strict=True))
