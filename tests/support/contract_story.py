"""Tenants that train side by side, each with another fate: what reports are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.provider import (
    BODS,
    TENANT,
    Json,
    correction,
    entity,
    event,
    hour,
    interest,
    person,
    usage,
)

#: A pretraining run as meters see it: pipes, links and power busy, steps in phase.
BUSY = {
    "gpu_util": 0.98,
    "sm_active": 0.9,
    "tensor_active": 0.45,
    "tensor_active_std": 0.05,
    "dram_active": 0.5,
    "power_w": 600.0,
    "power_w_std": 30.0,
    "sync_ratio": 0.98,
    "step_period_s": 8.0,
    "nvlink_bytes": 5e15,
    "fabric_bytes": 5e15,
}
_PRIOR = Path(__file__).parents[2] / "detector/policy/reference/utilisation.toml"
#: The AI model's own part of what the pipes execute, as shipped.
OWN_RATIO: float = tomllib.loads(_PRIOR.read_text())["algorithmic"]["expected"]
#: Operations of one node of 8 H100 in an hour: 0.45 of the peak, a part of it the model's own.
NODE_HOUR = 8 * 989.4e12 * 3600 * 0.45 * OWN_RATIO
NODES, STEP = 16, 6
#: Passed after about 19 hours, and so known once the fourth interval has ended.
THRESHOLD = 3e21


def _node(tenant: str, number: int, begin: float, **fields: Any) -> Json:
    name = f"{tenant}-{number}-{begin}"
    return usage(
        name,
        begin,
        begin + STEP,
        tenant_id=tenant,
        resource_id=f"{tenant}-node-{number}",
        accelerator_count=8,
        job_id="pretrain",
        cluster_id=f"fabric-{tenant}",
        service_class="managed_training",
        purchase_option="reserved",
        precision="bf16",
        telemetry=BUSY,
        **fields,
    )


def trained(tenant: str, until: int, nodes: Iterable[int] = range(NODES)) -> list[Json]:
    return [_node(tenant, node, begin) for begin in range(0, until, STEP) for node in nodes]


def customer(tenant: str, country: str, since: float = 0) -> list[Json]:
    """One organisation and its one owner, with the least that a provider may hold."""
    records = [
        entity(f"{tenant}-inc", f"{tenant} Inc", country),
        person(f"{tenant}-owner", f"Owner of {tenant}", country),
        interest(f"{tenant}-share", f"{tenant}-owner", f"{tenant}-inc", 100),
    ]
    statements = [event(f"{tenant}-b{n}", BODS, since, r) for n, r in enumerate(records)]
    record = {"tenant_id": tenant, "customer_record_id": f"{tenant}-inc"}
    return [*statements, event(f"{tenant}-t", TENANT, since, record)]


def _well_known(tenant: str) -> list[Json]:
    """Everything that 7.308(d)(1) asks for."""
    record = {
        "tenant_id": tenant,
        "customer_record_id": f"{tenant}-inc",
        "name": "Grow [bold]Ltd[/bold]",
        "kind": "organisation",
        "address": {"street": "1 rue A", "city": "Paris", "country": "FR", "type": "registered"},
        "use_locations": ["FR"],
        "email": "a@example.org",
        "phone": "+33 1",
        "payment": {"means": "card", "identifier_hash": "x1", "payer_name": "G", "country": "FR"},
    }
    declared = {
        "tenant_id": tenant,
        "declaration_id": "d1",
        "parameters": 7e10,
        "tokens": 1.4e13,
        "precision": "bf16",
        "planned_end": hour(48),
        "weight_security": "sealed",
        "incidents": "none",
    }
    access = {"tenant_id": tenant, "action": "console", "source_ip": "192.0.2.7", "country": "FR"}
    return [
        event(f"{tenant}-full", TENANT, 0.1, record),
        event(f"{tenant}-declared", "trainwatch.declaration.v1", 0.1, declared),
        event(f"{tenant}-access", "trainwatch.access.v1", 0.1, access),
    ]


def _late(tenant: str, nodes: Iterable[int], time: float) -> list[Json]:
    return [_node(tenant, node, begin, time=time) for begin in range(0, 24, STEP) for node in nodes]


def story() -> list[Json]:
    """In order of time, as a provider would send it."""
    voided = trained("void", 24)
    events = [
        *customer("grow", "FR"),
        *_well_known("grow"),
        *trained("grow", 48),
        *customer("late", "FR"),
        *trained("late", 36),
        *_late("late", range(NODES, NODES + 4), 30.5),
        *customer("small", "FR"),
        *trained("small", 36),
        *_late("small", range(NODES, NODES + 1), 30.5),
        *customer("void", "FR"),
        *voided,
        *(correction(f"{e['id']}-void", e, None, 31.5) for e in voided if "-1-" not in e["id"]),
        *customer("learnt", "FR", since=40.2),
        *trained("learnt", 36),
        *customer("home", "US"),
        *trained("home", 36),
        *trained("nobody", 36),
    ]
    return sorted(events, key=lambda each: str(each["time"]))
