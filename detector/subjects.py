"""Sums to facts: one ``SubjectFacts`` per run, tenant or owner that anybody needs to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from detector.facts import Curve, Interval, Scope, StatusFinding, SubjectFacts
from detector.ledger import curves, sums

_METHODS: Final = {
    "counters": "pipe counters of a vantage the provider controls",
    "utilisation": "how busy the accelerators were, without pipe counters",
    "power": "power drawn, without counters",
    "allocation": "the allocation alone: device time, catalogue peak and the published utilisation",
}
_BOUNDS: Final = ("low", "expected", "high")


@dataclass(frozen=True)
class Person:
    """What the ownership stage says of one subject."""

    status: StatusFinding
    headquarters: tuple[tuple[str, str], ...] = ()
    owner_ids: tuple[str, ...] = ()
    biological_share_ratio: float | None = None


#: Who a subject is, by scope, id, the tenants it is made of and the first and last of its work.
WhoIs = Callable[[Scope, str, tuple[str, ...], tuple[datetime, datetime]], Person]


@dataclass(frozen=True)
class View:
    """One scope at one hour of knowledge.

    ``cells``: the scope's cells (ledger.spread) of that hour alone; ``reasons``: the classifier's
    sentences by workload; ``as_of``: the instant the computation pretends it is.
    """

    scope: Scope
    as_of: datetime
    cells: pl.DataFrame
    reasons: Mapping[str, tuple[str, ...]]


def subjects(view: View, who_is: WhoIs) -> list[SubjectFacts]:
    """Give the facts of every subject of a view, by id."""
    totals = sums(view.cells)
    grown = {
        key[0]: frame for key, frame in curves(view.cells).partition_by("id", as_dict=True).items()
    }
    parts = {key[0]: frame for key, frame in view.cells.partition_by("id", as_dict=True).items()}
    return [
        _facts(view, row, parts[row["id"]], _curve(grown[row["id"]]), who_is)
        for row in totals.sort("id").iter_rows(named=True)
    ]


def _facts(
    view: View, row: Mapping[str, Any], cells: pl.DataFrame, curve: Curve, who_is: WhoIs
) -> SubjectFacts:
    tenants = tuple(row["tenant_ids"])
    first, last = _instant(row["first_start_ms"]), _instant(row["last_end_ms"])
    person = who_is(view.scope, row["id"], tenants, (first, last))
    runs = cells.filter(pl.col("training_operations_high") > 0)["run_id"].unique().sort()
    seconds = row["device_ms"] / 1000
    return SubjectFacts(
        scope=view.scope,
        subject_id=row["id"],
        as_of=view.as_of,
        tenant_ids=tenants,
        training_run_ids=tuple(runs),
        cluster_ids=tuple(cells["cluster_id"].drop_nulls().unique().sort()),
        accelerator_hours=row["accelerator_hours"],
        peak_operations=row["peak_operations"],
        operations=_interval(row, "operations"),
        hardware_operations_expected=row["hardware_operations_expected"],
        training=_interval(row, "training_operations"),
        training_probability=row["training_probability"],
        first_start=first,
        last_end=last,
        curve=curve,
        person_status=person.status,
        headquarters=person.headquarters,
        owner_ids=person.owner_ids,
        accelerators=_accelerators(cells),
        methods=_methods(row, seconds),
        contributions=_contributions(cells, view.reasons),
        cluster_peak_operations_per_second=_cluster_peak(cells),
        silent_ratio=row["seconds_allocation"] / seconds if seconds else 0.0,
        biological_share_ratio=person.biological_share_ratio,
    )


def _interval(row: Mapping[str, Any], name: str) -> Interval:
    low, expected, high = (row[f"{name}_{bound}"] for bound in _BOUNDS)
    return Interval(min(low, expected), expected, max(expected, high))


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _curve(frame: pl.DataFrame) -> Curve:
    ends = tuple(_instant(ms) for ms in frame["end_ms"])
    low, expected, high = (tuple(frame[bound]) for bound in _BOUNDS)
    return Curve(ends, low, expected, high)


def _accelerators(cells: pl.DataFrame) -> tuple[tuple[str, float], ...]:
    name = pl.coalesce("sku", "accelerator", "instance_type", pl.lit("unknown"))
    hours = cells.group_by(name=name).agg(hours=pl.col("device_ms").sum() / 3_600_000).sort("name")
    return tuple(hours.iter_rows())


def _methods(row: Mapping[str, Any], seconds: float) -> tuple[str, ...]:
    if not seconds:
        return ()
    shares = {method: row[f"seconds_{method}"] / seconds for method in _METHODS}
    return tuple(
        f"{share:.1%} of the device time rests on {_METHODS[method]}."
        for method, share in sorted(shares.items(), key=lambda item: -item[1])
        if share > 0
    )


def _contributions(cells: pl.DataFrame, reasons: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The reasons of the workload that did most of the work."""
    largest = (
        cells.group_by("workload")
        .agg(pl.col("operations_expected").sum())
        .sort("operations_expected", "workload", descending=[True, False])
    )
    return reasons.get(largest["workload"][0], ()) if largest.height else ()


def _cluster_peak(cells: pl.DataFrame) -> float:
    """Most operations per second, at the peak, of one cluster on one site in one bucket."""
    width = pl.col("width_hours").cast(pl.Float64) * 3600
    rates = (
        cells.filter(pl.col("cluster_id").is_not_null())
        .group_by("cluster_id", "site_id", "bucket")
        .agg(rate=(pl.col("peak_operations") / width).sum())
    )
    return max(rates["rate"].to_list(), default=0.0)
