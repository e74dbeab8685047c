"""The operator's own catalogue rows: every fault with its line and column, before they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from detector.errors import PolicyError
from detector.policy.catalogue import KEYS, Sheets, read_catalogue, sheet_kind
from detector.policy.export_control import ExportLimits, performance
from detector.policy.kinds import Kind, kinds_of
from detector.policy.near import near
from detector.policy.plausible import Plausibility, doubts
from detector.policy.sheets import read_sheet
from features.names import alias_key, instance_name_key, name_key

#: Columns that a file of the operator's must have; the others of the shipped file it may have.
REQUIRED: Final = {
    "accelerators.csv": ("sku", "family", "source", "as_of"),
    "instance_types.csv": (
        "instance_type",
        "accelerator_sku",
        "accelerator_count",
        "source",
        "as_of",
    ),
    "slices.csv": (
        "profile",
        "accelerator_sku",
        "compute_slices",
        "of_slices",
        "source",
        "as_of",
    ),
    "pods.csv": ("prefix", "accelerator_sku", "units_per_accelerator", "source", "as_of"),
}
#: Cells that may be empty in a column that must be there: a type without an accelerator.
_MAY_BE_EMPTY: Final = ("accelerator_sku",)
_NUMBERS: Final = re.compile(
    r".*_(tflops|tops|gb|gbps|w|mm2|gbit_s|count|slices|accelerator)|tpp|performance_density|vcpus"
)
_DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_NUMBER: Final = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?")
_NO_COLUMN: Final = "none"
_ACCELERATORS: Final = "accelerators.csv"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or with ``is_note`` one worth knowing. ``line`` 1 is the header."""

    file: str
    line: int
    column: str
    expected: str
    found: str
    remedy: str
    is_note: bool = False

    def text(self) -> str:
        """Give it in one line."""
        place = f"{self.file}:{self.line}: {self.column}"
        if self.is_note:
            return f"{place}: note: {self.found}; {self.remedy}"
        return f"{place}: expected {self.expected}, found {self.found}; {self.remedy}"


@dataclass(frozen=True)
class Yardstick:
    """What rows are held against: the export limits and the house rules of plausibility."""

    limits: ExportLimits
    rules: Plausibility


def check_additions(
    shipped: Mapping[str, str], additions: Sequence[tuple[str, str]], yardstick: Yardstick
) -> list[Problem]:
    """Give every problem of the operator's files, (name, text) each, in the order of their lines.

    A file that is read later sees the ones before it, and every file sees all accelerators: an
    instance type may come before the kind that it carries.
    """
    found: list[Problem] = []
    kinds = {name: _kind_of(name, text) for name, text in additions}
    for place, (name, text) in enumerate(additions):
        try:
            rows = read_sheet(text, name, ())
            kind = sheet_kind(rows, name)
        except PolicyError as error:
            found.append(Problem(name, 1, error.key, error.expected, error.found, error.remedy))
            continue
        later = [each for each in additions[place + 1 :] if kinds[each[0]] == _ACCELERATORS]
        others = [*additions[:place], *(later if kind != _ACCELERATORS else ())]
        known = read_catalogue(shipped, [each for each in others if each[0] != name])
        own = [*_header(rows, kind, known, name)]
        if all(problem.found != _NO_COLUMN for problem in own):
            own += [problem for row in rows.iter_rows(named=True) for problem in _cells(row, kind)]
        if all(problem.is_note for problem in own):
            own += _meaning(rows, kind, known, yardstick)
        found += sorted(own, key=lambda problem: problem.line)
    return found


def _kind_of(name: str, text: str) -> str | None:
    """Say which sheet the rows of a file belong to; None where it cannot be read."""
    try:
        return sheet_kind(read_sheet(text, name, ()), name)
    except PolicyError:
        return None


def _header(rows: pl.DataFrame, kind: str, known: Sheets, name: str) -> Iterator[Problem]:
    columns = [column for column in known.rows[kind].columns if column not in ("file", "line")]
    for column in rows.columns:
        if column not in (*columns, "file", "line"):
            alike = near(column, columns, 1)
            advice = f"rename it to {alike[0]}" if alike else "leave it out"
            yield Problem(name, 1, column, f"a column of {kind}", "an unknown column", advice)
    for column in REQUIRED[kind]:
        if column not in rows.columns:
            yield Problem(name, 1, column, "this column", _NO_COLUMN, "add it")


def _cells(row: Row, kind: str) -> Iterator[Problem]:
    """Look at each cell by itself."""
    for column in REQUIRED[kind]:
        if row[column] is None and column not in _MAY_BE_EMPTY:
            yield _problem(row, column, "a value", "fill the cell")
    if row["as_of"] is not None and not _DAY.fullmatch(row["as_of"]):
        yield _problem(row, "as_of", "a day such as 2026-11-22", "say when the source was read")
    for column, value in row.items():
        if column in ("file", "line") or not _NUMBERS.fullmatch(column) or value is None:
            continue
        if not _NUMBER.fullmatch(value.strip()):
            yield _problem(row, column, "a number of 0 or more, or an empty cell", "mend the cell")


def _problem(row: Row, column: str, expected: str, remedy: str) -> Problem:
    found = "an empty cell" if row.get(column) is None else repr(row[column])
    return Problem(row["file"], row["line"], column, expected, found, remedy)


