"""A simulated cloud as a source of batches, so that the demo runs the service's own loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streams.ports import Batch, LineBlock
from streams.simulation.cloud import Cloud

#: Where to resume: the number of blocks (days) already given.
OFFSET = "simulation/0"


class SimulatedSource:
    """One batch a simulated day. Resuming plays the cloud again and skips what was committed."""

    def __init__(self, cloud: Cloud) -> None:
        """Hold the cloud; nothing is played before ``start``."""
        self._cloud = cloud
        self._blocks: Iterator[bytes] = iter(())
        self._given = 0
        self._lines = 0
        self._exhausted = False

    def start(self, offsets: Mapping[str, int]) -> None:
        """Resume after the blocks that the stored offset counts."""
        self._blocks = self._cloud.blocks()
        self._given = 0
        self._lines = 0
        self._exhausted = False
        for _ in range(offsets.get(OFFSET, 0)):
            self._advance()

    def poll(self, timeout_seconds: float) -> Batch | None:
        """Give the next day; never waits, whatever ``timeout_seconds`` says."""
        del timeout_seconds
        first_line = self._lines + 1
        block = self._advance()
        if block is None:
            return None
        line_block = LineBlock(file="simulation.ndjson", first_line=first_line, buffer=block)
        return Batch(blocks=(line_block,), offsets={OFFSET: self._given})

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Do nothing: the simulation can always be played again."""
        del offsets

    @property
    def exhausted(self) -> bool:
        """Whether the last day has been given."""
        return self._exhausted

    def close(self) -> None:
        """Forget the iterator."""
        self._blocks = iter(())

    def _advance(self) -> bytes | None:
        block = next(self._blocks, None)
        if block is None:
            self._exhausted = True
            return None
        self._given += 1
        self._lines += block.count(b"\n")
        return block
