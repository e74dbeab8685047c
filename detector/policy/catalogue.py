"""The hardware catalogue: CSV text to the frames by which metered names are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from detector.errors import PolicyError
from detector.policy.frames import ACCELERATOR_CATALOGUE, INSTANCE_CATALOGUE
from detector.policy.sheets import REMEDY, number, read_sheet, refuse
from features.compute import PRECISIONS
from features.names import LINK_RATES, PODS, SLICES, alias_key, instance_name_key

TERA: Final = 1e12
GIGA: Final = 1e9
#: Column of the file that holds each precision's peak, in 10^12 dense operations per second.
PEAK_COLUMNS: Final = {
    name: "int8_tops" if name == "int8" else f"{name}_tflops" for name in PRECISIONS
}
#: The files of the catalogue, the column that names a row of each, and the columns it must have.
KEYS: Final = {
    "accelerators.csv": "sku",
    "instance_types.csv": "instance_type",
    "slices.csv": "profile",
    "pods.csv": "prefix",
}
COLUMNS: Final = {
    "accelerators.csv": [
        "sku",
        "family",
        "aliases",
        "loose_aliases",
        "memory_gb",
        "tdp_w",
        *PEAK_COLUMNS.values(),
    ],
    "instance_types.csv": [
        "instance_type",
        "accelerator_sku",
        "accelerator_count",
        "inter_node_network_gbit_s",
        "network_kind",
    ],
    "slices.csv": ["profile", "accelerator_sku", "compute_slices", "of_slices"],
    "pods.csv": ["prefix", "accelerator_sku", "units_per_accelerator", "network_kind"],
}


@dataclass(frozen=True)
class Sheets:
    """The files of the catalogue as rows of text, by the names of KEYS."""

    rows: Mapping[str, pl.DataFrame]

    def accelerators(self) -> pl.DataFrame:
        """Give ACCELERATOR_CATALOGUE."""
        return _accelerators(self.rows["accelerators.csv"])

    def instances(self) -> pl.DataFrame:
        """Give INSTANCE_CATALOGUE."""
        return _instances(self.rows["instance_types.csv"])

    def slices(self) -> pl.DataFrame:
        """Give ``features.names.SLICES``."""
        rows = self.rows["slices.csv"]
        share = number(rows, "compute_slices") / number(rows, "of_slices")
        table = rows.select("profile", sku="accelerator_sku", slice_fraction=share)
        return table.select(SLICES.names())

    def link_rates(self) -> pl.DataFrame:
        """Give ``features.names.LINK_RATES``; an operator's own rows may leave the column out."""
        rows = self.rows["accelerators.csv"]
        if "interconnect_gbps" not in rows.columns:
            return pl.DataFrame(schema=LINK_RATES)
        rate = number(rows, "interconnect_gbps") * GIGA
        return rows.select("sku", link_bytes_per_second=rate).select(LINK_RATES.names())

    def pods(self) -> pl.DataFrame:
        """Give ``features.names.PODS``."""
        rows = self.rows["pods.csv"]
        units = number(rows, "units_per_accelerator")
        return rows.select(
            "prefix", "network_kind", sku="accelerator_sku", units_per_accelerator=units
        ).select(PODS.names())


def read_catalogue(shipped: Mapping[str, str], additions: Sequence[tuple[str, str]] = ()) -> Sheets:
    """Read the shipped files and the operator's own, (name, text) each, in the order given.

    Which of the KEYS an addition is, its header says. A row of a kind or instance type that is
    there already takes the place of the earlier one.

    Raises:
        PolicyError: A file is no CSV, or its header is none of the catalogue's.
    """
    rows = {name: read_sheet(shipped[name], name, COLUMNS[name]) for name in KEYS}
    for name, text in additions:
        own = read_sheet(text, name, ())
        kind = sheet_kind(own, name)
        known = [column for column in rows[kind].columns if column in own.columns]
        kept = rows[kind].filter(~_keys(kind).is_in(own.select(_keys(kind)).to_series().implode()))
        rows[kind] = pl.concat([kept, own.select(known)], how="diagonal")
    return Sheets(rows)


def sheet_kind(sheet: pl.DataFrame, name: str) -> str:
    """Say which file of the catalogue these rows belong to, by the column that names them."""
    for kind, key in KEYS.items():
        if key in sheet.columns:
            return kind
    wanted = " or ".join(KEYS.values())
    found = ", ".join(column for column in sheet.columns if column not in ("file", "line"))
    raise PolicyError(name, "the header", f"a column {wanted}", found, REMEDY)


def _keys(kind: str) -> pl.Expr:
    """Give what names a row: the SKU exactly, an instance type as it is looked up."""
    if kind == "accelerators.csv":
        return pl.col("sku")
    if kind == "instance_types.csv":
        return instance_name_key(pl.col("instance_type"))
    column = "profile" if kind == "slices.csv" else "prefix"
    return pl.concat_str(column, "accelerator_sku", separator=" ")


def _accelerators(rows: pl.DataFrame) -> pl.DataFrame:
    """Give one row per alias (the SKU and the PCI ids are among them) and kind."""
    refuse(rows.filter(pl.col("sku").is_duplicated()), "sku", "each kind once")
    peaks = [
        (number(rows, column) * TERA).alias(f"peak_{precision}")
        for precision, column in PEAK_COLUMNS.items()
    ]
    kinds = rows.with_columns(
        *peaks, tdp_w=number(rows, "tdp_w"), memory_gb=number(rows, "memory_gb")
    ).with_columns(peak_16bit=pl.coalesce(pl.max_horizontal("peak_bf16", "peak_fp16"), "peak_fp32"))
    sure = [name for name in ("sku", "aliases", "pci_device_ids") if name in rows.columns]
    own = pl.concat_str(sure, separator=";", ignore_nulls=True)
    named = [
        kinds.with_columns(alias_key=names.str.split(";"), is_loose=pl.lit(value=is_loose))
        for names, is_loose in ((own, False), (pl.col("loose_aliases"), True))
    ]
    return (
        pl.concat(named)
        .explode("alias_key")
        .with_columns(alias_key=alias_key(pl.col("alias_key")))
        .filter(pl.col("alias_key") != "")
        .select(ACCELERATOR_CATALOGUE.names())
        .sort("alias_key", "sku", "is_loose")
        .unique(["alias_key", "sku"], keep="first", maintain_order=True)
    )


def _instances(rows: pl.DataFrame) -> pl.DataFrame:
    """Give one row per instance type."""
    key = alias_key(pl.col("instance_type"))
    refuse(rows.filter(key.is_duplicated()), "instance_type", "each type once")
    unknown = rows.filter(pl.col("accelerator_count").is_null())
    refuse(unknown, "accelerator_count", "a number")
    count = number(rows, "accelerator_count")
    table = rows.select(
        alias_key=key,
        sku=pl.when(count > 0).then(pl.col("accelerator_sku")),
        accelerator_count=count,
        network_gbit_per_second=number(rows, "inter_node_network_gbit_s"),
        network_kind="network_kind",
    ).sort("alias_key")
    return table.select(INSTANCE_CATALOGUE.names())
