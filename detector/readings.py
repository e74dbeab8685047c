"""Readings that physics does not allow, as notices: which counter, what it read, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from detector.facts import Notice
from detector.rules.rule import spell
from features.compute import BYTE_FIELDS, hours
from features.witness import SEVERAL

#: Units of readings that are not shares of one; amounts are told per second.
_UNITS: Final = {
    **dict.fromkeys(("power_w", "power_w_std", "energy_j"), " W"),
    "step_period_s": " seconds",
    **dict.fromkeys(BYTE_FIELDS, " bytes a second"),
}
#: So many names of meters, places and jobs are told of one reading.
NAMED_MOST: Final = 3


def notice(rule_id: str, tenant: str, **values: str | float) -> Notice:
    """Give a notice about one tenant."""
    return Notice(rule_id, "tenant", tenant, (tenant,), dict(values))


def impossible(dropped: pl.DataFrame) -> list[Notice]:
    """Figures that physics does not allow: which counter, what it read, the limit, where, when."""
    return [
        notice(
            "telemetry-impossible",
            row["tenant_id"],
            figure_count=row["figure_count"],
            field=row["field"],
            reading=_reading(row),
            vantage=row["vantage"],
        )
        for row in dropped.iter_rows(named=True)
    ]


def of_several(cells: pl.DataFrame) -> list[Notice]:
    """Power of a node, say, in the place of an accelerator's: no figure rests on it."""
    by_meter = ("tenant_id", SEVERAL, "sku")
    found = (
        cells.filter(pl.col(SEVERAL).is_not_null())
        .group_by(by_meter)
        .agg(pl.len(), pl.col("device_ms").sum())
        .select(*by_meter, "len", hours(pl.col("device_ms")))
        .sort(by_meter)
    )
    return [
        notice(
            "telemetry-impossible",
            tenant,
            figure_count=count,
            field="power_w",
            reading=f"power_w (or energy_j over its time) over {spell(length)} accelerator-hours "
            f"past what one {name} and its part of a node can draw (read by the {vantage})",
            vantage=vantage,
        )
        for tenant, vantage, name, count, length in found.iter_rows()
    ]


def _reading(row: Mapping[str, Any]) -> str:
    """Tell of the readings of one counter, a mean where there are several."""
    unit = _UNITS.get(row["field"], "")
    many = row["figure_count"] > 1
    limit = spell(row["limit"])
    bound = f"at most {limit}{unit}" if row["side"] == "high" else f"{limit}{unit} or more"
    first, last = (
        datetime.fromtimestamp(hour * 3600, UTC) for hour in (row["first_hour"], row["last_hour"])
    )
    until = "" if first == last else f" to that of {last:%Y-%m-%d %H:%M}"
    # Readings are cut where their sum must stay whole, which for bytes is below what is possible;
    # and a reading just past the limit is spelled like it.
    read = spell(row["mean_reading"])
    is_past = row["side"] == "high" and (row["mean_reading"] <= row["limit"] or read == limit)
    read = f"over {limit}" if is_past else read
    return (
        f"{row['field']} {'on the mean ' if many else ''}{read}{unit} where "
        f"{bound} is possible (read by the {row['vantage']} on "
        f"{_few(row['accelerators'], 'unnamed accelerators')}"
        f"{_few(row['places'], '', ' at ')}{_few(row['job_ids'], '', ' in job ')} "
        f"in the hour of {first:%Y-%m-%d %H:%M}{until} UTC)"
    )


def _few(names: Sequence[str], none: str, before: str = "") -> str:
    """Name the first of many."""
    if not names:
        return none
    more = f" and {len(names) - NAMED_MOST} more" if len(names) > NAMED_MOST else ""
    return before + " and ".join(names[:NAMED_MOST]) + more
