"""Owners by valid time as frames: the stretches between changes of holder, and who held each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from detector.who.ownership import Holding

#: The time of each tenant, cut where its holders change; milliseconds since the epoch.
SEGMENTS: Final = pl.Schema(
    {"tenant_id": pl.String(), "segment": pl.Int32(), "from_ms": pl.Int64(), "to_ms": pl.Int64()}
)
#: Who held a tenant over a segment; ``is_below_test``: see ``Holding``.
HOLDERS: Final = pl.Schema(
    {
        "tenant_id": pl.String(),
        "segment": pl.Int32(),
        "owner_id": pl.String(),
        "is_below_test": pl.Boolean(),
    }
)
_FIRST_MS: Final = -(2**62)
_LAST_MS: Final = 2**62


def cut(holdings: Mapping[str, Sequence[Holding]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give SEGMENTS and HOLDERS of tenants; one whose holders never change has no segments."""
    segments: list[tuple[str, int, int, int]] = []
    holders: list[tuple[str, int, str, bool]] = []
    for tenant, held in holdings.items():
        edges = sorted({_ms(i) for h in held for i in (h.valid_from, h.valid_to) if i})
        bounds = [_FIRST_MS, *edges, _LAST_MS]
        for number, (start, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
            if edges:
                segments.append((tenant, number, start, end))
            for owner, below in _owners_over(held, start, end):
                holders.append((tenant, number, owner, below))
    return (
        pl.DataFrame(segments, schema=SEGMENTS, orient="row"),
        pl.DataFrame(holders, schema=HOLDERS, orient="row"),
    )


def _ms(instant: datetime) -> int:
    return round((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def _owners_over(held: Sequence[Holding], start: int, end: int) -> list[tuple[str, bool]]:
    """Owners over one segment, once each; above the test on any path counts as above it."""
    found: dict[str, bool] = {}
    for holding in held:
        since = _FIRST_MS if holding.valid_from is None else _ms(holding.valid_from)
        until = _LAST_MS if holding.valid_to is None else _ms(holding.valid_to)
        if since <= start and end <= until:
            found[holding.owner_id] = found.get(holding.owner_id, True) and holding.is_below_test
    return sorted(found.items())
