"""The ports in memory keep the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from streams.memory import MemoryOutput, MemorySink, MemorySource, MemoryTopic
from tests.contract.ports_suite import SinkContract, SourceContract


@dataclass
class _MemorySourceRig:
    log: MemoryTopic = field(default_factory=MemoryTopic)

    @property
    def topic(self) -> str:
        return self.log.name

    def write(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        self.log.append(value, headers)

    def source(self) -> MemorySource:
        return MemorySource(self.log)


@dataclass
class _MemorySinkRig:
    output: MemoryOutput = field(default_factory=MemoryOutput)

    def sink(self) -> MemorySink:
        return MemorySink(self.output)

    def seen(self) -> Mapping[str, Sequence[tuple[str, bytes]]]:
        found: dict[str, list[tuple[str, bytes]]] = {}
        for document in self.output.documents:
            found.setdefault(document.kind, []).append((document.key, document.body))
        return found


class TestMemorySource(SourceContract):
    @pytest.fixture
    def source_rig(self) -> _MemorySourceRig:
        return _MemorySourceRig()

    def test_a_finite_log_is_exhausted_at_its_end(self) -> None:
        log = MemoryTopic()
        log.append(b"a")
        source = MemorySource(log, finite=True)
        source.start({})
        before = source.exhausted
        source.poll(0)
        source.committed({"events/0": 1})
        assert (before, source.exhausted) == (False, True)
        assert source.committed_offsets == {"events/0": 1}


class TestMemorySink(SinkContract):
    @pytest.fixture
    def sink_rig(self) -> _MemorySinkRig:
        return _MemorySinkRig()