def _meaning(
    rows: pl.DataFrame, kind: str, known: Sheets, yardstick: Yardstick
) -> Iterator[Problem]:
    """Look at what the rows say together and beside the catalogue."""
    key = KEYS[kind]
    seen: dict[str, int] = {}
    for row in rows.iter_rows(named=True):
        name = f"{row[key]} {row['accelerator_sku']}" if kind == "slices.csv" else row[key]
        first = seen.setdefault(name.strip().lower(), row["line"])
        if first != row["line"]:
            yield _problem(row, key, f"each name once (line {first} has it)", "leave one out")
    if kind == "accelerators.csv":
        yield from _accelerators(rows, known, yardstick)
    else:
        yield from _references(rows, kind, known)


def _references(rows: pl.DataFrame, kind: str, known: Sheets) -> Iterator[Problem]:
    """Each row names a kind of the catalogue."""
    skus = known.rows["accelerators.csv"]["sku"].to_list()
    listed = known.rows[kind].select(instance_name_key(pl.col(KEYS[kind]))).to_series().to_list()
    names = rows.select(instance_name_key(pl.col(KEYS[kind]))).to_series().to_list()
    for row, name in zip(rows.iter_rows(named=True), names, strict=True):
        is_bare = kind == "instance_types.csv" and float(row["accelerator_count"]) == 0
        if row["accelerator_sku"] not in skus and not is_bare:
            alike = near(row["accelerator_sku"] or "", skus, 1)
            advice = f"did you mean {alike[0]}?" if alike else "add it to your accelerators first"
            yield _problem(row, "accelerator_sku", "a SKU of the catalogue", advice)
        if kind == "instance_types.csv" and name in listed:
            yield _replaces(row, KEYS[kind])


def _replaces(row: Row, column: str) -> Problem:
    found = f"{row[column]} takes the place of the shipped row"
    return Problem(row["file"], row["line"], column, "", found, "see that this is meant", True)


def _accelerators(rows: pl.DataFrame, known: Sheets, yardstick: Yardstick) -> Iterator[Problem]:
    own = kinds_of(rows)
    shipped = kinds_of(known.rows["accelerators.csv"])
    others = [kind for sku, kind in shipped.items() if sku not in own]
    owners = _owners([*others, *own.values()])
    for row in rows.iter_rows(named=True):
        kind = own[row["sku"]]
        if row["sku"] in shipped:
            yield _replaces(row, "sku")
        if not kind.peaks:
            yield _problem(row, "bf16_tflops", "at least one peak", "give the dense peaks")
        if kind.part_of is not None and kind.part_of not in {**shipped, **own}:
            yield _problem(row, "part_of", "a SKU of the catalogue", "name the package")
        yield from _clashes(row, kind, owners)
        apart = [each for each in (*others, *own.values()) if each.sku != kind.sku]
        for doubt in doubts(kind, apart, yardstick.rules):
            place = (row["file"], row["line"], doubt.column)
            yield Problem(*place, doubt.expected, doubt.found, doubt.remedy)
        yield from _computed(row, kind, yardstick)


def _owners(kinds: Sequence[Kind]) -> dict[str, set[str]]:
    """Say which kinds each name means, as it stands and taken apart."""
    pairs = [(name, kind.sku) for kind in kinds for name in (kind.sku, *kind.aliases)]
    keys = _keys([name for name, _ in pairs])
    found: dict[str, set[str]] = {}
    for (_, sku), both in zip(pairs, keys, strict=True):
        for key in both:
            found.setdefault(key, set()).add(sku)
    return found


def _keys(names: Sequence[str]) -> list[tuple[str, str]]:
    table = pl.DataFrame({"name": names}, schema={"name": pl.String})
    apart = pl.concat_str(pl.lit("parts "), name_key(pl.col("name")))
    return table.select(alias_key(pl.col("name")), apart=apart).rows()


def _clashes(row: Row, kind: Kind, owners: Mapping[str, set[str]]) -> Iterator[Problem]:
    names = (kind.sku, *kind.aliases)
    for name, (plain, apart) in zip(names, _keys(names), strict=True):
        if apart == "parts ":
            yield Problem(
                row["file"],
                row["line"],
                "aliases",
                "names that say which kind it is",
                repr(name),
                "leave it out",
            )
            continue
        rivals = sorted((owners[plain] | owners[apart]) - {kind.sku})
        if rivals:
            yield Problem(
                row["file"],
                row["line"],
                "aliases",
                "a name of its own",
                f"{name!r}, which means {' and '.join(rivals)} too",
                "move it to loose_aliases, or add what tells them apart",
            )


def _computed(row: Row, kind: Kind, yardstick: Yardstick) -> Iterator[Problem]:
    """A TPP or density that is given agrees with the one that the rule gives."""
    found = performance(kind, yardstick.limits)
    for column, computed in (("tpp", found.tpp), ("performance_density", found.density)):
        written = row.get(column)
        if written is None or computed is None:
            continue
        if abs(float(written) - computed) > yardstick.rules.computed_tolerance_ratio * computed:
            yield _problem(row, column, f"{computed:.4g}, by rule", "leave it empty")
