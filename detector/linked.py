"""Links between runs as plain values: what rules and files read of them.

Operations are dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from detector.facts import Interval


@dataclass(frozen=True)
class Link:
    """Two runs that may be one training: ``score`` is the probability, 0 to 1.

    ``kind``: side_by_side or succession. ``evidence``: a sentence a piece, weightiest first.
    """

    run_a: str
    run_b: str
    tenant_ids: tuple[str, ...]
    kind: str
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class LinkedRuns:
    """Runs that links hold together. ``members``: each run with its training operations.

    ``score`` is that of the weakest link without which the group would fall apart.
    """

    members: tuple[tuple[str, Interval], ...]
    score: float
    evidence: tuple[str, ...]
    is_sure: bool
