"""One accelerator kind as a value: what ``trainwatch catalogue`` explains and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from detector.policy.catalogue import PEAK_COLUMNS

#: Peaks that an event cannot name but the law counts.
MORE_PEAKS: Final = {"fp6": "fp6_tflops"}
#: Bits of the largest input of one operation; TF32 is stored in 32 and computed in 19.
BITS: Final = {
    "fp64": 64,
    "fp32": 32,
    "fp16": 16,
    "bf16": 16,
    "fp8": 8,
    "fp6": 6,
    "fp4": 4,
    "int8": 8,
}


@dataclass(frozen=True)
class Kind:
    """A row of accelerators.csv. ``peaks``: 10^12 dense operations per second by precision.

    ``memory_bandwidth_gbps`` is gigabytes a second; ``part_of`` the package that this is half of.
    """

    sku: str
    vendor: str | None
    vendor_country: str | None
    family: str | None
    aliases: tuple[str, ...]
    loose_aliases: tuple[str, ...]
    peaks: Mapping[str, float]
    memory_gb: float | None
    memory_bandwidth_gbps: float | None
    tdp_w: float | None
    die_area_mm2: float | None
    die_area_basis: str | None
    for_datacenters: bool
    part_of: str | None
    release_date: str | None
    source: str | None
    confidence: str | None
    as_of: str | None
    notes: str | None

    @property
    def has_applicable_die(self) -> bool:
        """Whether the die counts: the rule leaves out what is made in a planar process."""
        return "not applicable" not in (self.die_area_basis or "")


def kinds_of(rows: pl.DataFrame) -> dict[str, Kind]:
    """Give the kinds of rows of text that ``catalogue_check`` found no fault with, by SKU."""
    return {row["sku"]: _kind(row) for row in rows.iter_rows(named=True)}


def _kind(row: Mapping[str, str | None]) -> Kind:
    columns = {**PEAK_COLUMNS, **MORE_PEAKS}
    peaks = {name: _number(row, columns[name]) for name in (*BITS, "tf32")}
    return Kind(
        sku=row["sku"] or "",
        vendor=row.get("vendor"),
        vendor_country=row.get("vendor_country"),
        family=row.get("family"),
        aliases=_listed(row.get("aliases")),
        loose_aliases=_listed(row.get("loose_aliases")),
        peaks={name: peak for name, peak in peaks.items() if peak is not None},
        memory_gb=_number(row, "memory_gb"),
        memory_bandwidth_gbps=_number(row, "memory_bandwidth_gbps"),
        tdp_w=_number(row, "tdp_w"),
        die_area_mm2=_number(row, "die_area_mm2"),
        die_area_basis=row.get("die_area_basis"),
        for_datacenters=row.get("datacenter") != "no",
        part_of=row.get("part_of"),
        release_date=row.get("release_date"),
        source=row.get("source"),
        confidence=row.get("confidence"),
        as_of=row.get("as_of"),
        notes=row.get("notes"),
    )


def _listed(joined: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (joined or "").split(";") if name.strip())


def _number(row: Mapping[str, str | None], column: str) -> float | None:
    text = row.get(column)
    return None if text is None else float(text)
