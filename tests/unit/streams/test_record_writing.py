"""What a recorder writes: events, their names, the file they go to, and what it does in trouble."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.commands.record import broken_off
from streams.record.book import Closed, Rules
from streams.record.events import Allocation, Era, event_lines
from streams.record.figures import Device, Drops, Figures, Sample
from streams.record.hardware import Hardware
from streams.record.recorder import Clocks, Recorder
from streams.record.sinks import FileSink, SinkError

H100 = "NVIDIA H100 80GB HBM3"
START = datetime(2026, 3, 1, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)
NODE = Allocation("t-1", "node-17", "n17", {"job_id": "j-1"})
RULES = Rules(10_000, 3_000, 0.5, 4.0, 20.0)


@pytest.fixture(scope="module")
def hardware() -> Hardware:
    return Hardware()


def closed(accelerator: str = H100, profile: str | None = None, count: int = 8) -> Closed:
    telemetry = {"power_w": 650.25, "power_w_std": 0.5, "energy_j": 6502.5}
    end_ms = START_MS + 10_000
    return Closed(START_MS, end_ms, accelerator, profile, count, telemetry, "counter", "cadence")


def resources(each: Sequence[Closed], hardware: Hardware) -> list[str]:
    lines = event_lines(each, NODE, Era("b"), hardware, START_MS)
    return [json.loads(line)["data"]["resource_id"] for line in lines]


def test_an_interval_is_one_event_named_by_node_boot_and_start(hardware: Hardware) -> None:
    (line,) = event_lines(
        [closed()], NODE, Era("boot-1", START_MS - 5_000), hardware, START_MS + 11_000
    )
    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "specversion": "1.0",
        "id": "boot-1/node-17/2026-03-01T00:00:00.000Z/5000",
        "source": "trainwatch-record/n17",
        "type": "trainwatch.usage.v1",
        "time": "2026-03-01T00:00:11.000Z",
        "subject": "ended by cadence; energy by counter",
        "data": {
            "tenant_id": "t-1",
            "resource_id": "node-17",
            "start": "2026-03-01T00:00:00.000Z",
            "end": "2026-03-01T00:00:10.000Z",
            "accelerator": H100,
            "accelerator_count": 8,
            "job_id": "j-1",
            "telemetry": {"power_w": 650.25, "power_w_std": 0.5, "energy_j": 6502.5},
        },
    }


def test_a_mig_instance_is_a_resource_of_its_own_with_its_share_of_the_device(
    hardware: Hardware,
) -> None:
    (line,) = event_lines([closed(H100, "3g.40gb", 2)], NODE, Era("b"), hardware, START_MS)
    usage = json.loads(line)["data"]
    assert (usage["resource_id"], usage["accelerator_count"]) == ("node-17/3g.40gb", 2)
    assert usage["partition_fraction"] == pytest.approx(3 / 7)


def test_a_profile_that_is_not_known_counts_as_the_whole_device(hardware: Hardware) -> None:
    (line,) = event_lines([closed(H100, "9g.1gb", 1)], NODE, Era("b"), hardware, START_MS)
    assert "partition_fraction" not in json.loads(line)["data"]


def test_kinds_that_share_a_node_are_told_apart_since_a_resource_counts_once(
    hardware: Hardware,
) -> None:
    assert resources([closed()], hardware) == ["node-17"]
    assert resources([closed(), closed("NVIDIA H200")], hardware) == [
        f"node-17/{H100}",
        "node-17/NVIDIA H200",
    ]


def test_a_file_is_appended_to_and_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "usage.ndjson"
    first = FileSink(path)
    first.write([b'{"id":"1"}\n', b'{"id":"2"}\n'])
    first.close()
    with path.open("ab") as stream:
        stream.write(b'{"specversion')
    second = FileSink(path)
    assert (second.tail.torn_bytes, second.tail.last_event) == (13, {"id": "2"})
    second.write([b'{"id":"4"}\n'])
    second.close()
    assert path.read_bytes() == b'{"id":"1"}\n{"id":"2"}\n{"id":"4"}\n'
    assert oct(path.stat().st_mode & 0o777) == oct(0o640 & ~os.umask(os.umask(0o022)))


def test_a_file_that_was_torn_in_its_first_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "usage.ndjson"
    path.write_bytes(b'{"spe')
    sink = FileSink(path)
    sink.close()
    assert (sink.tail.torn_bytes, sink.tail.last_event, path.read_bytes()) == (5, None, b"")


@pytest.mark.parametrize("content", [b'{"weights": 1}', b"a line\nmy notes", b"x" * (1 << 22)])
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "usage.ndjson"
    path.write_bytes(content)
    with pytest.raises(SinkError, match="expected events of a recorder, one a line"):
        FileSink(path)
    assert path.read_bytes() == content


def test_one_recorder_writes_a_file_and_a_second_is_refused_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "usage.ndjson"
    first = FileSink(path)
    with pytest.raises(SinkError, match="expected to write there alone, but another recorder does"):
        FileSink(path)
    first.write([b'{"id":"1"}\n'])
    first.close()
    FileSink(path).close()
    assert path.read_bytes() == b'{"id":"1"}\n'


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"expected to append to it \(No such file or directory\)"):
        FileSink(tmp_path / "none" / "usage.ndjson")


@pytest.mark.parametrize(
    ("why", "boot", "allocation", "expected"),
    [
        ("cadence", "boot-1", ("t-1", "node-17"), START_MS + 10_000),
        ("stop", "boot-1", ("t-1", "node-17"), None),
        ("cadence", "boot-2", ("t-1", "node-17"), None),
        ("cadence", "boot-1", ("t-2", "node-17"), None),
        ("cadence", "boot-1", ("t-1", "node-1"), None),
    ],
)
def test_hours_after_a_kill_are_taken_up_in_the_same_boot_for_the_same_allocation_only(
    tmp_path: Path,
    hardware: Hardware,
    why: str,
    boot: str,
    allocation: tuple[str, str],
    expected: int | None,
) -> None:
    sink = FileSink(tmp_path / "usage.ndjson")
    each = Closed(START_MS, START_MS + 10_000, H100, None, 8, {}, None, why)
    sink.write(event_lines([each], NODE, Era("boot-1", 0), hardware, START_MS))
    sink.close()
    again = FileSink(tmp_path / "usage.ndjson")
    again.close()
    assert broken_off(again, Allocation(*allocation, "n17"), boot) == expected


class Bench:
    """Clocks, a sampler and a sink that a test moves by hand."""

    def __init__(self, hardware: Hardware, rules: Rules = RULES) -> None:
        self.up_ms = 0
        self.wall_ahead_ms = 0
        self.next: list[Sample] = []
        self.events: list[dict[str, dict[str, object]]] = []
        self.is_closed = False
        self.recorder = Recorder(
            NODE, "boot", rules, Clocks(self, self, 2_000), self, self, hardware, Drops()
        )

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self.up_ms + self.wall_ahead_ms)

    def milliseconds(self) -> int:
        return self.up_ms

    def poll(self, now_ms: int) -> list[Sample]:
        found, self.next = self.next, []
        return [Sample(now_ms, each.figures) for each in found]

    def write(self, lines: Sequence[bytes]) -> None:
        self.events += [json.loads(line) for line in lines]

    def close(self) -> None:
        self.is_closed = True

    def go(self, seconds: int, watts: int | None, name: str = H100) -> None:
        for _ in range(seconds):
            self.up_ms += 1_000
            figures = {Device("GPU-0", "0", name): Figures({"power_w": (watts or 0) * 1_000})}
            self.next = [] if watts is None else [Sample(0, figures)]
            self.recorder.step()

    def told(self) -> list[tuple[object, object, object]]:
        return [
            (
                str(event["data"]["start"])[11:19],
                str(event["data"]["end"])[11:19],
                dict(event["data"].get("telemetry", {})).get("power_w"),  # type: ignore[call-overload]  # JSON
            )
            for event in self.events
        ]


def test_the_clock_that_jumps_ends_the_interval_and_begins_another(
    hardware: Hardware, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(hardware)
    bench.go(4, 100)
    bench.wall_ahead_ms = 3_600_000
    bench.go(3, 300)
    bench.recorder.stop()
    assert bench.told() == [
        ("00:00:00", "00:00:05", 100.0),
        ("01:00:05", "01:00:07", 300.0),
    ]
    assert "clock_jumped" in caplog.messages
    assert bench.is_closed


def test_a_clock_that_is_set_back_makes_names_that_were_never_used(hardware: Hardware) -> None:
    bench = Bench(hardware)
    bench.go(13, 100)
    bench.wall_ahead_ms = -13_000
    bench.go(13, 100)
    bench.recorder.stop()
    names = [event["id"] for event in bench.events]
    assert len(names) == len({str(name) for name in names}) == 4


def test_a_tool_that_hangs_leaves_the_hours_and_no_telemetry(hardware: Hardware) -> None:
    bench = Bench(hardware)
    bench.go(2, 100)
    bench.go(12, None)
    bench.go(2, 100)
    bench.recorder.stop()
    assert bench.told() == [
        ("00:00:00", "00:00:02", 100.0),
        ("00:00:02", "00:00:10", None),
        ("00:00:10", "00:00:15", None),
        ("00:00:15", "00:00:16", 100.0),
    ]


def test_an_accelerator_that_the_catalogue_knows_not_is_told_once_and_counts(
    hardware: Hardware, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(hardware)
    bench.go(3, 100, "NVIDIA H999")
    bench.recorder.stop()
    assert caplog.messages.count("accelerator_unknown") == 1
    assert bench.told() == [("00:00:00", "00:00:03", 100.0)]


def test_the_time_since_a_recorder_was_killed_is_silent(hardware: Hardware) -> None:
    bench = Bench(hardware)
    bench.recorder.begin_at(START_MS - 15_000)
    bench.go(1, 100)
    bench.recorder.stop()
    assert bench.told() == [
        ("23:59:45", "23:59:50", None),
        ("23:59:50", "00:00:00", None),
        ("00:00:00", "00:00:01", None),
    ]
