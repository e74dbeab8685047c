"""Metered events whose totals can be worked out by hand, one tenant for each case."""

from __future__ import annotations

from typing import Any

from tests.support.provider import (
    TENANT,
    Json,
    correction,
    entity,
    event,
    hour,
    interest,
    metered,
    person,
    usage,
)


def every_case() -> list[Json]:
    """Give all of them, in the order in which they are sent."""
    return [*_hardware(), *_overlaps(), *_corrected(), *_runs(), *_owned()]


def _hardware() -> list[Json]:
    """One tenant for each way to say what was metered; each has a resource of its own name."""

    def one(tenant: str, end: float = 1, **fields: Any) -> Json:
        return usage(tenant, 0, end, tenant_id=tenant, resource_id=f"r-{tenant}", **fields)

    nothing: Json = {"accelerator": None, "accelerator_count": None}
    return [
        one("plain"),
        one("fraction", partition_fraction=0.5),
        one("instance", **nothing, instance_type="p5.48xlarge"),
        one(
            "override",
            accelerator="A100-SXM4-40GB",
            accelerator_count=2,
            instance_type="p5.48xlarge",
        ),
        one("spelled", accelerator="  nvidia a100-sxm4-40GB ", accelerator_count=3),
        one("fewer", accelerator=None, accelerator_count=4, instance_type="p5.48xlarge"),
        one("kind", accelerator="H100", accelerator_count=None, instance_type="p4d.24xlarge"),
        one("none", **nothing, instance_type="m5.12xlarge"),
        one("odd", **nothing, instance_type="odd.type"),
        one("odd-count", accelerator=None, accelerator_count=3, instance_type="odd.type"),
        one("odd-chip", accelerator="odd chip", accelerator_count=2),
        one("several", accelerator="gfx90a"),
        one("least", accelerator="MI210"),
        one("most", accelerator="MI250X"),
        one("eight-bit", precision="fp8"),
        one("no-such-bits", accelerator="V100", precision="fp8"),
        one("short", end=1 / 3_600_000),
        one("float-count", accelerator_count=8.0),
        one("named", job_id="j"),
    ]


def _overlaps() -> list[Json]:
    """One tenant for each way in which time can be metered more than once."""

    def of(tenant: str, name: str, begin: float, end: float, **fields: Any) -> Json:
        own = {"tenant_id": tenant, "resource_id": f"r-{tenant}", **fields}
        return usage(f"{tenant}-{name}", begin, end, **own)

    return [
        of("overlap", "1", 0, 4),
        of("overlap", "2", 2, 6),
        of("vantages", "1", 0, 4, vantage="host", telemetry={"gpu_util": 0.9}),
        of("vantages", "2", 0, 4, vantage="guest", telemetry={"gpu_util": 0.1}),
        of("counts", "1", 0, 4, accelerator_count=8),
        of("counts", "2", 2, 6, accelerator_count=4),
        of("parts", "1", 0, 2, accelerator_count=8, partition_fraction=0.5),
        of("parts", "2", 0, 2, accelerator_count=6),
        of("first", "1", 0, 4, resource_id="r-shared"),
        of("second", "1", 2, 6, resource_id="r-shared"),
        of("impossible", "1", 0, 1, telemetry={"gpu_util": 1.5, "power_w": 1e9}),
    ]


def _corrected() -> list[Json]:
    """One tenant for each order and kind of correction; each first sends four hours."""

    def first(tenant: str, **fields: Any) -> Json:
        return usage(f"{tenant}-1", 0, 4, tenant_id=tenant, resource_id=f"r-{tenant}", **fields)

    def other(original: Json, **fields: Any) -> Json:
        data = original["data"]
        return {**data, **fields}

    late, shrunk, again = first("late"), first("shrunk"), first("again")
    moved, voided, void_first = first("moved"), first("voided"), first("void-first")
    shared, sharing = first("shared"), usage("sharing", 2, 6, tenant_id="shared")
    sharing["data"]["resource_id"] = "r-shared-void"
    shared["data"]["resource_id"] = "r-shared-void"
    once = correction("again-2", again, other(again["data"] and again, accelerator_count=2), 5)
    twice = correction("again-3", once, metered(0, 4, **_own("again"), accelerator_count=5), 6)
    return [
        correction("late-2", late, other(late, accelerator_count=3), 5),
        late,
        shrunk,
        correction("shrunk-2", shrunk, other(shrunk, end=hour(1)), 5),
        again,
        once,
        twice,
        moved,
        correction("moved-2", moved, other(moved, tenant_id="moved-to"), 5),
        voided,
        correction("voided-2", voided, None, 5),
        correction("void-first-2", void_first, None, 5),
        void_first,
        shared,
        sharing,
        correction("shared-2", shared, None, 7),
    ]


def _own(tenant: str) -> dict[str, Any]:
    return {"tenant_id": tenant, "resource_id": f"r-{tenant}"}


def _runs() -> list[Json]:
    def of(name: str, tenant: str, **fields: Any) -> Json:
        own = {"tenant_id": tenant, "resource_id": f"r-{name}", **fields}
        return usage(f"run-{name}", 0, 1, **own)

    return [
        of("a", "lab", job_id="one"),
        of("b", "lab", job_id="one"),
        of("c", "lab", job_id="two", cluster_id="fabric"),
        of("d", "far", job_id="one", cluster_id="fabric"),
        of("e", "lab", data_ref="corpus"),
        of("f", "far", data_ref="corpus"),
        of("g", "joined", job_id="x", data_ref="p"),
        of("h", "joined", job_id="x", data_ref="q"),
    ]


def _owned() -> list[Json]:
    """Two tenants of one person, one changing hands after six of twelve hours."""
    until, since = "2026-03-02", "2026-03-02"
    return [
        entity("acme", "Acme", "FR"),
        entity("hold", "Holding", "FR"),
        entity("silent", "Silent", "KY"),
        person("ann", "Ann", "FR"),
        person("bob", "Bob", "FR"),
        person("cat", "Cat", "FR"),
        interest("i1", "hold", "acme", 100),
        interest("i2", "ann", "hold", 60, endDate=until),
        interest("i3", "bob", "hold", 60, startDate=since),
        interest("i4", "cat", "hold", 24),
        interest("i5", "silent", "quiet", 100),
        entity("quiet", "Quiet", "KY"),
        event("o1", TENANT, 0, {"tenant_id": "own-1", "customer_record_id": "acme"}),
        event("o2", TENANT, 0, {"tenant_id": "own-2", "customer_record_id": "hold"}),
        event("o3", TENANT, 0, {"tenant_id": "own-3", "customer_record_id": "quiet"}),
        usage("own-1", 18, 30, **_own("own-1")),
        usage("own-2", 20, 22, **_own("own-2"), time=30),
        usage("own-3", 20, 22, **_own("own-3"), time=30),
    ]
