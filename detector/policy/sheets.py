"""CSV text to rows of text and checked numbers. A wrong cell is named by file, line and column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import polars as pl

from detector.errors import PolicyError

REMEDY: Final = "mend the cell, or take the file as shipped"


def read_sheet(text: str, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Read CSV with a header line: every cell as text, empty ones null, and ``file``, ``line``.

    ``line`` counts rows from 2, the first below the header.

    Raises:
        PolicyError: It is no CSV, or lacks one of ``columns``.
    """
    try:
        rows = pl.read_csv(io.StringIO(text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        found = str(error).splitlines()[0].removeprefix("found ")
        raise PolicyError(name, "the document", "CSV with a header line", found, REMEDY) from error
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise PolicyError(name, "the header", f"columns {', '.join(columns)}", found, REMEDY)
    return rows.with_row_index("line", offset=2).with_columns(file=pl.lit(name))


def number(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Give a column as a number, null where the cell is empty; refuse what is not one."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    usable = pl.col(column).is_null() | (value.is_finite() & (value >= 0))
    wrong = rows.filter(~usable.fill_null(value=False))
    refuse(wrong, column, "a number of 0 or more, or an empty cell")
    return value


def refuse(rows: pl.DataFrame, column: str, expected: str) -> None:
    """Raise PolicyError for the first of these rows, if there is one."""
    if rows.is_empty():
        return
    first = rows.row(0, named=True)
    place = f"line {first['line']}, {column}"
    raise PolicyError(first["file"], place, expected, repr(first[column]), REMEDY)
