"""What the telemetry of a cell shows, whose word it is, and which figures cannot all be true."""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PROVIDER_TRUST, WALL_TRUST
from features.physics import Physics, other_pipes
from features.resting import PIPE, POWER, USE
from features.schema import OF_DEVICE

#: Pairs of figures that cannot both be true, by the name of their finding.
CONFLICTS: Final = (
    "pipe_at_rest",
    "pipe_at_idle_power",
    "use_below_pipe",
    "power_and_energy",
    "power_above_use",
)
#: Power that the provider metered, beside counters of a guest that leave it without a cause.
HEARSAY: Final = "power_above_hearsay"
#: Which of the provider's meters read the power of more than one accelerator and its part of the
#: node; null where none did. No figure rests on it.
SEVERAL: Final = "power_of_several"


def witnessed(physics: Physics) -> dict[str, pl.Expr]:
    """Activity levels and the trust in each.

    Reads the rates and the specs. Gives ``power_ratio`` (watts per accelerator over its rated
    watts, null where a meter reads less than any device draws, or more than its part of a node:
    then ``power_of_several``), ``is_bmc_power``, ``is_wall_power`` (that, or more than a board
    draws: whoever read it, host and fans are in it), ``activity`` (the use), the ``*.least`` and
    ``*.most`` of the provider's vantages, and whether counters, activity and power are the
    provider's word.
    """
    watts, watts_trust = _better("power_w", "energy_j")
    busy, busy_trust = _better("sm_active", "gpu_util")
    rated = pl.when(pl.col("tdp_w") > 0).then(pl.col("tdp_w"))
    both_meters = pl.col("power_w.trust") == pl.col("energy_j.trust")
    apart = (pl.col("power_w") - pl.col("energy_j")).abs()
    larger = pl.max_horizontal("power_w", "energy_j")
    least = pl.min_horizontal("power_w.weight", "energy_j.weight")
    together = 2.0 * least >= (1.0 + physics.overlap_ratio) * pl.col("seen_4_ms")
    clash = both_meters & together & (apart > physics.energy_over_power_ratio * larger)
    takes_util = _takes_other("sm_active", "gpu_util")
    drawn = pl.when(clash).then(larger).otherwise(watts) / rated
    return {
        "power_ratio": pl.when(
            drawn.is_between(physics.least_power_ratio, physics.most_power_ratio)
        ).then(drawn),
        SEVERAL: pl.when((drawn > physics.most_power_ratio) & (watts_trust <= PROVIDER_TRUST)).then(
            pl.when(watts_trust == WALL_TRUST).then(pl.lit("bmc")).otherwise(pl.lit("host"))
        ),
        "is_bmc_power": watts_trust == WALL_TRUST,
        "is_wall_power": (watts_trust == WALL_TRUST) | (drawn > physics.board_most_ratio),
        "activity": busy,
        "activity.least": pl.when(takes_util).then("gpu_util.least").otherwise("sm_active.least"),
        "activity.most": pl.when(takes_util).then("gpu_util.most").otherwise("sm_active.most"),
        "are_counters_trusted": pl.col("tensor_active.trust") <= PROVIDER_TRUST,
        "is_activity_trusted": (busy_trust <= PROVIDER_TRUST).fill_null(value=False),
        "is_power_trusted": (watts_trust <= PROVIDER_TRUST).fill_null(value=False),
        "power_and_energy": clash.fill_null(value=False),
    }


