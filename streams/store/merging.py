"""Merges several runs into one, a bounded slice of the key range at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streams.store.columns import NameColumns, sorted_names
from streams.store.run_writer import RunWriter
from streams.store.runs import Run


class Merge:
    """One merge under way. The runs it reads stay in use until the result is registered."""

    def __init__(self, kind: int, inputs: Sequence[Run], writer: RunWriter, run_id: int) -> None:
        self.kind = kind
        self.inputs = tuple(inputs)
        self.writer = writer
        self.run_id = run_id
        self._cursors = [0] * len(self.inputs)

    @property
    def is_done(self) -> bool:
        """Whether every input is read to its end."""
        return all(
            cursor == len(run) for cursor, run in zip(self._cursors, self.inputs, strict=True)
        )

    def advance(self, rows: int, horizon_ms: int) -> None:
        """Write the next names in order, about ``rows`` at most; drop those past the horizon."""
        parts = self._next_parts(max(rows // len(self.inputs), 1))
        self.writer.append(sorted_names(parts).since(horizon_ms))

    def _next_parts(self, reach: int) -> list[NameColumns]:
        """Cut every input at the smallest key that some input has ``reach`` rows ahead."""
        bound = min(
            run.columns.hi[min(cursor + reach, len(run)) - 1]
            for cursor, run in zip(self._cursors, self.inputs, strict=True)
            if cursor < len(run)
        )
        parts = []
        for place, run in enumerate(self.inputs):
            start = self._cursors[place]
            end = start + int(np.searchsorted(run.columns.hi[start:], bound, side="right"))
            parts.append(run.columns.take(slice(start, end)))
            self._cursors[place] = end
        return parts
