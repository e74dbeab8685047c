"""Samplers against tools that hang, die or are not there, and an exporter on loopback."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from streams.clock import BootClock
from streams.record.figures import Device, Drops, Figures, Sample
from streams.record.page_sampler import PageSampler
from streams.record.samplers import Asked, ChildSampler, Sampler, nvidia_command
from streams.record.tables import limits, source_table
from tests.support.recording import H100, NVIDIA_SMI, answering, exporter, put_tool

UPTIME = BootClock()
SMI = source_table("nvidia-smi")


class Told(list[tuple[str, str]]):
    """What a sampler complained of."""

    def tell(self, event: str, text: str) -> None:
        self.append((event, text))


def asked(source: str, told: Told, period_ms: int = 100) -> Asked:
    soon = {"restart_seconds_min": 0.1, "restart_seconds_max": 0.2, "restart_silence_ms_min": 100}
    quick = limits().model_copy(update=soon)
    return Asked(
        source_table(source),
        quick,
        period_ms,
        3 * period_ms,
        Drops(),
        told.tell,
        UPTIME.milliseconds,
    )


def polled(sampler: Sampler, enough: Callable[[list[Sample]], bool]) -> list[Sample]:
    """Look every 20 ms until there is enough; the sampler is closed."""
    found: list[Sample] = []
    until = time.monotonic() + 90
    try:
        while not enough(found):
            assert time.monotonic() < until, found
            found += sampler.poll(UPTIME.milliseconds())
            time.sleep(0.02)
    finally:
        sampler.close()
    return found


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_a_tool_that_goes_on_printing_gives_whole_readings_in_order(tools: Path) -> None:
    put_tool(tools, "nvidia-smi", NVIDIA_SMI)
    told = Told()
    sampler = ChildSampler(asked("nvidia-smi", told), nvidia_command(SMI, 100))
    found = polled(sampler, lambda samples: len(samples) >= 3)
    assert [sample.at_ms for sample in found] == sorted({sample.at_ms for sample in found})
    assert found[0].figures == {
        Device("GPU-a", "0", H100): Figures({"gpu_util": 970_000, "power_w": 650_250}),
        Device("GPU-b", "1", H100): Figures({"gpu_util": 970_000, "power_w": 649_750}),
    }
    assert told == []


def test_a_tool_that_hangs_is_ended_and_started_again(tools: Path) -> None:
    once = NVIDIA_SMI.replace("while true; do", "for n in 1 2; do")
    put_tool(tools, "nvidia-smi", f"echo started >> {tools}/starts\n{once}exec sleep 1000\n")
    told = Told()
    sampler = ChildSampler(asked("nvidia-smi", told), nvidia_command(SMI, 100))
    found = polled(sampler, lambda samples: len(samples) >= 4)
    assert len(found) >= 4
    assert (tools / "starts").read_text("utf-8").count("started") >= 2
    assert set(told) == {("tool_failed", "nvidia-smi says nothing")}


def test_a_tool_that_fails_says_why_in_its_own_words_and_is_tried_again(tools: Path) -> None:
    put_tool(tools, "nvidia-smi", "echo 'Failed to initialize NVML: Unknown Error'\nexit 255\n")
    told = Told()
    sampler = ChildSampler(asked("nvidia-smi", told), nvidia_command(SMI, 100))
    polled(sampler, lambda _: told.count(("tool_failed", "nvidia-smi ended with status 255")) >= 2)
    assert ("tool_says", "Failed to initialize NVML: Unknown Error") in told


def test_a_tool_that_is_not_there_is_told_and_tried_again() -> None:
    told = Told()
    sampler = ChildSampler(asked("nvidia-smi", told), ["no-such-tool-smi"])
    polled(sampler, lambda _: len(told) >= 2)
    assert set(told) == {("tool_failed", "no-such-tool-smi: No such file or directory")}


def page(share: float, millijoules: int) -> str:
    labels = f'{{gpu="0",UUID="GPU-a",device="nvidia0",modelName="{H100}"}}'
    return (
        f"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{labels} {share}\n"
        "# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter\n"
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{labels} {millijoules}\n"
    )


def test_the_page_of_an_exporter_is_fetched_at_every_look() -> None:
    told = Told()
    with exporter([page(0.25, 1_000), page(0.5, 61_000), "# nothing\n", "<html>\n"]) as url:
        sampler = PageSampler(asked("dcgm", told, 5_000), url)
        found = [sampler.poll(at) for at in (0, 1, 2, 3)]
    device = Device("GPU-a", "0", H100)
    assert found == [
        [Sample(0, {device: Figures({"tensor_active": 250_000}, 1_000_000)})],
        [Sample(1, {device: Figures({"tensor_active": 500_000}, 61_000_000)})],
        [],
        [],
    ]
    assert [event for event, _ in told] == ["page_empty", "page_unreadable"]


def test_where_no_exporter_answers_there_is_silence() -> None:
    told = Told()
    with exporter([""]) as url:
        pass
    assert PageSampler(asked("dcgm", told), url).poll(0) == []
    assert [event for event, _ in told] == ["page_unreadable"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="no HTTP at all"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n# HELP", id="torn"
        ),
        pytest.param(b"HTTP/1.1 503 Busy\r\n\r\n", id="refused"),
        pytest.param(
            f"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{page(0.5, 1)}".encode(), id="short"
        ),
        pytest.param(
            f"HTTP/1.1 200 OK\r\n\r\n{page(0.5, 1_000)[:-3]}".encode(), id="torn in a figure"
        ),
    ],
)
def test_an_answer_that_is_no_whole_page_is_silence(answer: bytes) -> None:
    told = Told()
    with answering(answer) as url:
        assert PageSampler(asked("dcgm", told, 5_000), url).poll(0) == []
    assert [event for event, _ in told] == ["page_unreadable"]
    assert all(text for _, text in told)


def test_a_page_that_drips_holds_the_recorder_for_one_period_only() -> None:
    told = Told()
    with dripping() as url:
        assert PageSampler(asked("dcgm", told, 300), url).poll(0) == []
    assert told == [("page_unreadable", "expected a whole page within 0.3 s")]


@contextmanager
def dripping() -> Iterator[str]:
    """Answer one request on loopback with a line each 50 ms, for half a minute at most."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/metrics"
        thread.join()


def _drip(server: socket.socket) -> None:
    held, _ = server.accept()
    with held, suppress(OSError):
        held.recv(65_536)
        held.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(600):
            held.sendall(b"# more\n")
            time.sleep(0.05)
