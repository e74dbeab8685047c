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


@dataclass(frozen=True)
class Line:
    """A declared AI model with all that it was trained on top of.

    ``models``: names, the newest first. ``own_runs``: of the newest; ``runs``: of the whole line.
    ``training``: operations of the line; ``stated_operations``: the part of its expected figure
    that only a customer's word stands for; ``alone``: of the newest model's own runs.
    ``is_cyclic``: the declarations name each other as base.
    """

    tenant_id: str
    declaration_id: str
    models: tuple[str, ...]
    own_runs: tuple[str, ...]
    runs: tuple[str, ...]
    training: Interval
    stated_operations: float
    is_cyclic: bool
    alone: Interval = Interval(0.0, 0.0, 0.0)
