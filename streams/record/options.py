"""What ``trainwatch record`` is told on the command line: whose work, how often, what hardware."""

from __future__ import annotations

import argparse
import os
import re
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from detector.events import Usage, format_instant
from detector.events.problems import refusal_of
from streams.command_line import add_catalogue, positive
from streams.record.book import Rules
from streams.record.events import Allocation
from streams.record.tables import SOURCES, limits

URL: Final = "http://127.0.0.1:9400/metrics"
_DURATION: Final = re.compile(r"(\d{1,9})(ms|s|m|h)", re.ASCII)
_MILLISECONDS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
#: Fields that the recorder fills itself.
_OWN: Final = frozenset(
    ("tenant_id", "resource_id", "start", "end", "accelerator", "accelerator_count", "telemetry")
)


class RecordError(Exception):
    """The recorder cannot be started like this. One line: what, where, what to do."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add every option of the command."""
    for name in ("tenant", "resource"):
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument(f"--{name}", metavar="ID", help=f"the {name}_id of every event")
        chosen.add_argument(
            f"--{name}-from-env", metavar="VARIABLE", help="an environment variable that holds it"
        )
    _add_readings(parser)
    _add_target(parser)
    _add_hardware(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="a further field of the usage event, such as job_id=j-1 or vantage=guest",
    )
    parser.add_argument(
        "--node",
        default=socket.gethostname(),
        metavar="NAME",
        help="names the source of events (default: the host name)",
    )


def _add_readings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        nargs="+",
        required=True,
        metavar="SOURCE",
        help=f"one of {', '.join(SOURCES)}; or file and the format it holds, one of the same",
    )
    parser.add_argument(
        "--read",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="recorded output to read, with --from file",
    )
    parser.add_argument(
        "--utc-offset", default="Z", metavar="+HH:MM", help="of times in files (default Z)"
    )
    parser.add_argument(
        "--url",
        type=address,
        default=URL,
        metavar="URL",
        help=f"the exporter's page (default {URL})",
    )
    parser.add_argument(
        "--cadence",
        type=duration,
        default="60s",
        metavar="TIME",
        help="length of one event: 60s (default), 5m, 1h",
    )
    parser.add_argument(
        "--sample",
        type=duration,
        metavar="TIME",
        help="between readings (default: the source's own, or the file's)",
    )


def _add_target(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", metavar="FILE", help="NDJSON to append to; - prints it")
    where.add_argument(
        "--kafka", type=Path, metavar="CONFIG", help="a configuration: its [kafka], its first topic"
    )


def _add_hardware(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accelerator", metavar="NAME", help="what the node has while no tool can say it"
    )
    parser.add_argument("--count", type=positive, metavar="N", help="how many of them, at least")
    parser.add_argument("--partition", metavar="PROFILE", help="a MIG profile, such as 3g.40gb")
    add_catalogue(parser)


def duration(text: str) -> int:
    """Read ``500ms``, ``60s``, ``5m`` or ``1h`` as milliseconds."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a time such as 60s or 500ms, got {text!r}")
    return int(match[1]) * _MILLISECONDS[match[2]]


def address(text: str) -> str:
    """Read the address of a page; another scheme would read a file of this machine."""
    try:
        parts = urlsplit(text)
        is_page = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_page = False
    if not is_page:
        raise argparse.ArgumentTypeError(f"expected an address such as {URL}, got {text!r}")
    return text


def rules_of(chosen: argparse.Namespace, period_ms: int) -> Rules:
    """Give how the book is kept where readings come every so many milliseconds.

    Raises:
        RecordError: Options contradict each other.
    """
    if (chosen.accelerator is None) != (chosen.count is None):
        raise RecordError("record: expected --accelerator and --count together; give both")
    if period_ms > chosen.cadence:
        raise RecordError("record: expected a --sample no longer than --cadence; shorten it")
    known = limits()
    return Rules(
        cadence_ms=chosen.cadence,
        hold_ms=hold_ms(period_ms),
        covered_ratio_min=known.covered_ratio_min,
        counter_over_power_max=known.counter_over_power_max,
        comparable_power_w_min=known.comparable_power_w_min,
        declared=(chosen.accelerator, chosen.count) if chosen.count is not None else None,
    )


def allocation_of(chosen: argparse.Namespace) -> Allocation:
    """Give whose work is metered.

    Raises:
        RecordError: A name is missing, or a field is none of the contract.
    """
    fields: dict[str, str] = {}
    for text in chosen.set:
        name, _, value = text.partition("=")
        if name not in Usage.model_fields or name in _OWN or not value:
            known = ", ".join(sorted(set(Usage.model_fields) - _OWN))
            raise RecordError(
                f"record: --set: expected FIELD=VALUE with FIELD one of {known}, got {text!r}"
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


def hold_ms(period_ms: int) -> int:
    """Give how long a reading may stand for the time before it."""
    return max(limits().hold_ms_min, limits().hold_periods * period_ms)
