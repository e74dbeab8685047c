"""What goes wrong with meters: repeats, late and shuffled arrival, corrections, broken events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from streams.simulation.encode import event_lines
from streams.simulation.scatter import drawn, uniform
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

#: One day's lines before they are sent: when they arrive (milliseconds) and their text.
LINES: Final = pl.Schema({"arrival_ms": pl.Int64, "line": pl.String})


#: How far a board controller's power meter is off, as a deviation. A house belief.
BMC_ERROR: Final = 0.03
#: Tells the numbers drawn here from others of the same resource.
_BMC: Final = 77


@dataclass(frozen=True)
class Mess:
    """How untidy the meters are. Ratios are shares of the events.

    ``second_ratio``: resources with host telemetry whose board controller meters power too.
    """

    duplicate_ratio: float = 0.01
    late_ratio: float = 0.005
    overlap_ratio: float = 0.01
    second_ratio: float = 0.0


def stamp(
    rng: np.random.Generator, readings: pl.DataFrame, workloads: tuple[Workload, ...], mess: Mess
) -> pl.DataFrame:
    """Name each reading and say when it was emitted and when it arrives.

    Most are emitted within minutes of their end, a few up to 36 hours later; arrival order
    differs from emission order by up to ten minutes.
    """
    count = readings.height
    vantage = pl.Series("vantage", [w.vantage for w in workloads], dtype=pl.String)
    delay = rng.exponential(60_000, count) + 5_000
    late = rng.random(count) < mess.late_ratio
    delay[late] += rng.random(int(late.sum())) * 36 * HOUR_MS
    time_ms = readings["end_ms"].to_numpy() + delay.astype(np.int64)
    arrival_ms = time_ms + (rng.random(count) * 600_000).astype(np.int64)
    return (
        readings.with_columns(
            vantage.gather(readings["workload"]),
            pl.Series("time_ms", time_ms),
            pl.Series("arrival_ms", arrival_ms),
            pl.lit("trainwatch.usage.v1").alias("kind"),
        )
        .with_columns(
            pl.concat_str(pl.lit("/provider/meter/"), "vantage").alias("source"),
            pl.concat_str("resource_id", pl.lit("-"), pl.col("start_ms") // 1000).alias("id"),
        )
        .drop("vantage")
    )


def repeat(rng: np.random.Generator, sent: pl.DataFrame, mess: Mess) -> pl.DataFrame:
    """Add the lines that a meter sends twice, an hour later."""
    twice = sent.filter(pl.Series(rng.random(sent.height) < mess.duplicate_ratio))
    return pl.concat([sent, twice.with_columns(pl.col("arrival_ms") + HOUR_MS)])


def overlap(rng: np.random.Generator, stamped: pl.DataFrame, mess: Mess) -> pl.DataFrame:
    """Add a second meter, the bill, that reads some of the same time without telemetry."""
    some = stamped.filter(pl.Series(rng.random(stamped.height) < mess.overlap_ratio))
    telemetry = '"telemetry":'
    again = some.with_columns(
        pl.lit("/provider/meter/bill").alias("source"),
        pl.concat_str(pl.lit("bill-"), "id").alias("id"),
        (pl.col("time_ms") + 30 * 60_000).alias("time_ms"),
        (pl.col("arrival_ms") + 30 * 60_000).alias("arrival_ms"),
        pl.col("data")
        .str.replace_all(f",{telemetry}.*$", "}")
        .str.replace('"vantage":"[a-z]+"', '"vantage":"bill"'),
    )
    return pl.concat([stamped, again])


def second(stamped: pl.DataFrame, mess: Mess) -> pl.DataFrame:
    """Give what the board controllers of some nodes tell: power alone, a little off."""
    key = stamped["resource_key"].to_numpy()
    off = pl.Series("off", 1.0 + BMC_ERROR * drawn(key, _BMC + 1))
    chosen = pl.Series(uniform(key, _BMC) < mess.second_ratio)
    power = (pl.col("power_w") * off).round(1).cast(pl.String)
    told = pl.concat_str(pl.lit('"telemetry":{"power_w":'), power, pl.lit("}}"))
    return (
        stamped.with_columns(told=told)
        .filter(
            chosen
            & pl.col("power_w").is_not_null()
            & pl.col("data").str.contains('"vantage":"host"', literal=True)
        )
        .with_columns(
            pl.lit("/provider/meter/bmc").alias("source"),
            pl.concat_str(pl.lit("bmc-"), "id").alias("id"),
            pl.col("data")
            .str.replace('"telemetry":.*$', pl.col("told"))
            .str.replace('"vantage":"host"', '"vantage":"bmc"', literal=True),
        )
        .drop("told")
    )


def correct(stamped: pl.DataFrame, day_ms: int) -> pl.DataFrame:
    """Correct the day's first reading to half its time; void its last. Both are events."""
    picked = stamped.sort("id").select("id", "source", "time_ms", "data")
    if picked.height < 2:
        return pl.DataFrame(schema=LINES)
    first, last = picked.row(0, named=True), picked.row(-1, named=True)
    shorter = json.loads(first["data"])
    begin, end = (datetime.fromisoformat(shorter[name]) for name in ("start", "end"))
    middle = begin + (end - begin) / 2
    shorter["end"] = middle.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    rows = [_correction(first, shorter, day_ms), _correction(last, None, day_ms)]
    return pl.DataFrame(rows).select("arrival_ms", event_lines().alias("line"))


def broken(day_ms: int, sample: str) -> pl.DataFrame:
    """Give one event of each common kind of breakage; ``sample`` is a sound usage line."""
    event = json.loads(sample)
    lines = [
        sample[: len(sample) // 2],
        "not an event at all",
        _with(event, "broken-type", accelerator_count="eight", accelerator="H100"),
        _with(event, "broken-interval", end=event["data"]["start"]),
        _with(event, "broken-instant", start="2026-11-01 10:00"),
        _with(event, "broken-fraction", partition_fraction=1.5),
        _without(event, "broken-tenant", "tenant_id"),
        json.dumps({**event, "id": "broken-kind", "type": "trainwatch.usage.v9"}),
        json.dumps({**event, "data": {**event["data"], "region": "somewhere-else"}}),
    ]
    return pl.DataFrame(
        {"arrival_ms": [day_ms + DAY_MS // 2 + 7 * HOUR_MS] * len(lines), "line": lines},
        schema=LINES,
    )


def _correction(row: dict[str, Any], replacement: object, day_ms: int) -> dict[str, Any]:
    data = {
        "original_id": row["id"],
        "original_source": row["source"],
        "original": json.loads(row["data"]),
        "replacement": replacement,
    }
    return {
        "source": "/provider/billing",
        "id": f"correction-{row['id']}",
        "kind": "trainwatch.usage.correction.v1",
        "time_ms": row["time_ms"] + 6 * HOUR_MS,
        "arrival_ms": max(row["time_ms"], day_ms) + 6 * HOUR_MS,
        "data": json.dumps(data, separators=(",", ":")),
    }


def _with(event: dict[str, Any], identity: str, **fields: object) -> str:
    return json.dumps({**event, "id": identity, "data": {**event["data"], **fields}})


def _without(event: dict[str, Any], identity: str, field: str) -> str:
    data = {name: value for name, value in event["data"].items() if name != field}
    return json.dumps({**event, "id": identity, "data": data})