def conflicts(physics: Physics) -> dict[str, pl.Expr]:
    """Say which figures of a cell contradict each other.

    Power and use are heard against the pipes only where they are the provider's word, and where
    both were metered at the same time for the most part. Reads what ``witnessed`` and ``spoken``
    give; ``odds_ratio`` is the share of the time in which they cannot be believed. A pipe at rest
    on a device at work may be true of some work, and cannot be told from a dead counter. A device
    that is in use for a share of the time draws no more than that share of its power, and what it
    idles at; where no counter shows the use that the power takes, all of them read low.

    ``is_pipe_confirmed``: of pipe, use and power one alone is at odds with the pipe and the third
    bears the pipe out, so that one lies and the pipe does not read too high for it.
    ``is_kin_heard``: nothing but dead pipe counters is at odds, and sound neighbours tell.
    ``HEARSAY``: the provider meters power alone, and no counter that a guest states accounts for
    it; operations do not rest on such counters, so nothing is opened for it.
    """
    pipe, power = pl.col("pipe"), pl.col("power_ratio")
    working, resting = _power_bounds(physics)
    beside_power = pl.col("is_power_trusted") & _is_beside("power", physics)
    beside_use = pl.col("is_activity_trusted") & _is_beside("utilisation", physics)
    by_power = beside_power & (power > working)
    in_use = pl.col("activity") > physics.working_use_ratio
    dead = _rests(physics) & (by_power | (beside_use & in_use) | _is_at_work(physics))
    is_busy = pipe > physics.pipe_busy_ratio
    told = pl.col("activity").is_not_null()
    unused = _busiest() - pl.col("activity") > physics.pipe_over_use_ratio
    found = {
        "pipe_at_rest": dead,
        "pipe_at_idle_power": beside_power & (is_busy & (power < resting)),
        "use_below_pipe": beside_use & unused,
        "power_above_use": beside_power
        & _is_unexplained(physics, told)
        & ~dead.fill_null(value=False),
    }
    flags = {name: flag.fill_null(value=False) for name, flag in found.items()}
    by_use = beside_use & (pl.col("activity") > physics.pipe_busy_ratio)
    hearsay = _is_power_alone() & _is_unexplained(physics, _has_counters())
    return {**_settled(flags, by_power, by_use), HEARSAY: hearsay.fill_null(value=False)}


def _busiest() -> pl.Expr:
    return pl.max_horizontal("pipe", other_pipes())


def _rests(physics: Physics) -> pl.Expr:
    """Say whether no pipe is at work."""
    return (pl.col("pipe") < physics.pipe_rest_ratio) & physics.is_other_work_little()


def _is_at_work(physics: Physics) -> pl.Expr:
    """Say whether the very events whose pipe rests show a device at work; theirs is one time."""
    rated = pl.when(pl.col("tdp_w") > 0).then(pl.col("tdp_w"))
    is_wall = pl.col(f"{PIPE}.trust") == WALL_TRUST
    drawn = pl.when(is_wall).then(physics.working_wall_power_ratio)
    by_power = pl.col(POWER) / rated > drawn.otherwise(physics.working_power_ratio)
    is_busy = by_power.fill_null(value=False) | (pl.col(USE) > physics.working_use_ratio)
    return (pl.col("are_counters_trusted") & is_busy).fill_null(value=False)


def _is_wall() -> pl.Expr:
    return pl.col("is_wall_power").fill_null(value=False)


def _power_bounds(physics: Physics) -> tuple[pl.Expr, pl.Expr]:
    """Give the power above which a device is at work, and that below which it is idle."""
    working = pl.when(_is_wall()).then(physics.working_wall_power_ratio)
    resting = pl.when(_is_wall()).then(physics.idle_wall_power_ratio)
    return (
        working.otherwise(physics.working_power_ratio),
        resting.otherwise(physics.idle_power_ratio),
    )


def _is_power_alone() -> pl.Expr:
    """Say whether the provider meters power, and neither use nor pipes."""
    return (
        pl.col("is_power_trusted")
        & ~pl.col("is_activity_trusted")
        & ~pl.col("are_counters_trusted").fill_null(value=False)
    )


def _has_counters() -> pl.Expr:
    return pl.any_horizontal(pl.col("pipe", "activity", "dram_active").is_not_null())


def _is_unexplained(physics: Physics, is_told: pl.Expr) -> pl.Expr:
    """Say whether a board draws more than the use that any counter shows would take.

    ``is_told``: whether counters say enough to ask. Of what a host reads at the plug, an idle node
    takes its part, and a board no more than it is rated for.
    """
    shown = pl.max_horizontal(_busiest(), "activity", "gpu_util", "sm_active", "dram_active")
    ratio = pl.col("power_ratio")
    at_plug = (ratio - physics.idle_wall_power_ratio).clip(upper_bound=1.0)
    above_idle = pl.when(_is_wall()).then(at_plug).otherwise(ratio - physics.idle_power_ratio)
    is_bmc = pl.col("is_bmc_power").fill_null(value=False)
    return ~is_bmc & is_told & (above_idle - shown > physics.power_over_use_ratio)


