"""What was odd while totals were made: unknown hardware, impossible figures, meters at odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from detector.facts import Notice
from detector.policy.near import near
from detector.readings import impossible, notice, of_several
from features.belied import SIGNS
from features.compute import PPB, hours
from features.names import Names
from features.pipeline import Described
from features.witness import HEARSAY

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


def notices(described: Described, names: Names) -> dict[str, tuple[Notice, ...]]:
    """Give the notices of each tenant, of a pipeline run at one hour of knowledge.

    ``names`` are those of the catalogue: what looks like an unknown one is told beside it.
    """
    found = [
        *_unknown_hardware(described, names),
        *impossible(described.impossible),
        *of_several(described.cells),
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
        notice("opening-overlaps", tenant, metered_hours=length)
        for tenant, length in overlaps.iter_rows()
    ] + [
        notice("opening-impossible", tenant, opening_count=count)
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
    for each in found:
        by_tenant.setdefault(each.subject_id, []).append(each)
    return {tenant: tuple(each) for tenant, each in by_tenant.items()}


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
            notice(
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
            notice(
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
        notice(rule_ids[kind], tenant, overlap_hours=length)
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
        notice("vantages-disagree", tenant, bucket_count=count, field=field)
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
            found.append(notice("fraction-belied", row["tenant_id"], **told))
        else:
            told["sign"] = SIGNS[row["sign"]]
            found.append(notice("accelerator-belied", row["tenant_id"], **told))
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
            notice(rule_id, tenant, accelerator_hours=length, **counter)
            for tenant, length in lengths.iter_rows()
        ]
    return found
