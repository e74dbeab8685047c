"""Reference tables: text to frames and values. A wrong cell is named by file, row and column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from detector.errors import PolicyError
from detector.policy.frames import ACCELERATOR_CATALOGUE, INSTANCE_CATALOGUE
from detector.policy.model import CountryCode, Day, Document, Text, holds_on
from detector.policy.parse import parse_document
from features.compute import PRECISIONS, alias_key

REMEDY: Final = "mend the cell, or take the file as shipped"
TERA: Final = 1e12
#: Column of the file that holds each precision's peak, in 10^12 dense operations per second.
PEAK_COLUMNS: Final = {
    name: "int8_tops" if name == "int8" else f"{name}_tflops" for name in PRECISIONS
}


class CountryGroup(Document):
    """A named row of a country table, as it stood on a day."""

    id: Text
    countries: tuple[CountryCode, ...]
    source: Text
    as_of: Day
    effective_from: Day | None = None
    effective_to: Day | None = None


class CountryTable(Document):
    """Country groups, the codes that count as another country, the codes that law leaves open.

    ``unsettled`` maps a code to the country it may belong to: the answer is then undetermined.
    """

    groups: tuple[CountryGroup, ...]
    aliases: dict[CountryCode, CountryCode]
    alias_source: Text
    named_beside: dict[CountryCode, Text]
    unsettled: dict[CountryCode, CountryCode]
    unsettled_source: Text

    def country(self, code: str) -> str:
        """Give the ISO 3166-1 alpha-2 country of a country or subdivision code (``US-DE``)."""
        head = code.strip().upper().split("-", 1)[0]
        return self.aliases.get(head, head)

    def is_member(self, code: str, group_id: str, day: date) -> bool:
        """Say whether the country of ``code`` stood in the group on ``day``; both ends count."""
        country = self.country(code)
        return any(
            country in group.countries
            for group in self.groups
            if group.id == group_id and holds_on(day, group.effective_from, group.effective_to)
        )


def parse_country_groups(text: str, name: str = "country_groups.toml") -> CountryTable:
    """Read the country table from TOML text."""
    return parse_document(text, name, CountryTable, REMEDY)


def parse_accelerators(text: str, name: str = "accelerators.csv") -> pl.DataFrame:
    """Read the accelerator catalogue: one row per alias (the SKU is one) and kind."""
    columns = ["sku", "family", "aliases", "tdp_w", *PEAK_COLUMNS.values()]
    rows = _read_csv(text, name, columns)
    peaks = [
        (_number(rows, column, name) * TERA).alias(f"peak_{precision}")
        for precision, column in PEAK_COLUMNS.items()
    ]
    aliases = pl.concat_str(pl.col("sku"), pl.col("aliases").fill_null(""), separator=";")
    return (
        rows.with_columns(*peaks, tdp_w=_number(rows, "tdp_w", name))
        .with_columns(
            peak_16bit=pl.coalesce(pl.max_horizontal("peak_bf16", "peak_fp16"), "peak_fp32"),
            alias_key=aliases.str.split(";"),
        )
        .explode("alias_key")
        .with_columns(alias_key=alias_key(pl.col("alias_key")))
        .filter(pl.col("alias_key") != "")
        .select(ACCELERATOR_CATALOGUE.names())
        .unique(["alias_key", "sku"])
        .sort("alias_key", "sku")
    )


def parse_instances(text: str, name: str = "instance_types.csv") -> pl.DataFrame:
    """Read the instance catalogue: one row per instance type."""
    columns = [
        "instance_type",
        "accelerator_sku",
        "accelerator_count",
        "inter_node_network_gbit_s",
        "network_kind",
    ]
    rows = _read_csv(text, name, columns)
    key = alias_key(pl.col("instance_type"))
    _refuse(rows.filter(key.is_duplicated()), "instance_type", "each type once", name)
    unknown = rows.filter(pl.col("accelerator_count").is_null())
    _refuse(unknown, "accelerator_count", "a number", name)
    count = _number(rows, "accelerator_count", name)
    table = rows.select(
        alias_key=key,
        sku=pl.when(count > 0).then(pl.col("accelerator_sku")),
        accelerator_count=count,
        network_gbit_per_second=_number(rows, "inter_node_network_gbit_s", name),
        network_kind="network_kind",
    ).sort("alias_key")
    return table.select(INSTANCE_CATALOGUE.names())


def _read_csv(text: str, name: str, columns: Sequence[str]) -> pl.DataFrame:
    try:
        rows = pl.read_csv(io.StringIO(text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        found = str(error).splitlines()[0]
        raise PolicyError(name, "the document", "CSV with a header line", found, REMEDY) from error
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise PolicyError(name, "the header", f"columns {', '.join(columns)}", found, REMEDY)
    return rows.with_row_index("line", offset=2)


def _number(rows: pl.DataFrame, column: str, name: str) -> pl.Expr:
    """Give a column as a number, null where the cell is empty; refuse what is not one."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    usable = pl.col(column).is_null() | (value.is_finite() & (value >= 0))
    wrong = rows.filter(~usable.fill_null(value=False))
    _refuse(wrong, column, "a number of 0 or more, or an empty cell", name)
    return value


def _refuse(rows: pl.DataFrame, column: str, expected: str, name: str) -> None:
    if rows.is_empty():
        return
    first = rows.row(0, named=True)
    place = f"line {first['line']}, {column}"
    raise PolicyError(name, place, expected, repr(first[column]), REMEDY)
