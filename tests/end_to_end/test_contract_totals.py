"""Contract: what counts, and for whom. Every expected figure is worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.provider import (
    TENANT,
    Json,
    Ran,
    correction,
    entity,
    event,
    hour,
    interest,
    metered,
    person,
    replay,
    usage,
)

#: Dense operations per second at 16 bit, by the catalogue: H100 SXM and A100 SXM.
H100 = 989.4e12
A100 = 312e12
COLUMNS = (
    "scope,id,tenant_ids,accelerator_hours,peak_operations,operations_low,operations_expected,"
    "operations_high,hardware_operations_expected,training_probability,training_operations_low,"
    "training_operations_expected,training_operations_high,first_start,last_end"
)


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


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    events = [*_hardware(), *_overlaps(), *_corrected(), *_runs(), *_owned()]
    return replay(tmp_path_factory.mktemp("totals"), events)


def test_every_event_is_accepted_and_the_command_ends_well(ran: Ran) -> None:
    assert (ran.status, ran.errors) == (0, "")
    assert ran.lines("dead_letters") == []
    events = len(_hardware() + _overlaps() + _corrected() + _runs() + _owned())
    assert ran.summary["events_accepted"] == events


def test_the_columns_of_totals_are_those_of_the_contract(ran: Ran) -> None:
    text = (ran.out / "totals.csv").read_text()
    assert text.splitlines()[0] == COLUMNS
    assert {row["scope"] for row in ran.totals} == {"tenant", "training_run", "owner", "cluster"}


@pytest.mark.parametrize(
    ("tenant", "hours", "peak"),
    [
        ("plain", 1, H100 * 3600),
        ("fraction", 0.5, H100 * 1800),
        ("instance", 8, H100 * 8 * 3600),
        ("override", 2, A100 * 2 * 3600),
        ("spelled", 3, A100 * 3 * 3600),
        ("fewer", 4, H100 * 4 * 3600),
        ("kind", 8, H100 * 8 * 3600),
        ("none", 0, 0),
        ("odd", 0, 0),
        ("odd-count", 3, 0),
        ("odd-chip", 2, 0),
        ("eight-bit", 1, 1978.9e12 * 3600),
        ("no-such-bits", 1, 125e12 * 3600),
        ("short", 1 / 3_600_000, H100 / 1000),
        ("float-count", 8, H100 * 8 * 3600),
    ],
)
def test_hours_and_peak_follow_what_was_metered(
    ran: Ran, tenant: str, hours: float, peak: float
) -> None:
    row = ran.total("tenant", tenant)
    assert float(row["accelerator_hours"]) == pytest.approx(hours, rel=1e-12, abs=0)
    assert float(row["peak_operations"]) == pytest.approx(peak, rel=1e-9, abs=0)


def test_one_accelerator_for_one_hour_is_the_whole_row_by_hand(ran: Ran) -> None:
    row = ran.total("tenant", "plain")
    operations = [float(row[f"operations_{bound}"]) for bound in ("low", "expected", "high")]
    assert row["accelerator_hours"] in ("1", "1.0")
    assert row["peak_operations"] in ("3.56184e+18", "3.56184e18")
    assert (row["first_start"], row["last_end"]) == ("2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z")
    assert 0 < operations[0] < operations[1] < operations[2] <= 1978.9e12 * 3600 * 1.01
    assert row["tenant_ids"] == "plain"


def test_an_alias_of_several_accelerators_spans_them_in_the_interval(ran: Ran) -> None:
    several, least, most = (ran.total("tenant", name) for name in ("several", "least", "most"))
    assert several["operations_low"] == least["operations_low"]
    assert several["operations_high"] == most["operations_high"]
    expected = [float(row["operations_expected"]) for row in (least, several, most)]
    assert expected == sorted(expected)
    assert float(several["accelerator_hours"]) == 1


@pytest.mark.parametrize(
    ("tenant", "hours"),
    [
        ("overlap", 6),
        ("vantages", 4),
        ("counts", 8 * 4 + 4 * 2),
        ("parts", 6 * 2),
        ("first", 4),
        ("second", 4),
        ("impossible", 1),
    ],
)
def test_time_counts_once_and_the_larger_device_count_holds(
    ran: Ran, tenant: str, hours: float
) -> None:
    assert ran.hours()[tenant] == pytest.approx(hours, rel=1e-12)


@pytest.mark.parametrize(
    ("tenant", "hours"),
    [("late", 12), ("shrunk", 1), ("again", 20), ("moved-to", 4), ("shared", 4)],
)
def test_totals_are_those_of_the_replacement_alone(ran: Ran, tenant: str, hours: float) -> None:
    assert ran.hours()[tenant] == pytest.approx(hours, rel=1e-12)


def test_what_was_voided_leaves_no_hours(ran: Ran) -> None:
    left = ran.hours()
    assert [left.get(tenant, 0.0) for tenant in ("moved", "voided", "void-first")] == [0, 0, 0]


def test_runs_come_from_data_references_or_else_from_tenant_and_job(ran: Ran) -> None:
    runs = [row for row in ran.totals if row["scope"] == "training_run"]
    found = {
        (row["tenant_ids"], float(row["accelerator_hours"]))
        for row in runs
        if row["id"] != "unattributed"
    }
    assert found == {
        ("named", 1.0),
        ("lab", 2.0),
        ("lab", 1.0),
        ("far", 1.0),
        ("far;lab", 2.0),
        ("joined", 2.0),
    }
    assert len(runs) == 7


def test_what_belongs_to_no_run_is_one_row(ran: Ran) -> None:
    row = ran.total("training_run", "unattributed")
    linked = {"named", "lab", "far", "joined"}
    tenants = {r["id"] for r in ran.totals if r["scope"] == "tenant"} - linked
    assert set(row["tenant_ids"].split(";")) == tenants


def test_a_cluster_sums_its_own_hours(ran: Ran) -> None:
    row = ran.total("cluster", "fabric")
    assert (row["tenant_ids"], float(row["accelerator_hours"])) == ("far;lab", 2.0)


def test_operations_count_for_who_held_the_tenant_when_they_were_done(ran: Ran) -> None:
    """Ann holds both tenants until midnight, Bob since; Cat is below a quarter; nobody divides."""
    assert ran.hours("owner") == {"ann": 6.0 + 2.0, "bob": 6.0, "silent": 2.0}
    assert ran.total("owner", "ann")["tenant_ids"] == "own-1;own-2"
    assert ran.total("owner", "ann")["last_end"] == "2026-03-02T00:00:00Z"
    assert ran.total("owner", "bob")["first_start"] == "2026-03-02T00:00:00Z"


def test_odd_meters_are_findings_with_their_figures(ran: Ran) -> None:
    found = {
        (line["rule_id"], line["subject_id"]): line["evidence"] for line in ran.lines("findings")
    }
    assert found["instance-type-unknown", "odd"]["resource_hours"] == pytest.approx(1)
    assert found["accelerator-unknown", "odd-chip"]["accelerator_hours"] == pytest.approx(2)
    assert ("instance-type-unknown", "odd-count") in found
    assert found["device-counts-disagree", "counts"]["overlap_hours"] == pytest.approx(2)
    assert found["tenants-disagree", "first"]["overlap_hours"] == pytest.approx(2)
    assert found["tenants-disagree", "second"]["overlap_hours"] == pytest.approx(2)
    assert found["telemetry-impossible", "impossible"]["figure_count"] == 2
    assert ("instance-type-unknown", "none") not in found


def test_a_finding_says_what_where_and_why(ran: Ran) -> None:
    names = "finding_id rule_id policy_id severity scope subject_id tenant_ids at because evidence"
    findings = ran.lines("findings")
    assert findings
    for line in findings:
        assert set(names.split()) <= set(line)
        assert line["severity"] in ("info", "low", "medium", "high", "critical")
        assert line["because"].endswith(".")
        assert line["at"].endswith("Z")
    keys = [(line["rule_id"], line["scope"], line["subject_id"]) for line in findings]
    assert len(keys) == len(set(keys)) == len({line["finding_id"] for line in findings})


def test_the_order_of_events_and_repeats_change_no_total(ran: Ran, tmp_path: Path) -> None:
    events = [*_hardware(), *_overlaps(), *_corrected(), *_runs(), *_owned()]
    backwards = replay(tmp_path, [*reversed(events), *events[:5]])
    assert (backwards.out / "totals.csv").read_bytes() == (ran.out / "totals.csv").read_bytes()
    assert backwards.summary["events_duplicate"] == 5
