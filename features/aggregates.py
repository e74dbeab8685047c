"""Sums and extremes per group that several figures share: each is worked out once.

polars works every expression of a ``group_by`` out by itself, however much of it another one says
too. Here figures are put together of columns, each a sum or an extreme that is taken once.
"""

from __future__ import annotations

import polars as pl


class Aggregates:
    """Collects what figures need of the rows of their group; gives it as columns, one row a group.

    ``sum``, ``least`` and ``most`` give the column by which to speak of it; nulls are left out.
    """

    def __init__(self) -> None:
        self._values: dict[bytes, tuple[str, pl.Expr]] = {}
        self._taken: dict[str, pl.Expr] = {}

    def sum(self, value: pl.Expr) -> pl.Expr:
        """Add a value up over the rows of a group; nothing comes to 0."""
        name = self._named(value)
        return self._column(f"{name}.sum", pl.col(name).sum())

    def least(self, value: pl.Expr) -> pl.Expr:
        """Give the least of a value in a group, null where it has none."""
        name = self._named(value)
        return self._column(f"{name}.least", pl.col(name).min())

    def most(self, value: pl.Expr) -> pl.Expr:
        """Give the most of a value in a group, null where it has none."""
        name = self._named(value)
        return self._column(f"{name}.most", pl.col(name).max())

    def of(self, rows: pl.DataFrame, key: str, firsts: tuple[str, ...]) -> pl.DataFrame:
        """Give one row a ``key``: what was asked for, and ``firsts`` as its first row has them."""
        values = {name: value for name, value in self._values.values()}
        columns = rows.lazy().select(key, *firsts, **values).collect()  # shared parts once
        return columns.group_by(key).agg(pl.col(firsts).first(), **self._taken)

    def _named(self, value: pl.Expr) -> str:
        name, _ = self._values.setdefault(
            value.meta.serialize(), (f"value_{len(self._values)}", value)
        )
        return name

    def _column(self, name: str, taken: pl.Expr) -> pl.Expr:
        self._taken[name] = taken
        return pl.col(name)
