"""``trainwatch record``: readings of this node's accelerators as usage events."""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from detector.events import Usage, format_instant, parse_instant
from detector.events.problems import refusal_of
from streams.arguments import add_catalogue, positive
from streams.broker import KafkaEvents
from streams.clock import BootClock, SystemClock
from streams.configuration import load_kafka
from streams.logs import Log, configure_logging
from streams.record.book import Rules
from streams.record.convert import convert
from streams.record.events import Allocation
from streams.record.figures import Drops
from streams.record.hardware import Hardware
from streams.record.history import read_offset, read_samples
from streams.record.queue import QueuedSink
from streams.record.recorder import Clocks, Recorder, once
from streams.record.samplers import (
    Asked,
    ChildSampler,
    PageSampler,
    Sampler,
    amd_commands,
    nvidia_command,
)
from streams.record.sinks import EventSink, FileSink, SinkError, StreamSink
from streams.record.tables import SOURCES, limits, source_table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
URL: Final = "http://127.0.0.1:9400/metrics"
_DURATION: Final = re.compile(r"(\d{1,9})(ms|s|m|h)", re.ASCII)
_MILLISECONDS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
#: Fields that the recorder fills itself.
_OWN: Final = frozenset(
    ("tenant_id", "resource_id", "start", "end", "accelerator", "accelerator_count", "telemetry")
)


class RecordError(Exception):
    """The recorder cannot be started like this. One line: what, where, what to do."""


ASKED_WRONGLY: Final = (RecordError,)
FAILURES: Final = (SinkError,)


