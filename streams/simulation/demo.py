"""The demo's customers worth finding. Names are invented; sizes are chosen so that they cross.

The figures are for the shipped thresholds (1e26 operations, headquarters without a floor); a
larger pack simply leaves the demo with less to report.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from streams.simulation.draw import draw_workload
from streams.simulation.families import LEVELS, family, node
from streams.simulation.people import (
    Customer,
    Holding,
    Party,
    Record,
    access,
    declaration,
    holding,
    party,
    tenant,
)
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload

#: Devices of a resource that stands for a whole fabric block of the largest runs.
BLOCK: Final = 1024
#: The workload whose guest meter lies, by tenant.
LIAR: Final = "t-willow"
_UNKNOWN: Final = {
    "accelerator": "Zephyr ZX-9000",
    "device_count": 64,
    "resource_device_count": 64,
}


def campaign(rng: np.random.Generator, window: tuple[int, int]) -> tuple[Workload, ...]:
    """Give the workloads of the tenants worth finding."""
    small = _on("H100-SXM5-80GB", 8)
    slow = {**small, "cadence_ms": 6 * HOUR_MS}
    rows: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("t-aurora", "pretraining", _huge("t-aurora", 104, 0)),
        ("t-basalt", "pretraining", _huge("t-basalt", 32, 1)),
        ("t-cobalt", "pretraining", _huge("t-cobalt", 32, 2)),
        ("t-dolomite", "pretraining", _huge("t-dolomite", 32, 3)),
        ("t-lotus", "pretraining", {**slow, "device_count": 64}),
        ("t-zephyr", "pretraining", {**small, **_UNKNOWN}),
        (LIAR, "pretraining", {**slow, **_on("H200-SXM-141GB", 8), "device_count": 128}),
        ("t-sub-one", "finetuning", {**small, "device_count": 16}),
        ("t-harbor", "inference", {**_on("H100-SXM5-80GB", 64), "device_count": 256}),
    )
    return tuple(_drawn(rng, window, *row) for row in rows)


def people(window: tuple[int, int]) -> tuple[Customer, ...]:
    """Give the tenants worth finding, with their records."""
    at = window[0] - DAY_MS
    seen = access("t-lotus", 1, at + 3 * DAY_MS, "CN")
    lotus = _company("t-lotus", "Lotus Vision Technology", "CN", at, use_locations=["SG"])
    sub_one = access("t-sub-one", 1, at + 4 * DAY_MS, "BR", is_anonymizer=True)
    resold = {"reseller_tenant_id": "t-resale"}
    return (
        _aurora(at),
        *_chain(at),
        _with(lotus, seen),
        _company("t-zephyr", "Zephyr Compute Research", "FR", at),
        _company("t-willow", "Willow Language Systems", "IN", at),
        _company("t-harbor", "Harbor Chat", "US", at),
        _company("t-resale", "Cloudline Resale", "US", at, is_reseller=True),
        _with(_company("t-sub-one", "Subra Models", "BR", at, **resold), sub_one),
    )


def _aurora(at: int) -> Customer:
    """One foreign customer whose single run passes the threshold, and who declared less."""
    company = Party("aurora-fzco", "Aurora Frontier FZCO", "AE")
    owner = Party("aurora-owner", "Samir Haddad", "AE", is_person=True)
    records = (
        party(company, at),
        party(owner, at),
        holding(Holding(company.record_id, owner, 100.0), at),
        tenant("t-aurora", company, at, declared_purpose="language model training"),
        declaration(
            "t-aurora",
            at,
            model_name="aurora-1",
            parameters=4e11,
            tokens=1.2e13,
            precision="bf16",
            planned_operations=2.9e25,
            job_ids=["job-t-aurora"],
            end_use="general assistant",
            weight_security="encrypted at rest",
        ),
        access("t-aurora", 1, at + 2 * DAY_MS, "AE"),
    )
    return Customer("t-aurora", "AE", (owner.record_id,), ("AE",), records)


def _chain(at: int) -> tuple[Customer, ...]:
    """Three customers that look unrelated; one person stands behind two layers of shells."""
    owner = Party("chain-owner", "Timur Akhmet", "KZ", is_person=True)
    top = Party("chain-top", "Meridian Trust Holding", "KZ")
    shells = (
        Party("chain-shell-a", "Granite Nominees", "VG"),
        Party("chain-shell-b", "Slate Nominees", "VG"),
    )
    fronts = (
        ("t-basalt", Party("basalt-inc", "Basalt Weather Models", "US"), 0),
        ("t-cobalt", Party("cobalt-ltd", "Cobalt Speech", "GB"), 0),
        ("t-dolomite", Party("dolomite-pte", "Dolomite Search", "SG"), 1),
    )
    shared = [party(owner, at), party(top, at)]
    shared.append(holding(Holding(top.record_id, owner, 90.0), at))
    for shell in shells:
        shared.append(party(shell, at))
        shared.append(holding(Holding(shell.record_id, top, 75.0), at))
    found = [
        _front(tenant_id, company, shells[shell_number], owner, at)
        for tenant_id, company, shell_number in fronts
    ]
    return (replace(found[0], records=(*shared, *found[0].records)), *found[1:])


def _front(tenant_id: str, company: Party, shell: Party, owner: Party, at: int) -> Customer:
    """One of the three: a company of its own, owned by a shell, paid for from the top."""
    payment = {
        "means": "wire",
        "identifier_hash": "pay-meridian",
        "payer_name": "Meridian Trust Holding",
        "country": owner.country,
    }
    records = (
        party(company, at),
        holding(Holding(company.record_id, shell, 80.0), at),
        tenant(tenant_id, company, at, public_presence="minimal", payment=payment),
        access(tenant_id, 1, at + 2 * DAY_MS, owner.country),
    )
    ids, countries = (owner.record_id,), (owner.country,)
    return Customer(tenant_id, owner.country, ids, countries, records, "shells")


def _company(tenant_id: str, name: str, country: str, at: int, **fields: object) -> Customer:
    word = tenant_id.removeprefix("t-")
    company = Party(f"{word}-company", name, country)
    owner = Party(f"{word}-owner", f"{name} founder", country, is_person=True)
    records = (
        party(company, at),
        party(owner, at),
        holding(Holding(company.record_id, owner, 100.0), at),
        tenant(tenant_id, company, at, **fields),
    )
    return Customer(tenant_id, country, (owner.record_id,), (country,), records)


def _with(customer: Customer, record: Record) -> Customer:
    return replace(customer, records=(*customer.records, record))


def _on(accelerator: str, devices_per_resource: int) -> dict[str, Any]:
    return {"hardware": node(accelerator), "resource_device_count": devices_per_resource}


def _huge(tenant_id: str, blocks: int, site: int) -> dict[str, Any]:
    """A run of whole fabric blocks on the newest devices."""
    return {
        **_on("B200-SXM", BLOCK),
        "device_count": blocks * BLOCK,
        "precision": "bf16",
        "service_class": "bare_metal",
        "purchase_option": "capacity_block",
        "cluster_id": f"fabric-{tenant_id}",
        "site": site,
        "data_ref": None,
        "job_id": f"job-{tenant_id}",
    }


def _drawn(
    rng: np.random.Generator,
    window: tuple[int, int],
    tenant_id: str,
    family_name: str,
    changes: dict[str, Any],
) -> Workload:
    """Draw a workload, then fix what the story needs; it runs to the end of the window."""
    name = tenant_id.removeprefix("t-")
    base = draw_workload(rng, family(family_name), tenant_id, name, Limits(window, 2_000))
    common = {
        "vantage": "host",
        "telemetry": "full",
        "cadence_ms": HOUR_MS,
        "site": 0,
        "duty_ratio": 0.98,
        "start_ms": window[0] + HOUR_MS,
        "end_ms": window[1],
    }
    return _busy(replace(base, **{**common, **changes}))


def _busy(workload: Workload) -> Workload:
    """Hold a campaign's utilisation at an ordinary figure, so that its size alone decides.

    Nothing stalls, and of its rhythms only the writing of checkpoints stays.
    """
    if not workload.is_training:
        return workload
    fixed = {
        "tensor": 0.46,
        "gpu_util": 0.98,
        "sm": 0.8,
        "power": 0.86,
        "nvlink": 0.3,
        "noise": 0.02,
    }
    levels = tuple(
        fixed.get(name, value) for name, value in zip(LEVELS, workload.levels, strict=True)
    )
    writes = tuple(each for each in workload.rhythms if each.name == "checkpoint writes")
    return replace(workload, levels=levels, rhythms=writes, stalls=())
