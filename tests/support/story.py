"""A month and a half at a small provider, told event by event, for tests that kill and shuffle.

Four customers: ``alpha`` is foreign and passes the threshold of ``PACK``, is corrected, and grows
on; ``beta`` is at home; ``gamma`` shares data with alpha, is metered by a source of its own and
turns out to be foreign only late; ``delta`` is foreign and known by opening balances alone.
Events repeat, come late, contradict themselves and are broken, each in a way the contract names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from examples.metering import entity, event, holding, person

PACK_ID = "story-4e20"
PACK = """\
id = "story-4e20"
version = "1"
title = "Training by a foreign person (house rule of the tests)"
citation = "tests/support/story.py: no law stands behind this threshold"
legal_status = "voluntary"
status_as_of = 2026-11-22
status_source = "the tests"
status_confirmed = true
binds = ["provider"]
scopes = ["training_run", "tenant", "owner"]
tolerance_ratio = 0.10
reports = true
severity = "high"

[subject_test]
kind = "foreign_person"
person_statuses = ["foreign"]

[[thresholds]]
id = "operations-4e20"
operations = 4e20
comparison = "gt"
source = "the tests: some 40 hours of a node of eight H100"

[[clocks]]
event = "initial"
days = 15
source = "the tests"

[[clocks]]
event = "corrected"
days = 15
source = "the tests"
"""

#: Counters of a node that trains, as a host sees them.
BUSY: Mapping[str, float] = {
    "gpu_util": 0.98,
    "sm_active": 0.9,
    "tensor_active": 0.41,
    "power_w": 640.0,
    "nvlink_bytes": 4e14,
    "fabric_bytes": 9e13,
    "sync_ratio": 0.98,
}
HOUR = timedelta(hours=1)
SOURCE, OTHER_SOURCE = "/meter/1", "/meter/2"
#: When the fixed story begins; a story for the wall clock begins some weeks before now.
FIRST_AT = datetime(2026, 1, 5, tzinfo=UTC)

Event = dict[str, Any]


def policy_folder(path: Path) -> Path:
    """Write the pack as an operator's own policy folder."""
    path.mkdir(parents=True, exist_ok=True)
    (path / f"{PACK_ID}.toml").write_text(PACK, encoding="utf-8")
    return path


def line(told: Event) -> bytes:
    """Write an event as one line."""
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


class Story:
    """Makes events at instants counted in hours since the beginning."""

    def __init__(self, first_at: datetime = FIRST_AT) -> None:
        """Take the instant at which metering begins, a whole hour."""
        self._first_at = first_at

    def at(self, hours: float) -> str:
        """Write an instant."""
        return f"{self._first_at + hours * HOUR:%Y-%m-%dT%H:%M:%S}Z"

    def told(self, kind: str, name: str, hours: float, data: Mapping[str, Any]) -> Event:
        """Give an event emitted so many hours after the beginning."""
        made = event(kind, SOURCE, name, 0, dict(data))
        return {**made, "time": self.at(hours)}

    def data(
        self, tenant: str, node: int, start: float, hours: float, **more: object
    ) -> dict[str, object]:
        """Give the usage of one node of a tenant's only job."""
        return {
            "tenant_id": tenant,
            "resource_id": f"{tenant}-node-{node}",
            "start": self.at(start),
            "end": self.at(start + hours),
            "instance_type": "p5.48xlarge",
            "job_id": f"{tenant}-job",
            "cluster_id": f"fabric-{tenant}",
            "site_id": "site-1",
            "service_class": "managed_training",
            "precision": "bf16",
            "telemetry": dict(BUSY),
            **more,
        }

    def usage(self, tenant: str, node: int, start: float, hours: float, **more: object) -> Event:
        """Give one metered interval, emitted five minutes after its end."""
        name = f"{tenant}-{node}-{start:g}"
        data = self.data(tenant, node, start, hours, **more)
        return self.told("usage", name, start + hours + 1 / 12, data)

    def opening(self, name: str, tenant: str, hours: float, at: float, **said: object) -> Event:
        """Give what somebody stated of a tenant's only job before metering began."""
        data = {"tenant_id": tenant, "at": self.at(at), "job_id": f"{tenant}-job", **said}
        return self.told("opening", name, hours, data)

    def correction(
        self, original: Event, name: str, hours: float, replacement: Mapping[str, Any] | None
    ) -> Event:
        """Give a correction of an event; None voids it."""
        data = {
            "original_id": original["id"],
            "original": original["data"],
            "replacement": replacement,
        }
        return self.told("usage.correction", name, hours, data)

    def customers(self) -> Iterator[Event]:
        """Who they are and who owns them, but for gamma's owner."""
        homes = {"alpha": "CN", "beta": "US", "gamma": "US", "delta": "CN"}
        for tenant, country in homes.items():
            record = f"record-{tenant}"
            known = {"tenant_id": tenant, "customer_record_id": record, "name": f"{tenant} ltd"}
            address = {"address": {"country": country}, "kind": "organisation"}
            yield self.told("tenant", f"tenant-{tenant}", 0, known | address)
            place = {"jurisdiction": {"name": country, "code": country}}
            statement = entity(record, f"{tenant} ltd", "2025-01-01", place)
            yield self.told("bods", f"entity-{tenant}", 0, statement)
        for tenant, owner in (("alpha", "owner-a"), ("beta", "owner-b"), ("delta", "owner-d")):
            yield from self.owner(tenant, owner, homes[tenant], 0)

    def owner(self, tenant: str, owner: str, country: str, hours: float) -> Iterator[Event]:
        """Disclose the sole owner of a tenant."""
        lives = {
            "nationalities": [{"name": country, "code": country}],
            "addresses": [{"type": "residence", "country": {"name": country, "code": country}}],
        }
        told = person(owner, f"Name of {owner}", "2025-01-01", lives)
        yield self.told("bods", f"person-{owner}", hours, told)
        held = holding(f"record-{tenant}", owner, "2025-01-01", 100.0)
        yield self.told("bods", f"holding-{owner}-{tenant}", hours, held)


