"""What the work truly does: the mean of each figure over given intervals, before it is metered.

Every random number is a hash of the seed, the workload (or resource) and a cell of time, so that
the same instant is the same whatever the cadence, the order of play or the length of a block.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from streams.simulation.allocation import peak_hour
from streams.simulation.families import LEVELS
from streams.simulation.parallel import physics
from streams.simulation.requests import Requests
from streams.simulation.scatter import drawn, mean_scatter, mixed, variance
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

Array = np.ndarray
#: Figures that rise and fall with the load; the others keep their level.
LIVELY: Final = (
    *("tensor", "gpu_util", "sm", "dram", "fp64", "fp32", "power"),
    *("nvlink", "fabric", "storage", "sync"),
)
#: Traffic to the outside: what answers goes with the load, the rest (logs, uploads, packages) does
#: not, and goes on while the work stalls.
OUTWARD: Final = ("ingress", "egress")
#: Power follows the load less than in proportion: what idles keeps drawing. A house belief.
POWER_FOLLOWS: Final = 0.7
#: The least load that is left in the quietest hour, over the usual one. A house belief.
QUIETEST: Final = 0.02
#: Deviation of request rates over ten seconds, over their mean, in the traces of ``requests.csv``.
TRACE_SWING: Final = 0.25
#: Hour of the day (UTC) at which it is warmest, and cells of time in which a node is throttled.
WARMEST_HOUR: Final = 15
THROTTLE_GRAIN: Final = 6 * HOUR_MS
#: Tells a node's own unevenness from its other random numbers, and a workload's traffic outwards.
UNEVEN: Final = 1_000_003
ASIDE: Final = 2_000_003
#: Days since Monday of the first day of the epoch, and of Saturday.
EPOCH_WEEKDAY: Final = 3
SATURDAY: Final = 5
#: Cells of time in which fast and slow scatter are drawn, in milliseconds.
FAST_GRAINS: Final = (2_000, 15_000)
SLOW_GRAINS: Final = (20 * 60_000, 3 * HOUR_MS, DAY_MS)


class Behaviour:
    """The true figures of one cloud's workloads over time."""

    def __init__(self, seed: int, workloads: tuple[Workload, ...]) -> None:
        """Lay the plans' constants out as arrays."""
        levels = np.array([w.levels for w in workloads]).reshape(len(workloads), len(LEVELS))
        self._levels = dict(zip(LEVELS, levels.T, strict=True))
        self._start = np.array([w.start_ms for w in workloads], dtype=np.int64)
        self._peak_hour = np.array([peak_hour(w.name) for w in workloads])
        self._key = mixed(np.arange(len(workloads), dtype=np.uint64), seed)
        self._rhythms = _laid_out(workloads)
        self._stalls = _Stalls(workloads)
        self._idle = np.array([w.hardware.idle_w / w.hardware.tdp_w for w in workloads])
        self._nodes: dict[str, float] = physics()["nodes"]
        self._weekend_loss: float = physics()["load"]["weekend_loss"]
        self._outside: dict[str, float] = physics()["outside"]
        self._answers = np.array([w.answers for w in workloads])
        self._request_driven = np.array([w.load is not None for w in workloads])
        self._requests = Requests(workloads)

    def during(
        self, workload: Array, resource: Array, start: Array, end: Array
    ) -> dict[str, Array]:
        """Give each figure of ``LEVELS``, its mean over each interval, as an array.

        ``workload`` numbers the plans, ``resource`` numbers the allocations, ``start`` and ``end``
        are milliseconds.
        """
        level = {name: values[workload] for name, values in self._levels.items()}
        busy = self._busy(level, workload, resource, start, end)
        for name in LIVELY:
            if name != "power":
                level[name] = level[name] * busy
        idle = self._idle[workload]
        level["power"] = np.maximum(level["power"], idle)
        level["power"] = idle + (level["power"] - idle) * (1 + POWER_FOLLOWS * (busy - 1))
        for period, part, offset, factors in self._rhythms:
            since = self._start[workload] + offset[workload]
            share = _covered(end - since, period[workload], part[workload])
            share = share - _covered(start - since, period[workload], part[workload])
            share = share / (end - start)
            for name, factor in factors.items():
                level[name] = level[name] * (1 + (factor[workload] - 1) * share)
        self._uneven(level, workload, resource, start, end)
        working = 1.0 - self._stalls.share(workload, start, end)
        for name in LIVELY:
            rest = idle if name == "power" else 0.0
            level[name] = rest + (level[name] - rest) * working
        self._send(level, workload, start, end, busy * working)
        return level

    def _send(
        self, level: dict[str, Array], workload: Array, start: Array, end: Array, busy: Array
    ) -> None:
        """Let answers go out with the load, and what else leaves or comes at times of its own.

        Both scatter by themselves (lognormal, so that what scatters widely comes in bursts).
        """
        answers = self._answers[workload]
        for number, name in enumerate(OUTWARD):
            own = mixed(self._key[workload], ASIDE + number)
            scatter = mean_scatter(own, start, end, SLOW_GRAINS)
            spread = variance(end - start, SLOW_GRAINS) / 2
            shares = (answers * busy, 1.0 - answers)
            sent = np.zeros(len(workload))
            for share, kind in zip(shares, ("answer_scatter", "aside_scatter"), strict=True):
                deviation = self._outside[kind]
                sent += share * np.exp(deviation * scatter - deviation**2 * spread)
            level[name] = level[name] * sent

    def _uneven(
        self, level: dict[str, Array], workload: Array, resource: Array, start: Array, end: Array
    ) -> None:
        """Let nodes differ, some be throttled for hours, and all lose a little in midday heat."""
        facts = self._nodes
        alone = mixed(self._key[workload], resource + UNEVEN)
        hot = mean_scatter(mixed(alone, 1), start, end, (THROTTLE_GRAIN,))
        limit = NormalDist().inv_cdf(1.0 - facts["throttled_ratio"])
        heat = np.cos((start % DAY_MS / HOUR_MS - WARMEST_HOUR) * np.pi / 12)
        speed = 1 - facts["midday_loss"] / 2 * (1 + heat)
        speed = np.where(hot > limit, facts["throttled_speed"], speed)
        own = 1 + facts["speed_spread"] * drawn(alone, 2)
        for name in ("tensor", "sm", "fp64", "fp32"):
            level[name] = level[name] * speed * own
        level["power"] = level["power"] * speed * (1 + facts["power_spread"] * drawn(alone, 3))

    def _busy(
        self, level: dict[str, Array], workload: Array, resource: Array, start: Array, end: Array
    ) -> Array:
        """Give the load over its usual level: hours of the day, and scatter at every time scale.

        The scatter is lognormal: its mean stays 1, and what scatters widely is mostly quiet.
        """
        hour = (start % DAY_MS) / HOUR_MS
        swing = level["diurnal"] * np.cos((hour - self._peak_hour[workload]) * np.pi / 12)
        is_weekend = (start // DAY_MS + EPOCH_WEEKDAY) % 7 >= SATURDAY
        driven = self._request_driven[workload]
        swing = swing - np.where(is_weekend & driven, self._weekend_loss * level["diurnal"], 0.0)
        together = self._key[workload]
        alone = mixed(together, resource.astype(np.uint64))
        in_step = np.sqrt(np.clip(level["sync"], 0.0, 1.0))
        apart = np.sqrt(1.0 - in_step**2)
        scatter = np.zeros(len(workload))
        for key, part in ((together, in_step), (alone, apart)):
            slow = mean_scatter(key, start, end, SLOW_GRAINS)
            fast = mean_scatter(key, start, end, FAST_GRAINS)
            scatter += part * (level["noise"] * slow + level["flicker"] * fast)
        length = end - start
        spread = level["noise"] ** 2 * variance(length, SLOW_GRAINS)
        spread += level["flicker"] ** 2 * variance(length, FAST_GRAINS)
        requests = 1 + TRACE_SWING * self._requests.swing(workload, start, end)
        busy: Array = np.maximum(1 + swing, QUIETEST) * requests * np.exp(scatter - spread / 2)
        return busy


_Slot = tuple[Array, Array, Array, dict[str, Array]]


def _laid_out(workloads: tuple[Workload, ...]) -> list[_Slot]:
    """Give the n-th rhythm of every workload as arrays; a workload without one never beats."""
    slots: list[_Slot] = []
    for number in range(max((len(w.rhythms) for w in workloads), default=0)):
        having = [w.rhythms[number] if number < len(w.rhythms) else None for w in workloads]
        named = {name for each in having if each is not None for name, _ in each.factors}
        factors: dict[str, Array] = {
            name: np.array([1.0 if r is None else dict(r.factors).get(name, 1.0) for r in having])
            for name in LEVELS
            if name in named
        }
        slots.append(
            (
                np.array([1 if r is None else r.period_ms for r in having], dtype=np.int64),
                np.array([0 if r is None else r.part_ms for r in having], dtype=np.int64),
                np.array([0 if r is None else r.offset_ms for r in having], dtype=np.int64),
                factors,
            )
        )
    return slots


def _covered(at: Array, period: Array, part: Array) -> Array:
    """Give the milliseconds before ``at`` that lie in the first part of a period."""
    periods = np.floor_divide(at, period)
    covered: Array = periods * part + np.minimum(at - periods * period, part)
    return covered


class _Stalls:
    """The stalled time of every workload, added up, so that any interval's part is a difference."""

    def __init__(self, workloads: tuple[Workload, ...]) -> None:
        spans = [(n, *span) for n, work in enumerate(workloads) for span in work.stalls]
        flat = np.array(spans, dtype=np.int64).reshape(-1, 3)
        self._begin = flat[:, 0] * _APART + flat[:, 1]
        self._length = flat[:, 2] - flat[:, 1]
        self._before = np.concatenate([[0], np.cumsum(self._length)])

    def share(self, workload: Array, start: Array, end: Array) -> Array:
        """Give the share of each interval in which nothing advances."""
        if not len(self._begin):
            return np.zeros(len(workload))
        stalled = self._until(workload, end) - self._until(workload, start)
        found: Array = stalled / (end - start)
        return found

    def _until(self, workload: Array, at: Array) -> Array:
        key = workload * _APART + at
        place = np.searchsorted(self._begin, key, side="right")
        last = np.maximum(place - 1, 0)
        beyond = np.maximum(self._begin[last] + self._length[last] - key, 0)
        found: Array = self._before[place] - np.where(place > 0, beyond, 0)
        return found


#: More milliseconds than any instant has, so that workloads' instants do not mix.
_APART: Final = 1 << 42
