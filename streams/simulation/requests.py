"""Real request traces as a swing of load: how rates rise and fall from ten seconds to the next."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from streams.simulation.workload import Workload

Array = np.ndarray
#: Seconds that one value of the traces stands for.
CELL_SECONDS: Final = 10
_CELL_MS: Final = CELL_SECONDS * 1000


class Requests:
    """The swing of each workload's requests about their usual rate, in units of its deviation."""

    def __init__(self, workloads: tuple[Workload, ...]) -> None:
        """Give each workload that requests drive one of the traces, from a place of its own."""
        traces = list(rates().values())
        number = [sum(w.name.encode()) for w in workloads]
        self._driven = np.array([w.load is not None for w in workloads])
        self._trace = np.array([n % len(traces) for n in number], dtype=np.int64)
        self._shift = np.array([n * 7_919 * _CELL_MS for n in number], dtype=np.int64)
        self._sums = [_running(trace) for trace in traces]

    def swing(self, workload: Array, start: Array, end: Array) -> Array:
        """Give the mean swing over each interval; 0 where no requests drive the work."""
        found = np.zeros(len(workload))
        driven = self._driven[workload]
        for number, sums in enumerate(self._sums):
            chosen = np.flatnonzero(driven & (self._trace[workload] == number))
            shift = self._shift[workload[chosen]]
            low, high = start[chosen] + shift, end[chosen] + shift
            found[chosen] = (_until(sums, high) - _until(sums, low)) / (high - low)
        return found


@cache
def rates() -> dict[str, tuple[float, ...]]:
    """Read the traces beside this file: requests in each ten seconds, by the trace's name."""
    text = resources.files(__package__).joinpath("requests.csv").read_text("utf-8")
    found: dict[str, tuple[float, ...]] = {}
    for line in text.splitlines()[1:]:
        name, _, values = line.partition(",")
        found[name] = tuple(float(value) for value in values.split())
    return found


def _running(trace: tuple[float, ...]) -> Array:
    """Give the running integral of a trace about its mean, in milliseconds, forth and back.

    A trace is played forwards, then backwards, so that its ends meet.
    """
    values = np.array(trace)
    swing = (values - values.mean()) / values.std()
    there_and_back = np.concatenate([swing, swing[::-1]])
    running: Array = np.concatenate([[0.0], np.cumsum(there_and_back)]) * _CELL_MS
    return running


def _until(sums: Array, at: Array) -> Array:
    length = (len(sums) - 1) * _CELL_MS
    rounds, rest = np.divmod(at, length)
    cell = rest // _CELL_MS
    share = (rest - cell * _CELL_MS) / _CELL_MS
    found: Array = rounds * sums[-1] + sums[cell] + share * (sums[cell + 1] - sums[cell])
    return found
