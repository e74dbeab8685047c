"""The most that each tenant's metered time can be expected to be, and that of its group.

One batch tells little, so what it exposes waits until the sum over everybody could reach what is
asked for: while a whole cloud is too small, no tenant is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import polars as pl

from features.accumulate import Usage, empty
from features.compute import HARDWARE_FIELDS, Catalogue
from features.exposure import exposure, priced
from streams.groups import Groups

#: Kinds of hardware that are kept priced; a cloud names some hundreds at most.
KINDS_MAX: Final = 10_000
#: Batches that may wait before those of one tenant are put together, which frees memory.
WAITING_MAX: Final = 64
#: Sums of fractions differ in their last digits with the order of the rows.
_SLACK: Final = 1 + 1e-9


class Bounds:
    """Takes in one batch after the other; tells whose bound reaches a number of operations."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Begin with nobody."""
        self._catalogue = catalogue
        self._kinds = priced(empty().strands, catalogue)
        self._groups = Groups()
        self._held: dict[str, tuple[float, float]] = {}
        self._waiting: list[pl.DataFrame] = []
        self._device_seconds = 0.0
        self._most = 0.0
        self._stated = 0.0
        self._stated_by: dict[str, float] = {}

    def add(self, usage: Usage) -> None:
        """Take in what one batch adds to the state."""
        exposed = exposure(usage, self._priced(usage.strands)).with_columns(
            pl.col("device_seconds").clip(lower_bound=0.0)
        )
        self._waiting.append(exposed)
        if len(self._waiting) > WAITING_MAX:
            self._waiting = [_summed(self._waiting)]
        seconds, most = exposed.select(pl.col("device_seconds").sum(), pl.col("most").max()).row(0)
        self._device_seconds += seconds
        self._most = max(self._most, most or 0.0)
        shared = usage.strands.select("data_ref", "tenant_id").drop_nulls().unique()
        for reference, tenant in shared.iter_rows():
            self._groups.link(tenant, f"data {reference}")

    def _priced(self, strands: pl.DataFrame) -> pl.DataFrame:
        """Look only those kinds of hardware up that no batch named before."""
        named = strands.select(HARDWARE_FIELDS).unique(maintain_order=True)
        new = named.join(self._kinds, on=HARDWARE_FIELDS, how="anti", nulls_equal=True)
        if new.height:
            known = self._kinds if self._kinds.height < KINDS_MAX else self._kinds.clear()
            wanted = new if known.height else named
            self._kinds = pl.concat([known, priced(wanted, self._catalogue)])
        return self._kinds

    def sets(self) -> Iterator[Collection[str]]:
        """Give the tenants of every group."""
        return (members for members, _ in self._groups.sets())

    def reached(
        self, usage: Usage, members: pl.DataFrame, least: Mapping[int, float]
    ) -> dict[int, int]:
        """Give the first hour of knowledge at which each group's bound reaches its least.

        ``usage``: all of their state; ``members``: (tenant_id, group); ``least``: by group.
        Groups that never reach it are left out.
        """
        exposed = exposure(usage, self._priced(usage.strands), ("hour",)).with_columns(
            pl.col("device_seconds").clip(lower_bound=0.0), pl.col("most").max().over("tenant_id")
        )
        grown = (
            exposed.join(members, on="tenant_id")
            .sort("group", "hour", "tenant_id")
            .group_by("group", "hour", maintain_order=True)
            .agg(operations=(pl.col("device_seconds") * pl.col("most")).sum())
        )
        sums = dict.fromkeys(least, 0.0)
        for tenant, group in members.iter_rows():
            sums[group] += self._stated_by.get(tenant, 0.0)
        reached = {group: 0 for group, stated in sums.items() if stated >= least[group]}
        for group, hour, operations in grown.iter_rows():
            sums[group] += operations
            if sums[group] * _SLACK >= least[group]:
                reached.setdefault(group, hour)
        return reached

    def state(self, tenant: str, operations: float) -> None:
        """Take in what was stated of a tenant and is in no batch."""
        self._stated += operations
        self._stated_by[tenant] = self._stated_by.get(tenant, 0.0) + operations
        self._groups.add(tenant, operations)

    def link(self, one: str, other: str) -> None:
        """Let two names, of tenants or of records, be of one group from now on."""
        self._groups.link(one, other)

    def members_over(self, least: float) -> set[str]:
        """Give the tenants of every group whose bound reaches ``least`` operations."""
        if self._device_seconds * self._most + self._stated < least:
            return set()
        if self._waiting:
            self._add_up(_summed(self._waiting))
            self._waiting = []
        return self._groups.members_over(least)

    def _add_up(self, exposed: pl.DataFrame) -> None:
        for tenant, seconds, most in exposed.sort("tenant_id").iter_rows():
            before = self._held.get(tenant, (0.0, 0.0))
            now = (before[0] + seconds, max(before[1], most))
            self._held[tenant] = now
            self._groups.add(tenant, now[0] * now[1] - before[0] * before[1])


def _summed(exposed: list[pl.DataFrame]) -> pl.DataFrame:
    together = pl.concat(exposed).group_by("tenant_id")
    return together.agg(pl.col("device_seconds").sum(), pl.col("most").max())
