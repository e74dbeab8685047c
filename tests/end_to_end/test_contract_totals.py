"""Contract: what counts, and for whom. Every expected figure is worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contract_cases import every_case
from tests.support.provider import Ran, replay

#: Dense operations per second at 16 bit, by the catalogue: H100 SXM and A100 SXM.
H100 = 989.4e12
A100 = 312e12
COLUMNS = (
    "scope,id,tenant_ids,accelerator_hours,peak_operations,operations_low,operations_expected,"
    "operations_high,hardware_operations_expected,training_probability,training_operations_low,"
    "training_operations_expected,training_operations_high,first_start,last_end,"
    "metered_since,opening_operations_expected,silent_ratio"
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return replay(tmp_path_factory.mktemp("totals"), every_case())


def test_every_event_is_accepted_and_the_command_ends_well(ran: Ran) -> None:
    assert (ran.status, ran.errors) == (0, "")
    assert ran.lines("dead_letters") == []
    assert ran.summary["events_accepted"] == len(every_case())


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
    assert row["peak_operations"] == "3561840000000000000"
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
    events = every_case()
    backwards = replay(tmp_path, [*reversed(events), *events[:5]])
    assert (backwards.out / "totals.csv").read_bytes() == (ran.out / "totals.csv").read_bytes()
    assert backwards.summary["events_duplicate"] == 5
