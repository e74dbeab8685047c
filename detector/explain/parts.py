"""What a subject is made of: its largest runs and tenants, and its hardware."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl

from detector.classifier.classify import Classifier, classes_of, classify, reasons_of
from detector.explain.document import BasisLine, HardwareLine, PartLine, Range, Shown
from detector.explain.scene import Scene
from detector.ledger import COUNTS_FROM
from features.compute import PPB

#: Runs, tenants and accelerators listed; the rest is counted and its share told.
LINES_MAX: Final = 8
#: Columns of device seconds that rest on something.
_SECONDS: Final = "seconds_"
_BOUNDS: Final[tuple[Literal["low", "expected", "high"], ...]] = ("low", "expected", "high")


def runs(scene: Scene, classifier: Classifier | None) -> Shown:
    """Give the largest workloads, each with its probability of training and the reasons."""
    shown = _largest(scene.cells, "workload")
    names = [line.id for line in shown.lines]
    rows = scene.rows.filter(pl.col("workload").is_in(names))
    judged = rows.select("workload").hstack(classify(rows, classifier))
    reasons, classes = reasons_of(judged), classes_of(judged)
    lines = tuple(
        line.model_copy(
            update={
                "reasons": reasons.get(line.id, ()),
                "counts_in": _counts(line.training_probability),
                "class_probabilities": classes.get(line.id),
            }
        )
        for line in shown.lines
    )
    return shown.model_copy(update={"lines": lines})


def tenants(scene: Scene) -> Shown:
    """Give the largest tenants."""
    return _largest(scene.cells, "tenant_id")


def hardware(scene: Scene) -> tuple[HardwareLine, ...]:
    """Give the accelerator kinds by hours; what the catalogue does not know has no peak."""
    name = pl.coalesce("sku", "accelerator", "instance_type", pl.lit("unknown"))
    rows = (
        scene.cells.filter(pl.col("opened_ms").is_null())
        .group_by(name=name)
        .agg(pl.col("device_ms").sum(), pl.col("peak_operations").sum().cast(pl.Float64))
        .sort("device_ms", "name", descending=[True, False])
    )
    return tuple(
        HardwareLine(accelerator=each, accelerator_hours=ms / 3_600_000, peak_operations=peak)
        for each, ms, peak in rows.iter_rows()
    )


def bases(scene: Scene) -> tuple[BasisLine, ...]:
    """Give what the device time rests on, most hours first; what nothing rests on is left out."""
    names = [name for name in scene.cells.columns if name.startswith(_SECONDS)]
    sums = {name: float(scene.cells[name].sum()) for name in names}
    whole = sum(sums.values())
    return tuple(
        BasisLine(
            basis=name.removeprefix(_SECONDS),
            accelerator_hours=seconds / 3600,
            ratio=min(1.0, seconds / whole),
        )
        for name, seconds in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        if seconds > 0
    )


def _largest(cells: pl.DataFrame, name: str) -> Shown:
    kinds = ("operations", "training_operations")
    sums = {
        f"{kind}_{b}": pl.col(f"{kind}_{b}").sum().cast(pl.Float64)
        for kind in kinds
        for b in _BOUNDS
    }
    likely, time = pl.col("training_probability"), pl.col("device_ms")
    judged = pl.when(likely.is_not_null()).then(time).sum()
    rows = (
        cells.group_by(name, maintain_order=True)
        .agg(
            (time + pl.col("opening_ppb_ms").cast(pl.Float64) / PPB).sum(),
            tenant_ids=pl.col("tenant_id").unique().sort(),
            probability=pl.when(judged > 0)
            .then((likely * time).sum() / judged)
            .otherwise(likely.max()),
            **sums,
        )
        .sort("operations_expected", "device_ms", name, descending=[True, True, False])
    )
    shown = rows.head(LINES_MAX)
    total, listed = (float(each["operations_expected"].sum()) for each in (rows, shown))
    ratio = listed / total if total else 1.0
    lines = tuple(_line(row, row[name]) for row in shown.iter_rows(named=True))
    return Shown(lines=lines, count=rows.height, shown_ratio=min(1.0, ratio))


def _line(row: Mapping[str, Any], name: str) -> PartLine:
    return PartLine(
        id=name,
        tenant_ids=tuple(row["tenant_ids"]),
        accelerator_hours=row["device_ms"] / 3_600_000,
        operations=_range(row, "operations"),
        training_operations=_range(row, "training_operations"),
        training_probability=row["probability"],
    )


def _counts(likely: float | None) -> tuple[Literal["low", "expected", "high"], ...]:
    """Name the sums of training that a run of this probability enters."""
    return tuple(bound for bound in _BOUNDS if (likely or 0.0) >= COUNTS_FROM[bound])


def _range(row: Mapping[str, Any], name: str) -> Range:
    low, expected, high = (row[f"{name}_{bound}"] for bound in _BOUNDS)
    return Range(low=low, expected=expected, high=high)