def story(first_at: datetime = FIRST_AT, days: int = 60, *, agreeing: bool = False) -> list[bytes]:
    """Give every message in order of arrival; the last ``days`` bring the story to its length.

    ``agreeing`` leaves out what contradicts what came before, so that any order means the same.
    """
    teller = Story(first_at)
    told: list[Event] = list(teller.customers())
    for start in range(0, 40, 4):
        told += [teller.usage("alpha", node, start, 4.0) for node in (1, 2)]
        told.append(teller.usage("beta", 1, start, 4.0))
        shared = teller.usage("gamma", 1, start, 4.0, data_ref="shared", telemetry={})
        told.append({**shared, "source": OTHER_SOURCE})
    lines = [line(each) for each in told]
    lines += _opened(teller, agreeing=agreeing)
    lines += _contradicted(teller, told, agreeing=agreeing)
    lines += _afterwards(teller, told, 24.0 * days)
    return lines


def _opened(teller: Story, *, agreeing: bool) -> list[bytes]:
    """What was stated of the time before metering: repeated, restated, contradicted, broken."""
    large = {"low": 3e20, "expected": 6e20, "high": 9e20}
    first = teller.opening("opening-1", "delta", 41, -24, operations=large, basis="customer")
    other = {**first, "data": {**first["data"], "accelerator_hours": 5}}
    events = [
        first,
        first,  # a duplicate
        other,  # a conflicting replay
        # a part of it was metered as well; ``at`` lies after the event, and the data of gamma join
        teller.opening("opening-2", "alpha", 41, 2, accelerator_hours=20),
        teller.opening("opening-3", "beta", 41, 99, operations={"high": 1e18}, basis="customer"),
        teller.opening("opening-4", "gamma", 41, -1, data_ref="shared", accelerator_hours=3),
        teller.opening("less-than-nothing", "alpha", 41, 0, accelerator_hours=-1),
        teller.opening("upside-down", "alpha", 41, 0, operations={"low": 2, "expected": 1}),
        teller.opening("restated", "delta", 95, -24, operations={**large, "expected": 9e20}),
        teller.opening("taken-back", "delta", 110, -24, operations={"high": 0}, basis="customer"),
    ]
    return [line(each) for each in events if not (agreeing and each is other)]


def _contradicted(teller: Story, told: list[Event], *, agreeing: bool) -> list[bytes]:
    """What is repeated, contradicted, corrected, voided and broken once alpha was reported."""
    by_name = {each["id"]: each for each in told}
    first, second, third = (by_name[name] for name in ("alpha-1-0", "alpha-2-4", "alpha-1-8"))
    other = {**first, "data": {**first["data"], "end": teller.at(3)}}
    shorter = {**second["data"], "end": teller.at(5)}
    corrected = teller.correction(second, "correction-1", 42, shorter)
    again = teller.correction(second, "correction-2", 42, None)
    last = {"original_id": "correction-1", "original": shorter, "replacement": None}
    late = teller.usage("alpha", 2, 50, 4.0)
    events = [
        first,  # a duplicate
        other,  # a conflicting replay
        corrected,
        again,  # a second correction of the same event: a conflicting replay
        corrected,
        teller.correction(third, "void-1", 43, None),
        teller.told("usage.correction", "correction-3", 44, last),  # a correction corrected
        teller.correction(late, "void-2", 45, {**late["data"], "end": teller.at(51)}),
        late,  # it comes after the event that corrects it
        teller.told("usage", "no-tenant", 45, {"resource_id": "r"}),
        teller.told("usage", "too-long", 45, teller.data("beta", 1, -1000, 900.0)),
        teller.told("telepathy", "unknown", 45, {}),
    ]
    broken = [b"{not json", b'{"specversion":"1.0"}', b'\xff"']
    wanted = [each for each in events if not (agreeing and each in (other, again))]
    return [*(line(each) for each in wanted), *broken]


def _afterwards(teller: Story, told: list[Event], until: float) -> list[bytes]:
    """Growth, a late event, an owner disclosed late, voids that withdraw, and a quiet end."""
    events: list[Event] = []
    for start in range(60, 84, 4):
        events += [teller.usage("alpha", node, start, 4.0, data_ref="shared") for node in (1, 2, 3)]
        events.append(teller.usage("gamma", 2, start, 4.0, data_ref="shared"))
    late = teller.usage("alpha", 4, 20, 9.0)
    events.append({**late, "time": teller.at(90)})
    declared = {"tenant_id": "alpha", "declaration_id": "d1", "planned_operations": 1e21}
    events.append(teller.told("declaration", "declaration-1", 91, declared))
    seen = {"tenant_id": "alpha", "action": "console", "source_ip": "203.0.113.9", "country": "CN"}
    events.append(teller.told("access", "access-1", 92, seen))
    events += teller.owner("gamma", "owner-a", "CN", 100)
    voided = [each for each in told if each["data"].get("tenant_id") == "alpha"]
    usages = [each for each in voided if each["id"] not in ("alpha-2-4", "alpha-1-8")]
    for number, each in enumerate(e for e in usages if e["type"].endswith("usage.v1")):
        if number % 3 == 0:
            events.append(teller.correction(each, f"withdrawn-{number}", 120 + number, None))
    for start in range(200, int(until), 240):
        events.append(teller.usage("beta", 2, start, 3.5))
        events.append(teller.usage("alpha", 5, start, 6.0))
    return [line(each) for each in events]
