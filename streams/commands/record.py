"""``trainwatch record``: readings of this node's accelerators as usage events."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Final

from detector.events import parse_instant
from streams.clock import BootClock, SystemClock
from streams.command_line import Adder
from streams.logs import Log, configure_logging
from streams.record.book import Rules
from streams.record.convert import convert, usual_gap
from streams.record.events import Allocation
from streams.record.figures import Drops
from streams.record.hardware import Hardware
from streams.record.history import read_offset, read_samples
from streams.record.options import (
    RecordError,
    add_options,
    allocation_of,
    hold_ms,
    rules_of,
)
from streams.record.page_sampler import PageSampler
from streams.record.recorder import Clocks, Recorder, once
from streams.record.samplers import (
    Asked,
    ChildSampler,
    Sampler,
    amd_commands,
    nvidia_command,
)
from streams.record.sinks import EventSink, FileSink, SinkError, StreamSink
from streams.record.tables import SOURCES, limits, source_table

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
ASKED_WRONGLY: Final = (RecordError,)
FAILURES: Final = (SinkError,)


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("record")
    add_options(parser)
    parser.set_defaults(command=_record)


def _record(chosen: argparse.Namespace) -> int:
    if chosen.out == "-":
        configure_logging(stream=sys.stderr)
    allocation = allocation_of(chosen)
    kind = chosen.source[-1]
    if kind not in SOURCES or chosen.source[:-1] not in ([], ["file"]):
        raise RecordError(
            f"record: --from: expected one of {', '.join(SOURCES)}, or file and one of these, got "
            f"{' '.join(chosen.source)!r}"
        )
    period = chosen.sample or round(source_table(kind).sample_seconds * 1000)
    rules = rules_of(chosen, period)
    hardware = Hardware(chosen.catalogue)
    if chosen.source[0] == "file":
        return _convert(chosen, kind, rules, allocation, hardware)
    return _live(chosen, kind, period, rules, allocation, hardware)


def _sink(chosen: argparse.Namespace, tenant_id: str) -> EventSink:
    if chosen.kafka is not None:
        return _to_kafka(chosen.kafka, tenant_id)
    return StreamSink() if chosen.out == "-" else FileSink(Path(chosen.out))


def _to_kafka(config: Path, tenant_id: str) -> EventSink:
    """Load Kafka's library only where it is asked for: it is half of what a recorder weighs."""
    from streams.broker import KafkaEvents  # noqa: PLC0415
    from streams.configuration import load_kafka  # noqa: PLC0415
    from streams.record.queue import QueuedSink  # noqa: PLC0415

    return QueuedSink(KafkaEvents(load_kafka(config)), tenant_id, limits().queue_events_max)


def _convert(
    chosen: argparse.Namespace, kind: str, rules: Rules, allocation: Allocation, hardware: Hardware
) -> int:
    if not chosen.read:
        raise RecordError("record: --from file: expected --read FILE, got none; name the files")
    try:
        zone = read_offset(chosen.utc_offset)
    except ValueError as error:
        raise RecordError(f"record: --utc-offset: {error}") from error
    drops = Drops()
    read = read_samples(chosen.read, source_table(kind), zone, drops, chosen.partition)
    gap_ms, samples = usual_gap(read)
    if chosen.sample is None and gap_ms is not None:
        rules = replace(rules, hold_ms=hold_ms(gap_ms))
    sink = _sink(chosen, allocation.tenant_id)
    try:
        convert(samples, rules, allocation, hardware, sink, drops)
    finally:
        sink.close()
    return 0


def _live(
    chosen: argparse.Namespace,
    kind: str,
    period_ms: int,
    rules: Rules,
    allocation: Allocation,
    hardware: Hardware,
) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _expect_tool(kind)
    drops, uptime = Drops(), BootClock()
    log = Log("record")
    tell = once(lambda event, text: log.warning(event, said=text))
    asked = Asked(
        source_table(kind),
        limits(),
        period_ms,
        rules.hold_ms,
        drops,
        tell,
        uptime.milliseconds,
        chosen.partition,
    )
    clocks = Clocks(SystemClock(), uptime, limits().clock_jump_ms)
    sink = _sink(chosen, allocation.tenant_id)
    boot, sampler = _boot_id(), _sampler(asked, kind, chosen.url)
    recorder = Recorder(allocation, boot, rules, clocks, sampler, sink, hardware, drops)
    begun = broken_off(sink, allocation, boot)
    if begun is not None:
        recorder.begin_at(begun)
    try:
        while not stop.wait(period_ms / 1000):
            recorder.step()
        recorder.stop()
    finally:
        sampler.close()
    sink.close()
    return 0


def _expect_tool(kind: str) -> None:
    """Refuse a tool that is not there where a person looks on; a daemon goes on trying."""
    tool = source_table(kind).tool
    if kind != "dcgm" and sys.stderr.isatty() and shutil.which(tool) is None:
        raise RecordError(
            f"record: --from {kind}: expected the program {tool} on the PATH, found none; install "
            "the driver package of the vendor that brings it, or name another source with --from"
        )


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError as error:
        raise RecordError(
            f"record: {BOOT_ID}: expected the id of this boot ({error.strerror}); live recording "
            "needs Linux, record the tool's output to a file elsewhere and use --from file"
        ) from error


def _sampler(asked: Asked, kind: str, url: str) -> Sampler:
    if kind == "dcgm":
        return PageSampler(asked, url)
    if kind == "amd-smi":
        return ChildSampler(asked, *amd_commands(asked.table, asked.period_ms))
    return ChildSampler(asked, nvidia_command(asked.table, asked.period_ms))


def broken_off(sink: EventSink, allocation: Allocation, boot_id: str) -> int | None:
    """Give the instant at which a recorder of this boot and allocation was cut off, if one was.

    One that was stopped in order had its last word; then the allocation may have ended.
    """
    if not isinstance(sink, FileSink):
        return None
    if sink.tail.torn_bytes:
        Log("record").warning("torn_line_cut_off", bytes=sink.tail.torn_bytes)
    event = sink.tail.last_event or {}
    usage = event.get("data") or {}
    is_ours = (
        event.get("source") == allocation.source
        and str(event.get("id", "")).startswith(f"{boot_id}/{allocation.resource_id}/")
        and usage.get("tenant_id") == allocation.tenant_id
    )
    if not is_ours or str(event.get("subject", "")).startswith("ended by stop"):
        return None
    return parse_instant(str(usage.get("end", "")))
