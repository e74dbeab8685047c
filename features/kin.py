"""A dead counter of a matrix pipe, and what its sound neighbours say that it did not count.

The nodes of one training run work in step: where a pipe reads nothing on devices that draw the
power, or show the use, of devices of the same run whose pipes are counted, the counter is dead and
the pipe is expected to have worked like theirs, in proportion to power (to use, where no power was
metered). A pipe that truly rests, as in a stall or an evaluation, draws clearly less. Where theirs
hardly work there is nothing to tell.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.physics import Physics, other_pipes
from features.resting import PIPE, POWER, SHARE, USE

_BOUNDS: Final = ("", ".least", ".most")
#: Steps of the whole numbers that are added up over a run, so that no order of rows matters.
_STEPS: Final = 1e6
_POOL: Final = ("work", "sku")
#: What a device shows beside its pipes.
KINDS: Final = ("power", "use")


def beside_kin(cells: pl.DataFrame, physics: Physics) -> pl.DataFrame:
    """Tell dead counters of the matrix pipe from sound ones, within each cell and run.

    Reads the rates and what ``witness`` tells of them. Adds ``dead_ratio``, the share of the
    counted time in which the counter was dead; ``pipe``, ``pipe.least`` and ``pipe.most``, the
    activity that the rest of it shows; and ``kin_pipe``, the activity that sound neighbours expect
    of the dead part, null where there is none.
    """
    if cells.filter(pl.col(SHARE) > 0).is_empty():
        return cells.with_columns(
            *[pl.col(f"{PIPE}{bound}").alias(f"pipe{bound}") for bound in _BOUNDS],
            dead_ratio=pl.lit(0.0),
            kin_pipe=pl.lit(None, pl.Float64),
        )
    names = ("sound", "rest_pipe", "power_of_rest", "use_of_rest", "power_of_sound", "use_of_sound")
    told = cells.with_columns(**_levels(physics)).with_columns(**_pooled())
    told = told.with_columns(**_judged(physics))
    sound = 1.0 - pl.col("dead_ratio")
    return told.with_columns(
        pl.when((pl.col("dead_ratio") > 0) & (sound > 0))
        .then((pl.col(f"{PIPE}{bound}") / sound).clip(0.0, 1.0))
        .otherwise(f"{PIPE}{bound}")
        .alias(f"pipe{bound}")
        for bound in _BOUNDS
    ).drop(*names, *_pooled())


def _levels(physics: Physics) -> dict[str, pl.Expr]:
    """Busy power and use of the readings at rest, and of all others of the cell.

    Where some of a cell's readings are at rest only what the same events show tells them apart from
    the others; where all are, or none, any vantage of the provider does.
    """
    rest = pl.col(SHARE).fill_null(0.0)
    idle = _by_meter(physics.idle_wall_power_ratio, physics.idle_power_ratio)
    rated = pl.when(pl.col("tdp_w") > 0).then(pl.col("tdp_w"))
    whole = {
        "power": pl.when("is_power_trusted").then(pl.col("power_ratio") - idle),
        "use": pl.when("is_activity_trusted").then("activity"),
    }
    at_rest = {"power": pl.col(POWER) / rated - idle, "use": pl.col(USE)}
    use = pl.when(pl.col("sm_active").is_not_null()).then("sm_active.trust")
    trust = {"power": pl.col("power_w.trust"), "use": use.otherwise("gpu_util.trust")}
    metered = {"power": pl.col("power_w"), "use": pl.col("activity")}
    is_same = {n: metered[n].is_not_null() & (trust[n] == pl.col(f"{PIPE}.trust")) for n in KINDS}
    own = pl.col("are_counters_trusted").fill_null(value=False) & pl.col("is_run")
    sound = pl.when(own & (rest < 1.0)).then(1.0 - rest)
    others = {n: ((whole[n] - rest * at_rest[n]) / sound).clip(lower_bound=0.0) for n in KINDS}
    return {
        "sound": sound * pl.col("device_ms") * pl.col("spoken_counters"),
        "rest_pipe": pl.col(PIPE) / sound,
        **{
            f"{n}_of_rest": pl.when(rest >= 1.0).then(whole[n]).when(is_same[n]).then(at_rest[n])
            for n in KINDS
        },
        **{
            f"{n}_of_sound": pl.when(rest <= 0.0).then(whole[n]).when(is_same[n]).then(others[n])
            for n in KINDS
        },
    }


def _by_meter(wall: float, board: float) -> pl.Expr:
    return pl.when(pl.col("is_wall_power").fill_null(value=False)).then(wall).otherwise(board)


def _pooled() -> dict[str, pl.Expr]:
    """Sums over the sound readings of a run on one kind of accelerator, in whole numbers."""
    sums = {}
    for name in KINDS:
        level = pl.col(f"{name}_of_sound")
        told = pl.when(level.is_not_null() & (pl.col("sound") > 0))
        of_time = {"time": pl.lit(1.0), "level": level, "pipe": pl.col("rest_pipe")}
        for what, value in (of_time | {"others": other_pipes()}).items():
            whole = (told.then(value * pl.col("sound")) * _STEPS).round().cast(pl.Int128)
            sums[f"{name}.kin_{what}"] = whole.sum().over(_POOL).cast(pl.Float64)
    return sums


def _judged(physics: Physics) -> dict[str, pl.Expr]:
    """Whether the readings at rest look like those of sound neighbours, and what these expect."""
    working = {
        "power": _by_meter(
            physics.working_wall_power_ratio - physics.idle_wall_power_ratio,
            physics.working_power_ratio - physics.idle_power_ratio,
        ),
        "use": pl.lit(physics.working_use_ratio),
    }
    expected, alike = {}, {}
    for name in KINDS:
        rest = pl.col(f"{name}_of_rest")
        time, level = pl.col(f"{name}.kin_time"), pl.col(f"{name}.kin_level")
        usual = pl.when((time > 0) & (level > 0)).then(level / time)
        is_other_work = ~(physics.is_other_work_little() | _is_others_alike(name, physics))
        works_alike = (rest > working[name]) & (rest >= physics.alike_ratio * usual)
        alike[name] = works_alike & ~is_other_work
        expected[name] = (rest * pl.col(f"{name}.kin_pipe") / (usual * time)).clip(0.0, 1.0)
    told = pl.coalesce("are_counters_trusted", pl.lit(value=False)) & pl.col("is_run")
    heard = told & (pl.col(SHARE) > 0)
    has_power = alike["power"].is_not_null()
    dead = pl.when(has_power).then(alike["power"]).otherwise(alike["use"])
    by = pl.when(has_power).then(expected["power"]).otherwise(expected["use"])
    is_dead = (heard & dead & (by > physics.pipe_over_use_ratio)).fill_null(value=False)
    return {
        "dead_ratio": pl.when(is_dead).then(pl.col(SHARE).clip(0.0, 1.0)).otherwise(0.0),
        "kin_pipe": pl.when(is_dead).then(by),
    }


def _is_others_alike(name: str, physics: Physics) -> pl.Expr:
    """Say whether other pipes do what those of sound neighbours do, whose matrix pipe does more.

    Training keeps the 32-bit pipe at work too; what is alike does not tell the devices apart.
    """
    time = pl.when(pl.col(f"{name}.kin_time") > 0).then(f"{name}.kin_time")
    usual, pipe = (pl.col(f"{name}.kin_{what}") / time for what in ("others", "pipe"))
    is_alike = usual + physics.other_pipes_rest_ratio >= other_pipes()
    return is_alike & (other_pipes() + physics.pipe_over_use_ratio < pipe)
