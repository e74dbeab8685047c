"""Tenants that could have an owner or a run in common, with the sum of their bounds.

The links are read off the records without asking what they mean: whoever is named together is
linked. That links too much, never too little, and costs next to nothing a batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from detector.openings import OPENING
from detector.parties.recorded import STATEMENT, TENANT

Link = tuple[str, str]


class Groups:
    """Disjoint sets of names; a tenant's bound counts for the whole set."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._parents: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._sums: dict[str, float] = {}

    def add(self, tenant: str, operations: float) -> None:
        """Add to a tenant's bound."""
        root = self._root(tenant)
        self._members.setdefault(root, set()).add(tenant)
        self._sums[root] = self._sums.get(root, 0.0) + operations

    def link(self, one: str, other: str) -> None:
        """Put two names into one set."""
        first, second = self._root(one), self._root(other)
        if first == second:
            return
        if len(self._members.get(first, ())) < len(self._members.get(second, ())):
            first, second = second, first
        self._parents[second] = first
        self._sums[first] = self._sums.get(first, 0.0) + self._sums.pop(second, 0.0)
        moved = self._members.pop(second, set())
        if moved:
            self._members.setdefault(first, set()).update(moved)

    def members_over(self, least: float) -> set[str]:
        """Give the tenants of every set whose sum reaches ``least``."""
        roots = [root for root, total in self._sums.items() if total >= least]
        return {tenant for root in roots for tenant in self._members.get(root, ())}

    def sets(self) -> Iterator[tuple[set[str], float]]:
        """Give every set that has tenants, with its sum."""
        for root, members in self._members.items():
            yield members, self._sums.get(root, 0.0)

    def _root(self, name: str) -> str:
        root = name
        while (above := self._parents.get(root, root)) != root:
            root = above
        while (above := self._parents.get(name, name)) != root:
            self._parents[name], name = root, above
        return root


def links_of(records: pl.DataFrame) -> list[Link]:
    """Give the links that tenant records, BODS statements and openings make."""
    readers = {TENANT: _of_tenant, STATEMENT: _of_statement, OPENING: _of_opening}
    chosen = records.filter(pl.col("type").is_in(list(readers))).select("type", "data")
    return [
        link
        for type_name, text in chosen.iter_rows()
        for link in readers[type_name](json.loads(text))
    ]


def _of_tenant(record: Mapping[str, Any]) -> Iterator[Link]:
    if record.get("customer_record_id"):
        yield record["tenant_id"], f"record {record['customer_record_id']}"


def _of_statement(statement: Mapping[str, Any]) -> Iterator[Link]:
    """Subject and interested party of one statement, however they are named."""
    details = statement.get("recordDetails")
    if not isinstance(details, Mapping):
        return
    named = [details.get("subject"), details.get("interestedParty")]
    ids = [f"record {name}" for name in named if isinstance(name, str)]
    yield from zip(ids, ids[1:], strict=False)


def _of_opening(opening: Mapping[str, Any]) -> Iterator[Link]:
    if opening.get("data_ref"):
        yield opening["tenant_id"], f"data {opening['data_ref']}"
