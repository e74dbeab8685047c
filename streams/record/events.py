"""Finished intervals as usage events: one CloudEvent a line, named by node, boot and start."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detector.events import USAGE
from detector.events.instants import format_instant
from streams.record.book import Closed
from streams.record.hardware import Hardware


@dataclass(frozen=True)
class Allocation:
    """Whose work runs where: the contract's identifiers, the same in every event.

    ``fields`` are further usage fields by the contract's names.
    """

    tenant_id: str
    resource_id: str
    node: str
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The CloudEvents source of this node's recorder."""
        return f"trainwatch-record/{self.node}"


@dataclass(frozen=True)
class Era:
    """What names an interval for ever: the boot, and the clock of that boot.

    ``offset_ms`` is event time less the time since boot; None where a file gave the instants.
    """

    boot_id: str
    offset_ms: int | None = None

    def name(self, resource_id: str, start_ms: int) -> str:
        """Give the id of the event that begins here; two intervals of a boot never share one."""
        start = format_instant(start_ms)
        if self.offset_ms is None:
            return f"{self.boot_id}/{resource_id}/{start}"
        return f"{self.boot_id}/{resource_id}/{start}/{start_ms - self.offset_ms}"


def event_lines(
    closed: Sequence[Closed], allocation: Allocation, era: Era, hardware: Hardware, time_ms: int
) -> list[bytes]:
    """Write the intervals that ended together, one line each, with its newline."""
    return [
        _line(each, _resource(each, closed, allocation), allocation, era, hardware, time_ms)
        for each in closed
    ]


def _resource(each: Closed, closed: Sequence[Closed], allocation: Allocation) -> str:
    """Kinds of device on one node are resources of their own: the time of a resource counts once.

    A node with one kind of whole device, which is nearly every node, keeps its plain name.
    """
    if each.profile is not None:
        return f"{allocation.resource_id}/{each.profile}"
    whole = {
        other.accelerator
        for other in closed
        if other.profile is None and other.end_ms == each.end_ms
    }
    return (
        f"{allocation.resource_id}/{each.accelerator}" if len(whole) > 1 else allocation.resource_id
    )


def _line(
    each: Closed,
    resource_id: str,
    allocation: Allocation,
    era: Era,
    hardware: Hardware,
    time_ms: int,
) -> bytes:
    fraction = hardware.meaning(each.accelerator, each.profile).fraction
    usage: dict[str, object] = {
        "tenant_id": allocation.tenant_id,
        "resource_id": resource_id,
        "start": format_instant(each.start_ms),
        "end": format_instant(each.end_ms),
        "accelerator": each.accelerator,
        "accelerator_count": each.count,
        **({"partition_fraction": fraction} if each.profile and fraction is not None else {}),
        **allocation.fields,
        **({"telemetry": dict(each.telemetry)} if each.telemetry else {}),
    }
    event = {
        "specversion": "1.0",
        "id": era.name(resource_id, each.start_ms),
        "source": allocation.source,
        "type": USAGE,
        "time": format_instant(time_ms),
        "subject": f"ended by {each.why}; energy by {each.energy_basis or 'nothing'}",
        "data": usage,
    }
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"{text}\n".encode()
