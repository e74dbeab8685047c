"""What was odd while totals were made: unknown hardware, impossible figures, meters at odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from detector.facts import Notice
from detector.policy.near import near
from detector.rules.rule import spell
from features.belied import SIGNS
from features.compute import BYTE_FIELDS, PPB, hours
from features.names import Names
from features.pipeline import Described
from features.witness import HEARSAY, SEVERAL

#: The rule that tells of each of features.witness.CONFLICTS, and of what a guest states.
AT_ODDS: Final = {
    "pipe_at_rest": "counters-contradicted",
    "pipe_at_idle_power": "counters-without-power",
    "use_below_pipe": "use-contradicted",
    "power_and_energy": "power-contradicted",
    "power_above_use": "counters-contradicted",
    HEARSAY: "counters-contradicted",
}
#: The counter that a conflict speaks against, where its rule does not say.
COUNTERS: Final = {
    "pipe_at_rest": "tensor_active",
    "power_above_use": "tensor_active with sm_active or gpu_util",
    HEARSAY: "every counter that the guest states",
}

#: Units of readings that are not shares of one; amounts are told per second.
_UNITS: Final = {
    **dict.fromkeys(("power_w", "power_w_std", "energy_j"), " W"),
    "step_period_s": " seconds",
    **dict.fromkeys(BYTE_FIELDS, " bytes a second"),
}
#: So many names of meters, places and jobs are told of one reading.
NAMED_MOST: Final = 3


def notices(described: Described, names: Names) -> dict[str, tuple[Notice, ...]]:
    """Give the notices of each tenant, of a pipeline run at one hour of knowledge.

    ``names`` are those of the catalogue: what looks like an unknown one is told beside it.
    """
    found = [
        *_unknown_hardware(described, names),
        *_impossible(described.impossible),
        *_of_several(described.cells),
        *_disputes(described.disputes),
        *_disagreements(described),
        *_at_odds(described.cells),
        *_belied(described.belied),
    ]
    return _by_tenant(found)


def opening_notices(cells: pl.DataFrame) -> dict[str, tuple[Notice, ...]]:
    """Give the notices about openings of each tenant, of the tenant ledger's cells."""
    if "known_ppb_ms" not in cells.columns:
        return {}
    stated = cells.filter(pl.col("opened_ms").is_not_null()).sort("tenant_id", "workload")
    overlaps = stated.filter(pl.col("known_ppb_ms") > 0).select(
        "tenant_id", hours((pl.col("known_ppb_ms") // PPB).cast(pl.Float64))
    )
    impossible = stated.filter("is_impossible").group_by("tenant_id", maintain_order=True).len()
    found = [
        _notice("opening-overlaps", tenant, metered_hours=length)
        for tenant, length in overlaps.iter_rows()
    ] + [
        _notice("opening-impossible", tenant, opening_count=count)
        for tenant, count in impossible.iter_rows()
    ]
    return _by_tenant(found)


def both(
    one: Mapping[str, tuple[Notice, ...]], other: Mapping[str, tuple[Notice, ...]]
) -> dict[str, tuple[Notice, ...]]:
    """Put notices of each tenant together."""
    return {tenant: one.get(tenant, ()) + other.get(tenant, ()) for tenant in {**one, **other}}


def _by_tenant(found: list[Notice]) -> dict[str, tuple[Notice, ...]]:
    by_tenant: dict[str, list[Notice]] = {}
    for notice in found:
        by_tenant.setdefault(notice.subject_id, []).append(notice)
    return {tenant: tuple(each) for tenant, each in by_tenant.items()}


def _notice(rule_id: str, tenant: str, **values: str | float) -> Notice:
    return Notice(rule_id, "tenant", tenant, (tenant,), dict(values))


def _unknown_hardware(described: Described, names: Names) -> list[Notice]:
    """Accelerators that the catalogue does not hold, by the name that was metered."""
    unknown = described.cells.filter(~pl.col("is_known") & pl.col("accelerator").is_not_null())
    by_accelerator = (
        unknown.group_by("tenant_id", "accelerator")
        .agg(pl.col("device_ms", "resource_ms").sum())
        .select("tenant_id", "accelerator", hours(pl.col("device_ms", "resource_ms")))
        .sort("tenant_id", "accelerator")
    )
    most = _largest_peak(names.accelerators) * 3600.0
    return [
        *_unlisted(described, names, most),
        *(
            _notice(
                "accelerator-unknown",
                tenant,
                accelerator=name,
                accelerator_hours=device_hours,
                operations_at_most=device_hours * most,
                resource_hours=resource_hours,
                **_alike(name, names.accelerators),
            )
            for tenant, name, device_hours, resource_hours in by_accelerator.iter_rows()
        ),
    ]


def _unlisted(described: Described, names: Names, most: float) -> list[Notice]:
    """Instance types that are unknown, and such as have no accelerators where some were metered.

    ``most``: operations of the fastest accelerator in an hour.
    """
    key = ("tenant_id", "instance_type")
    lengths = pl.col("device_ms", "resource_ms", "counted_ms").fill_null(0)
    by_type = (
        described.cells.filter(pl.col("accelerator").is_null() & pl.col("sku").is_null())
        .group_by(*key, "is_known")
        .agg(pl.col("device_ms", "resource_ms").sum())
        .join(described.counted.drop("as_of"), on=key, how="left")
        .select(*key, "is_known", hours(lengths))
        .sort(key)
    )
    found = []
    for tenant, name, is_known, stated, length, counted in by_type.iter_rows():
        if is_known and stated == counted == 0:
            continue
        told = min(counted, length) if is_known else length
        found.append(
            _notice(
                "accelerators-unlisted" if is_known else "instance-type-unknown",
                tenant,
                instance_type=name,
                resource_hours=length,
                counted_hours=min(counted, length),
                accelerator_hours=stated,
                operations_each=told * most,
                operations_stated=stated * most,
                **({} if is_known else _alike(name, names.instances)),
            )
        )
    return found


def _largest_peak(catalogue: pl.DataFrame) -> float:
    """Give the most operations a second of any accelerator at any precision, dense; 0 for none."""
    peaks = catalogue.select(pl.max_horizontal(pl.col("^peak_.*$")).max()).item()
    return float(peaks or 0.0)


def _alike(name: str, catalogue: pl.DataFrame) -> dict[str, str]:
    """Name catalogue entries that start like an unknown one; they are shown and never used."""
    found = near(name, catalogue["alias_key"].unique())
    return {"similar_names": f"{name}: {', '.join(found)}"} if found else {}


def _impossible(dropped: pl.DataFrame) -> list[Notice]:
    """Figures that physics does not allow: which counter, what it read, the limit, where, when."""
    return [
        _notice(
            "telemetry-impossible",
            row["tenant_id"],
            figure_count=row["figure_count"],
            field=row["field"],
            reading=_reading(row),
            vantage=row["vantage"],
        )
        for row in dropped.iter_rows(named=True)
    ]


def _of_several(cells: pl.DataFrame) -> list[Notice]:
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
        _notice(
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


def _disputes(disputes: pl.DataFrame) -> list[Notice]:
    rule_ids = {"device_count": "device-counts-disagree", "tenant": "tenants-disagree"}
    overlaps = (
        disputes.explode("tenant_ids")
        .group_by("kind", "tenant_ids")
        .agg(pl.col("disputed_ms").sum())
        .select("kind", "tenant_ids", hours(pl.col("disputed_ms")))
        .sort("kind", "tenant_ids")
    )
    return [
        _notice(rule_ids[kind], tenant, overlap_hours=length)
        for kind, tenant, length in overlaps.iter_rows()
    ]


def _disagreements(described: Described) -> list[Notice]:
    """Buckets in which two vantages of one resource gave different figures."""
    tenants = described.specs.select("strand", "tenant_id")
    found = (
        described.disagreements.join(tenants, on="strand", how="left")
        .group_by("tenant_id", "field")
        .len()
        .sort("tenant_id", "field")
    )
    return [
        _notice("vantages-disagree", tenant, bucket_count=count, field=field)
        for tenant, field, count in found.iter_rows()
    ]


def _belied(rows: pl.DataFrame) -> list[Notice]:
    """Hardware that its own events belie: another chip than named, more of a device than told."""
    found = []
    for row in rows.iter_rows(named=True):
        told: dict[str, str | float] = {
            "accelerator": row["accelerator"],
            "accelerator_hours": row["accelerator_hours"],
            "operations_at_most": row["operations"],
        }
        if row["sign"] == "fraction":
            told["whole_accelerator_hours"] = row["whole_hours"]
            found.append(_notice("fraction-belied", row["tenant_id"], **told))
        else:
            told["sign"] = SIGNS[row["sign"]]
            found.append(_notice("accelerator-belied", row["tenant_id"], **told))
    return found


def _at_odds(cells: pl.DataFrame) -> list[Notice]:
    """Device time over which figures cannot all be true, by which of them it is."""
    found = []
    for conflict, rule_id in AT_ODDS.items():
        # a dead counter may be one of several; all other figures are means over all devices
        share = pl.col("odds_ratio") if conflict == "pipe_at_rest" else pl.lit(1.0)
        lengths = (
            cells.filter(conflict)
            .group_by("tenant_id")
            .agg((pl.col("device_ms") * share).round().cast(pl.Int64).sum())
            .select("tenant_id", hours(pl.col("device_ms")))
            .sort("tenant_id")
        )
        counter = {"counter": COUNTERS[conflict]} if conflict in COUNTERS else {}
        found += [
            _notice(rule_id, tenant, accelerator_hours=length, **counter)
            for tenant, length in lengths.iter_rows()
        ]
    return found