def add_to(commands: _SubParsersAction[Any]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("record", help="meter this node's accelerators as usage events")
    for name in ("tenant", "resource"):
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument(f"--{name}", metavar="ID", help=f"the {name}_id of every event")
        chosen.add_argument(f"--{name}-from-env", metavar="VARIABLE", help="... read from there")
    parser.add_argument(
        "--from",
        dest="source",
        nargs="+",
        required=True,
        metavar="SOURCE",
        help=f"one of {', '.join(SOURCES)}; or file and the format it holds, one of the same",
    )
    parser.add_argument(
        "--read", type=Path, action="append", default=[], metavar="FILE", help="with --from file"
    )
    parser.add_argument("--utc-offset", default="Z", metavar="+HH:MM", help="of times in files")
    parser.add_argument("--url", default=URL, help=f"the exporter's page (default {URL})")
    parser.add_argument("--cadence", type=duration, default="60s", metavar="60s")
    parser.add_argument("--sample", type=duration, metavar="1s", help="default: the source's own")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", metavar="FILE", help=".ndjson to append to, or -")
    where.add_argument("--kafka", type=Path, metavar="CONFIG", help="its [kafka], its first topic")
    _add_hardware(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="a further field of the usage event, such as job_id=j-1 or vantage=guest",
    )
    parser.add_argument("--node", default=socket.gethostname(), help="names the source of events")
    parser.set_defaults(command=_record)


def _add_hardware(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accelerator", metavar="NAME", help="what the node has while no tool can say it"
    )
    parser.add_argument("--count", type=positive, metavar="N", help="... and how many, at least")
    parser.add_argument("--partition", metavar="PROFILE", help="a MIG profile, such as 3g.40gb")
    add_catalogue(parser)


def duration(text: str) -> int:
    """Read ``500ms``, ``60s``, ``5m`` or ``1h`` as milliseconds."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a time such as 60s or 500ms, got {text!r}")
    return int(match[1]) * _MILLISECONDS[match[2]]


def _record(chosen: argparse.Namespace) -> int:
    if chosen.out == "-":
        configure_logging(stream=sys.stderr)
    allocation = _allocation(chosen)
    kind = chosen.source[-1]
    if kind not in SOURCES or chosen.source[:-1] not in ([], ["file"]):
        raise RecordError(
            f"record: --from: expected one of {', '.join(SOURCES)}, or file and one of these, got "
            f"{' '.join(chosen.source)!r}"
        )
    period = chosen.sample or round(source_table(kind).sample_seconds * 1000)
    rules = _rules(chosen, period)
    hardware = Hardware(chosen.catalogue)
    if chosen.source[0] == "file":
        return _convert(chosen, kind, rules, allocation, hardware)
    return _live(chosen, kind, period, rules, allocation, hardware)


def _rules(chosen: argparse.Namespace, period_ms: int) -> Rules:
    if (chosen.accelerator is None) != (chosen.count is None):
        raise RecordError("record: expected --accelerator and --count together; give both")
    if period_ms > chosen.cadence:
        raise RecordError("record: expected a --sample no longer than --cadence; shorten it")
    known = limits()
    return Rules(
        cadence_ms=chosen.cadence,
        hold_ms=known.hold_periods * period_ms,
        covered_ratio_min=known.covered_ratio_min,
        counter_over_power_max=known.counter_over_power_max,
        comparable_power_w_min=known.comparable_power_w_min,
        declared=(chosen.accelerator, chosen.count) if chosen.count is not None else None,
    )


def _allocation(chosen: argparse.Namespace) -> Allocation:
    fields: dict[str, str] = {}
    for text in chosen.set:
        name, _, value = text.partition("=")
        if name not in Usage.model_fields or name in _OWN or not value:
            known = ", ".join(sorted(set(Usage.model_fields) - _OWN))
            raise RecordError(
                f"record: --set: expected FIELD=VALUE, FIELD one of {known}; {text!r}"
            )
        fields[name] = value
    tenant = _named(chosen, "tenant")
    resource = _named(chosen, "resource")
    _check_fields(fields, tenant, resource)
    return Allocation(tenant, resource, chosen.node, fields)


def _named(chosen: argparse.Namespace, name: str) -> str:
    value: str | None = getattr(chosen, name)
    variable: str | None = getattr(chosen, f"{name}_from_env")
    found = value if variable is None else os.environ.get(variable)
    if not found:
        where = f"environment variable {variable}" if variable else f"--{name}"
        raise RecordError(f"record: {where}: expected the {name}_id, got nothing; set it")
    return found


def _check_fields(fields: dict[str, str], tenant: str, resource: str) -> None:
    """Hold the fields against the contract now, not when the detector refuses the events."""
    example = {
        "tenant_id": tenant,
        "resource_id": resource,
        "start": format_instant(0),
        "end": format_instant(1),
        "accelerator": "any",
        "accelerator_count": 1,
        **fields,
    }
    try:
        Usage.model_validate(example)
    except ValidationError as error:
        raise RecordError(f"record: --set: {refusal_of(error, '').detail}; mend it") from error


def _sink(chosen: argparse.Namespace, tenant_id: str) -> EventSink:
    if chosen.kafka is not None:
        carrier = KafkaEvents(load_kafka(chosen.kafka))
        return QueuedSink(carrier, tenant_id, limits().queue_events_max)
    return StreamSink() if chosen.out == "-" else FileSink(Path(chosen.out))


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
    samples = read_samples(chosen.read, source_table(kind), zone, drops, chosen.partition)
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
    boot = BOOT_ID.read_text(encoding="ascii").strip()
    recorder = Recorder(
        allocation, boot, rules, clocks, _sampler(asked, kind, chosen.url), sink, hardware, drops
    )
    begun = broken_off(sink, allocation, boot)
    if begun is not None:
        recorder.begin_at(begun)
    while not stop.wait(period_ms / 1000):
        recorder.step()
    recorder.stop()
    sink.close()
    return 0


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
        and str(event.get("id", "")).startswith(f"{boot_id}/{allocation.resource_id}")
        and usage.get("tenant_id") == allocation.tenant_id
    )
    if not is_ours or str(event.get("subject", "")).startswith("ended by stop"):
        return None
    return parse_instant(str(usage.get("end", "")))
