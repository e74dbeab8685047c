"""What a metered name resolves to, why, and on what figures: a document and its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from detector.policy.catalogue import Sheets
from detector.policy.export_control import ExportLimits, Performance, performance
from detector.policy.kinds import BITS, Kind, kinds_of
from detector.policy.near import near
from features.names import Names, alias_key

GUESS = "arithmetic, a guess, not a classification"
UNITS = "16 bit, 8 bit: dense peak, 10^12 operations a second; density: TPP a mm2 of die"
PRECISIONS = (*BITS, "tf32")


@dataclass(frozen=True)
class Meant:
    """One kind that a name means; ``is_loose`` where it may, ``slice_fraction`` of the device."""

    sku: str
    is_loose: bool
    slice_fraction: float | None


@dataclass(frozen=True)
class InstanceType:
    """What an instance type carries; ``accelerator_count`` counts packages."""

    instance_type: str
    sku: str | None
    accelerator_count: float
    network_gbit_s: float | None
    network_kind: str | None


@dataclass(frozen=True)
class Lookup:
    """How one name is read: as an accelerator, as an instance type, or as neither.

    ``how`` is ``as it stands``, ``taken apart`` or ``not at all``; ``near`` names are shown, never
    used.
    """

    name: str
    how: str
    accelerators: tuple[Meant, ...]
    instance: InstanceType | None
    near: tuple[str, ...]

    def skus(self) -> tuple[str, ...]:
        """Every kind that the name may mean, in the order they are told."""
        told = [each.sku for each in self.accelerators]
        if self.instance is not None and self.instance.sku is not None:
            told.append(self.instance.sku)
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True)
class Entry:
    """One kind with what the rule makes of it and the instance types that carry it."""

    kind: Kind
    performance: Performance
    instance_types: tuple[tuple[str, float], ...]


def look_up(name: str, names: Names) -> Lookup:
    """Read a name as ``specify`` does."""
    metered = pl.DataFrame(
        {"kind": [0, 1], "accelerator": [name, None], "instance_type": [None, name]},
        schema={"kind": pl.UInt32, "accelerator": pl.String, "instance_type": pl.String},
    )
    looked_up = names.with_instances(metered)
    columns = ("sku", "is_loose", "slice_fraction")
    meant = names.candidates(looked_up).filter(pl.col("kind") == 0).sort("is_loose", "sku")
    instance = looked_up.filter(
        (pl.col("kind") == 1) & pl.col("catalogue_count").is_not_null()
    ).select("instance_type", "instance_sku", "catalogue_count", "network_gbit_s", "network_kind")
    key = pl.select(alias_key(pl.lit(name))).item()
    is_plain = key in names.accelerators["alias_key"] or key in names.instances["alias_key"]
    found = meant.height + instance.height
    known = {*names.accelerators["alias_key"], *names.instances["alias_key"]}
    return Lookup(
        name,
        "not at all" if not found else "as it stands" if is_plain else "taken apart",
        tuple(Meant(*row) for row in meant.select(columns).rows()),
        next((InstanceType(*row) for row in instance.rows()), None),
        () if found else near(key, known, 5),
    )


def entries(sheets: Sheets, limits: ExportLimits) -> dict[str, Entry]:
    """Give every kind of the catalogue by its SKU."""
    carried: dict[str, list[tuple[str, float]]] = {}
    rows = sheets.rows["instance_types.csv"].filter(pl.col("accelerator_sku").is_not_null())
    table = rows.select("accelerator_sku", "instance_type", pl.col("accelerator_count").cast(float))
    for sku, instance_type, count in table.sort("instance_type").iter_rows():
        carried.setdefault(sku, []).append((instance_type, count))
    kinds = kinds_of(sheets.rows["accelerators.csv"])
    return {
        sku: Entry(
            kind,
            performance(kinds.get(kind.part_of or "", kind), limits),
            tuple(carried.get(sku, ())),
        )
        for sku, kind in kinds.items()
    }


def document(entry: Entry) -> dict[str, object]:
    """Give an entry as JSON values."""
    return {**asdict(entry.kind), "peaks": dict(entry.kind.peaks)} | {
        "export_control": {**asdict(entry.performance), "standing": GUESS},
        "instance_types": [
            {"instance_type": name, "accelerator_count": count}
            for name, count in entry.instance_types
        ],
    }


def explain_text(found: Lookup, catalogue: Mapping[str, Entry], limits: ExportLimits) -> str:
    """Say in plain lines what a name resolves to and on what figures."""
    lines = [*_reading(found), *_near(found)]
    for sku in found.skus():
        lines += ["", *_entry(catalogue[sku], limits)]
    return "\n".join(lines) + "\n"


def _reading(found: Lookup) -> Iterator[str]:
    if found.how == "not at all":
        yield f"{found.name}: no kind and no instance type of the catalogue."
        yield "  Hours count where accelerator_count is given; operations are listed as unknown."
        return
    yield f"{found.name}: read {found.how}."
    meant = [each.sku for each in found.accelerators if not each.is_loose]
    loose = [each.sku for each in found.accelerators if each.is_loose]
    if meant:
        yield f"  As an accelerator: {' or '.join(meant)}."
    if loose:
        yield f"  It may also mean {', '.join(loose)}: these widen the bounds only."
    shares = [each.slice_fraction for each in found.accelerators if each.slice_fraction]
    if shares:
        yield (
            f"  The name states a slice of {min(shares):.4g} of a device. It lowers the low bound "
            "where no partition_fraction is metered, nothing else: meter partition_fraction."
        )
    if found.instance is not None:
        yield f"  As an instance type: {_instance(found.instance)}."


def _instance(found: InstanceType) -> str:
    if found.sku is None:
        return "known to carry no accelerator"
    network = "network not known"
    if found.network_kind is not None:
        speed = "" if found.network_gbit_s is None else f"{found.network_gbit_s:g} Gbit/s "
        network = f"{speed}{found.network_kind}"
    return f"{found.accelerator_count:g} x {found.sku}, {network}"


def _near(found: Lookup) -> Iterator[str]:
    if found.near:
        yield f"  Names that start alike, shown and never used: {', '.join(found.near)}."


def _entry(entry: Entry, limits: ExportLimits) -> Iterator[str]:
    kind = entry.kind
    made = [part for part in (kind.vendor, kind.family, kind.release_date) if part]
    yield f"{kind.sku} ({', '.join(made)})"
    if kind.part_of:
        yield f"  Half of {kind.part_of}; a count of that name may mean packages or halves."
    peaks = [f"{name} {kind.peaks[name]:g}" for name in PRECISIONS if name in kind.peaks]
    yield f"  Dense peaks, 10^12 operations a second: {', '.join(peaks) or 'not known'}."
    yield from _export(entry, limits)
    confidence = kind.confidence or "not said"
    yield f"  Source: {kind.source}; as of {kind.as_of}; confidence {confidence}."
    if kind.notes:
        yield f"  Note: {kind.notes}"
    yield f"  Carried by: {_carried(entry.instance_types)}."


def _export(entry: Entry, limits: ExportLimits) -> Iterator[str]:
    found, kind = entry.performance, entry.kind
    whose = f" of {kind.part_of}" if kind.part_of else ""
    if found.tpp is None or found.tpp_precision is None:
        yield f"  TPP{whose}: not known, {found.because}."
        return
    bits = BITS[found.tpp_precision]
    peak = f"{found.tpp / bits:g} x {bits} bits ({found.tpp_precision})"
    yield f"  TPP{whose}: {found.tpp:.0f} = {peak}."
    if found.density is None:
        yield f"  Performance density{whose}: not known ({kind.die_area_basis or 'no die area'})."
    else:
        area = f"{found.tpp / found.density:g} mm2 ({kind.die_area_basis})"
        yield f"  Performance density{whose}: {found.density:.2f} = {found.tpp:.0f} / {area}."
    yield f"  Export control: {found.paragraph}, {found.because}; {GUESS}."
    yield f"  Limits: {limits.citation}; as of {limits.as_of.isoformat()}."


def _carried(types: Sequence[tuple[str, float]]) -> str:
    if not types:
        return "no instance type of the catalogue"
    return ", ".join(f"{name} ({count:g})" for name, count in types)


def list_text(listed: Sequence[Entry], limits: ExportLimits) -> str:
    """Give one line a kind: dense peaks in 10^12 operations a second, TPP, density, paragraph."""
    rows = [
        ("kind", "family", "16 bit", "8 bit", "TPP", "density", "rule", "as of"),
        *map(_row, listed),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if place in (0, 1, 6, 7) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    count = f"{len(listed)} {'kind' if len(listed) == 1 else 'kinds'}"
    return "\n".join([*lines, UNITS, f"{count}; rule: {limits.citation}: {GUESS}"]) + "\n"


def _row(entry: Entry) -> tuple[str, ...]:
    kind, found = entry.kind, entry.performance
    wide = [kind.peaks[name] for name in ("fp16", "bf16") if name in kind.peaks]
    narrow = [kind.peaks[name] for name in ("fp8", "int8") if name in kind.peaks]
    return (
        kind.sku,
        kind.family or "-",
        f"{max(wide):g}" if wide else "-",
        f"{max(narrow):g}" if narrow else "-",
        "-" if found.tpp is None else f"{found.tpp:.0f}",
        "-" if found.density is None else f"{found.density:.2f}",
        found.paragraph,
        kind.as_of or "-",
    )