def _settled(flags: dict[str, pl.Expr], by_power: pl.Expr, by_use: pl.Expr) -> dict[str, pl.Expr]:
    """Say whom to believe: ``by_power`` and ``by_use``, whether these bear a busy pipe out."""
    wholly = pl.any_horizontal(list(flags.values()))
    has_dead = pl.col("dead_ratio") > 0
    flags["pipe_at_rest"] |= has_dead
    alone = ~pl.any_horizontal([f for name, f in flags.items() if name != "pipe_at_rest"])
    no_use, no_power = flags["use_below_pipe"], flags["pipe_at_idle_power"]
    borne_out = (no_use & ~no_power & by_power) | (no_power & ~no_use & by_use)
    confirmed = borne_out & ~flags["power_above_use"]
    return {
        **flags,
        "odds_ratio": pl.when(wholly).then(1.0).otherwise("dead_ratio"),
        "is_pipe_confirmed": confirmed.fill_null(value=False),
        "is_kin_heard": has_dead & alone,
    }


def _is_beside(method: str, physics: Physics) -> pl.Expr:
    """Say whether a figure and the pipe counters were surely metered together most of the time."""
    counted, other = pl.col("spoken_counters"), pl.col(f"spoken_{method}")
    common = counted + other - 1.0
    return common >= physics.overlap_ratio * pl.max_horizontal(counted, other)


def spoken() -> dict[str, pl.Expr]:
    """Share of the cell's device time that each method has figures for.

    Use and power speak only as the provider's word; a guest's counters are heard, because they
    may raise a figure. ``is_metered`` says that the provider saw the workload work at some time:
    then a stretch without telemetry is silence.
    """
    return {
        "spoken_counters": _share("seen_1_ms", pl.col("tensor_active").is_not_null()),
        "spoken_utilisation": _share(
            "seen_2_ms", pl.col("is_activity_trusted") & pl.col("activity").is_not_null()
        ),
        "spoken_power": _share(
            "seen_4_ms", pl.col("is_power_trusted") & pl.col("power_ratio").is_not_null()
        ),
        "spoken_allocation": pl.lit(1.0),
    }


def is_metered() -> pl.Expr:
    """Say whether the provider itself saw the workload of a cell at work, at any time."""
    own = pl.col("spoken_counters") * pl.col("are_counters_trusted").fill_null(value=False)
    seen = pl.max_horizontal(own, "spoken_utilisation", "spoken_power") > 0
    return seen.any().over("work")


def is_borne_out() -> pl.Expr:
    """Say whether rest that is read may be believed: by power, or by a meter that ever read work.

    A gauge that reads nothing but zeros of a workload, and no power beside them, looks the same
    whether the devices rest or it is dead. Only meters of the provider bear anything out.
    """
    own = [pl.when(pl.col(f"{field}.trust") <= PROVIDER_TRUST).then(field) for field in OF_DEVICE]
    is_read = (pl.max_horizontal(own) > 0.0).fill_null(value=False)
    return is_read.any().over("work") | (pl.col("spoken_power") > 0.0)


def _share(seen: str, holds: pl.Expr) -> pl.Expr:
    is_seen = (pl.col("device_ms") > 0) & holds
    return pl.when(is_seen).then((pl.col(seen) / pl.col("device_ms")).clip(0.0, 1.0)).otherwise(0.0)


def _better(one: str, other: str) -> tuple[pl.Expr, pl.Expr]:
    """Give the first figure and its trust; the second where only that is the provider's own."""
    takes_other = _takes_other(one, other)
    return (
        pl.when(takes_other).then(other).otherwise(one),
        pl.when(takes_other).then(f"{other}.trust").otherwise(f"{one}.trust"),
    )


def _takes_other(one: str, other: str) -> pl.Expr:
    own = pl.col(f"{one}.trust") <= PROVIDER_TRUST
    other_own = pl.col(other).is_not_null() & (pl.col(f"{other}.trust") <= PROVIDER_TRUST)
    return pl.col(one).is_null() | (~own & other_own).fill_null(value=False)
