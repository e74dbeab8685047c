"""Events that wait for a broker: none lost while there is room, and a word where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.broker import BrokerAwayError
from streams.configuration import SettingsError, load_kafka
from streams.record.queue import QueuedSink
from streams.record.sinks import SinkError


class Line:
    """A carrier that can be cut, and a clock."""

    def __init__(self) -> None:
        self.is_away = False
        self.taken: list[tuple[str, bytes]] = []
        self.seconds = 0.0

    def send(self, events: Sequence[tuple[str, bytes]]) -> None:
        if self.is_away:
            self.seconds += 4
            raise BrokerAwayError("Kafka at b:9092 does not answer")
        self.taken += events

    def close(self) -> None:
        """Nothing stays open."""

    def now(self) -> float:
        return self.seconds


def test_events_go_out_at_once_keyed_by_tenant_and_without_their_newline() -> None:
    line = Line()
    QueuedSink(line, "t-1", 10, line.now).write([b"1\n", b"2\n"])
    assert line.taken == [("t-1", b"1"), ("t-1", b"2")]


def test_what_waited_while_the_broker_was_away_goes_out_in_order_a_while_later() -> None:
    line = Line()
    sink = QueuedSink(line, "t-1", 10, line.now)
    line.is_away = True
    sink.write([b"1\n"])
    line.is_away = False
    sink.write([b"2\n"])
    assert line.taken == []
    line.seconds += 10
    sink.write([b"3\n"])
    assert [event for _, event in line.taken] == [b"1", b"2", b"3"]


def test_more_than_may_wait_stops_the_recorder_with_a_word() -> None:
    line = Line()
    line.is_away = True
    sink = QueuedSink(line, "t-1", 2, line.now)
    sink.write([b"1\n", b"2\n"])
    with pytest.raises(SinkError, match="at most 2 events to wait for a broker, 3 do; "):
        sink.write([b"3\n"])


def test_a_stop_tries_for_a_while_and_tells_what_is_lost() -> None:
    line = Line()
    line.is_away = True
    sink = QueuedSink(line, "t-1", 2, line.now)
    sink.write([b"1\n"])
    with pytest.raises(SinkError, match="1 were not taken and are lost"):
        sink.close()
    assert 15 <= line.seconds < 30


def test_the_kafka_section_is_read_alone_and_no_store_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_text('[kafka]\nbootstrap_servers = ["b:9092"]\n', encoding="utf-8")
    variables = {"TRAINWATCH_KAFKA__TOPICS": "usage.events"}
    assert load_kafka(path, variables).topics == ("usage.events",)
    path.write_text("[kafka]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\[kafka\] bootstrap_servers: is required"):
        load_kafka(path, {})
