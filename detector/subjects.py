"""Sums to facts: one ``SubjectFacts`` per hour and run, tenant or owner that needs a look.

Everything is summed for all hours and subjects at once; only the last step makes one value each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from detector.correlated import ONE_ERROR, Correlations
from detector.documents import share_text
from detector.facts import (
    Curve,
    Interval,
    ListedOwnership,
    MethodEstimate,
    OpeningFacts,
    Place,
    Scope,
    StatusFinding,
    SubjectFacts,
)
from detector.ledger import curves, sums
from detector.openings import FIRST_MS
from detector.peaks import largest_cluster, place_peak, place_peaks
from features.compute import DAY_HOURS, HOUR_MS, PPB, hours
from features.describe import BASES

KEY: Final = ("as_of", "id")
_INSTANT: Final = pl.Datetime("ms", "UTC")
_BASES: Final = {
    "counters": "pipe counters of a vantage the provider controls",
    "utilisation": "how busy the accelerators were, without pipe counters",
    "power": "power drawn, without counters",
    "allocation": "the allocation alone: device time, catalogue peak and the published utilisation",
    "silence": "nothing: work that is metered otherwise was silent, and could have run at the peak",
    "contradiction": "figures that cannot all be true: the interval covers each of them",
}
#: Purchase options that keep capacity allocated whatever becomes of the work.
_RESERVED: Final = ("reserved", "capacity_block")
#: Openings are rows beside the cells: stated, metered by nobody.
_IS_METERED: Final = pl.col("opened_ms").is_null()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BOUNDS: Final = ("low", "expected", "high")


@dataclass(frozen=True)
class Person:
    """What the ownership stage says of one subject."""

    status: StatusFinding
    headquarters: tuple[Place, ...] = ()
    owner_ids: tuple[str, ...] = ()
    listed_owners: tuple[ListedOwnership, ...] = ()
    biological_share_ratio: float | None = None


#: Stretches of work, ascending by their first instants.
Spans = tuple[tuple[datetime, datetime], ...]
#: Who a subject is, by scope, id, the tenants it is made of and the stretches of its work.
WhoIs = Callable[[Scope, str, tuple[str, ...], Spans], Person]


@dataclass(frozen=True)
class Hour:
    """One hour of knowledge: the instant it is called, and who everybody is then."""

    as_of: datetime
    who_is: WhoIs


@dataclass(frozen=True)
class View:
    """One scope at some hours of knowledge.

    ``cells``: the scope's cells (ledger.spread) of those hours; ``hours``: by hour; ``peaks``: the
    pipeline's; ``reasons``: the classifier's sentences by workload, where they are wanted.
    ``correlations``: how far the errors of different workloads go together. ``unmetered_hours``:
    billed to the tenants of a view of one subject, and seen by no meter of the provider.
    """

    scope: Scope
    cells: pl.DataFrame
    hours: Mapping[int, Hour]
    peaks: pl.DataFrame
    correlations: Correlations = ONE_ERROR
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmetered_hours: float = 0.0


def subjects(view: View) -> Iterator[tuple[int, SubjectFacts]]:
    """Give (hour, facts) of every subject of a view, by hour and id."""
    cells = view.cells
    if cells.height == 0:
        return
    rows = sums(cells, view.correlations)
    grown = _curves(curves(cells, view.correlations))
    found = (_names(cells), _stretches(cells), _accelerators(cells), _openings(cells))
    for part in (grown, *found, _reserved(cells), place_peaks(cells, view.peaks)):
        rows = rows.join(part, on=KEY, how="left")
    for row in rows.sort(KEY).iter_rows(named=True):
        yield row["as_of"], _facts(view, row)


def _names(cells: pl.DataFrame) -> pl.DataFrame:
    """The runs that may train, the clusters, and the workload that did most of the work."""
    heaviest = (
        cells.select(*KEY, "workload", "operations_expected", "opened_ms")
        .filter(_IS_METERED)
        .group_by(*KEY, "workload")
        .agg(pl.col("operations_expected").sum())
        .sort("operations_expected", "workload", descending=[True, False])
        .group_by(KEY, maintain_order=True)
        .agg(heaviest=pl.col("workload").first())
    )
    trains = pl.col("training_operations_high") > 0
    return (
        cells.group_by(KEY)
        .agg(
            run_ids=pl.col("run_id").filter(trains).unique().sort(),
            cluster_ids=pl.col("cluster_id").drop_nulls().unique().sort(),
        )
        .join(heaviest, on=KEY, how="left")
    )


def _stretches(cells: pl.DataFrame) -> pl.DataFrame:
    """First and last work for each holder: a sale may lie between two, and others after it.

    What was stated was done in the last millisecond before its instant, as far as it is left.
    """
    is_left = (pl.col("opening_ppb_ms") > 0) | (pl.col("operations_high") > 0)
    before = (pl.col("opened_ms") - 1).clip(lower_bound=FIRST_MS)
    return (
        cells.filter(_IS_METERED | is_left)
        .group_by(*KEY, "tenant_id", "segment")
        .agg(
            first=pl.coalesce("start_ms", before).min().cast(_INSTANT),
            last=pl.coalesce("end_ms", "opened_ms").max().cast(_INSTANT),
        )
        .sort(*KEY, "first", "last")
        .group_by(KEY, maintain_order=True)
        .agg(stretches=pl.struct("first", "last"))
    )


def _curves(cumulated: pl.DataFrame) -> pl.DataFrame:
    grown = cumulated.with_columns(
        pl.col("start_ms").cast(_INSTANT).alias("starts"),
        pl.col("end_ms").cast(_INSTANT).alias("ends"),
    )
    return grown.group_by(KEY, maintain_order=True).agg(
        "starts",
        "ends",
        *(pl.col(bound).cast(pl.Float64).alias(f"curve_{bound}") for bound in _BOUNDS),
    )


def _accelerators(cells: pl.DataFrame) -> pl.DataFrame:
    name = pl.coalesce("sku", "accelerator", "instance_type", pl.lit("unknown"))
    return (
        cells.select(*KEY, "device_ms", "opened_ms", name=name)
        .filter(_IS_METERED)
        .group_by(*KEY, "name")
        .agg(pl.col("device_ms").sum())
        .with_columns(hours=hours(pl.col("device_ms")))
        .sort(*KEY, "name")
        .group_by(KEY, maintain_order=True)
        .agg(accelerators=pl.concat_list(pl.col("name"), pl.col("hours").cast(pl.String)))
    )


def _openings(cells: pl.DataFrame) -> pl.DataFrame:
    """List what was stated and not metered, by instant and tenant."""
    stated = ("tenant_id", "opened_ms", "basis", "opening_ppb_ms")
    figures = [pl.col(f"operations_{bound}") for bound in _BOUNDS]
    if "basis" not in cells.columns:
        return cells.select(KEY).head(0).with_columns(openings=pl.lit(None))
    return (
        cells.filter(~_IS_METERED)
        .sort(*KEY, "opened_ms", "tenant_id", "workload", "operations_expected")
        .group_by(KEY, maintain_order=True)
        .agg(openings=pl.struct(*stated, *figures, "training_operations_expected"))
    )


def _opening(row: Mapping[str, Any]) -> OpeningFacts:
    return OpeningFacts(
        tenant_id=row["tenant_id"],
        at=_EPOCH + timedelta(milliseconds=row["opened_ms"]),
        basis=row["basis"],
        accelerator_hours=row["opening_ppb_ms"] / (PPB * HOUR_MS),
        operations=interval_of(row, "operations"),
        training_expected=float(row["training_operations_expected"]),
    )


def _reserved(cells: pl.DataFrame) -> pl.DataFrame:
    """Training operations a second of reserved capacity, over the day before each hour."""
    since = (pl.col("as_of").cast(pl.Int64) - DAY_HOURS) * HOUR_MS
    is_reserved = pl.col("purchase_option").is_in(_RESERVED) & (pl.col("start_ms") >= since)
    done = pl.col("training_operations_expected").sum().cast(pl.Float64)
    told = cells.select(*KEY, "purchase_option", "start_ms", "training_operations_expected")
    return told.filter(is_reserved).group_by(KEY).agg(reserved=done / (DAY_HOURS * HOUR_MS / 1000))


def _facts(view: View, row: Mapping[str, Any]) -> SubjectFacts:
    hour = view.hours[row["as_of"]]
    tenants = tuple(row["tenant_ids"])
    first, last = row["first_start"], row["last_end"]
    openings = tuple(_opening(each) for each in row["openings"] or ())
    stretches = ((each["first"], each["last"]) for each in row["stretches"] or ())
    spans = tuple(dict.fromkeys(stretches)) or ((first, last),)
    person = hour.who_is(view.scope, row["id"], tenants, spans)
    seconds = row["device_ms"] / 1000
    places = tuple(place_peak(each) for each in row["places"] or ())
    return SubjectFacts(
        scope=view.scope,
        subject_id=row["id"],
        as_of=hour.as_of,
        tenant_ids=tenants,
        training_run_ids=tuple(row["run_ids"]),
        cluster_ids=tuple(row["cluster_ids"]),
        accelerator_hours=row["accelerator_hours"],
        peak_operations=float(row["peak_operations"]),
        operations=interval_of(row, "operations"),
        hardware_operations_expected=float(row["hardware_operations_expected"]),
        training=interval_of(row, "training_operations"),
        training_probability=row["training_probability"],
        first_start=first,
        last_end=last,
        curve=Curve(
            ends=tuple(row["ends"]),
            low=tuple(row["curve_low"]),
            expected=tuple(row["curve_expected"]),
            high=tuple(row["curve_high"]),
            starts=tuple(row["starts"]),
        ),
        person_status=person.status,
        headquarters=person.headquarters,
        owner_ids=person.owner_ids,
        listed_owners=person.listed_owners,
        accelerators=tuple((name, float(hours)) for name, hours in row["accelerators"] or ()),
        methods=_methods(row, seconds),
        estimates=_estimates(row, seconds),
        contributions=view.reasons.get(row["heaviest"], ()),
        cluster_peak_operations_per_second=largest_cluster(places),
        place_peaks=places,
        reserved_operations_per_second=row["reserved"] or 0.0,
        silent_ratio=min(1.0, _silent(row) / seconds) if seconds else 0.0,
        unmetered_hours=view.unmetered_hours,
        openings=openings,
        metered_since=row["metered_since"],
        worked=spans,
        biological_share_ratio=person.biological_share_ratio,
    )


def interval_of(row: Mapping[str, Any], name: str) -> Interval:
    """Give the interval that a row holds in ``<name>_low``, ``_expected`` and ``_high``."""
    low, expected, high = (float(row[f"{name}_{bound}"]) for bound in _BOUNDS)
    return Interval(min(low, expected), expected, max(expected, high))


def _silent(row: Mapping[str, Any]) -> float:
    """Give the device seconds without usable figures of any kind."""
    return float(row["seconds_allocation"] + row["seconds_silence"])


def _estimates(row: Mapping[str, Any], seconds: float) -> tuple[MethodEstimate, ...]:
    """Give every method that has figures for some of the time, and what else time rests on."""
    return tuple(
        MethodEstimate(
            method=method,
            accelerator_hours=row[f"{method}_seconds"] / 3600,
            low=row[f"{method}_low"],
            expected=row[f"{method}_expected"],
            high=row[f"{method}_high"],
            binding_ratio=row[f"seconds_{method}"] / seconds,
        )
        for method in BASES
        if seconds and row[f"{method}_seconds"] > 0
    )


def _methods(row: Mapping[str, Any], seconds: float) -> tuple[str, ...]:
    if not seconds:
        return ()
    shares = {method: row[f"seconds_{method}"] / seconds for method in _BASES}
    return tuple(
        f"{share_text(share)} of the device time rests on {_BASES[method]}."
        for method, share in sorted(shares.items(), key=lambda item: -item[1])
        if share > 0
    )
