"""What was not seen: silences, ends that are clean, and bills that no meter explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from detector.completeness import completeness, completeness_findings
from detector.rules.rule import Finding
from features.accumulate import accumulate, merge
from features.activity import activity
from features.completeness import Metered, gathered, metered
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.subjects import limits
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    at,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

LIMITS = limits()
NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
Row = dict[str, Any]


def where(rows: Sequence[Row]) -> Metered:
    usage = merge([accumulate(usage_frame(rows))])
    described = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW}))
    return metered(usage, described.levels, described.specs, LIMITS.unmetered_hours_min)


def view(rows: Sequence[Row]) -> pl.DataFrame:
    return completeness(where(rows), activity(usage_frame(rows)), LIMITS)


def found(rows: Sequence[Row]) -> list[Finding]:
    return list(completeness_findings(view(rows), LIMITS, at(0)))


def hourly(tenant: str, first: int, last: int, **fields: Any) -> list[Row]:
    """Meter one resource of a tenant hour by hour."""
    base = {"tenant_id": tenant, "resource_id": f"r-{tenant}"} | fields
    return [usage_row(h * HOUR, (h + 1) * HOUR, **base) for h in range(first, last)]


def test_the_view_tells_since_when_how_much_and_by_whom_each_was_metered() -> None:
    rows = [
        *hourly("t", 0, 10, region="x", accelerator_count=2, **{"telemetry.gpu_util": 0.5}),
        *hourly("t", 0, 15, region="x", accelerator_count=2, vantage="bill", source="till"),
        usage_row(0, 2 * HOUR, tenant_id="u", resource_id="g", vantage="guest", site_id="s"),
    ]
    names = [
        "scope", "id", "tenant_count", "event_count", "resource_hours", "accelerator_hours",
        "provider_hours", "bill_hours", "unmetered_hours", "guest_only_hours",
    ]  # fmt: skip
    assert view(rows).select(names).rows() == [
        ("region", "x", 1, None, None, 30.0, 20.0, 30.0, 10.0, 0.0),
        ("site", "s", 1, None, None, 2.0, 0.0, 0.0, 0.0, 2.0),
        ("source", "meter", 2, 11, 12.0, None, None, None, None, None),
        ("source", "till", 1, 15, 15.0, None, None, None, None, None),
        ("tenant", "t", 1, None, None, 30.0, 20.0, 30.0, 10.0, 0.0),
        ("tenant", "u", 1, None, None, 2.0, 0.0, 0.0, 0.0, 2.0),
    ]
    told = view(rows).filter(scope="tenant").select("id", "silent_ratio", "metered_since")
    assert told.rows() == [("t", pytest.approx(1 / 3), at(0)), ("u", 1.0, at(0))]


def test_a_slice_counts_to_the_last_digit_that_is_kept_as_in_the_totals() -> None:
    rows = hourly("t", 0, 5, partition_fraction=1 / 7)
    (told,) = view(rows).filter(scope="tenant").to_dicts()
    assert (told["accelerator_hours"], told["provider_hours"]) == (0.714285715, 0.714285715)


def test_a_source_that_stops_with_all_its_customers_while_others_go_on_is_silent() -> None:
    rows = [
        *hourly("a", 0, 30, source="east"),
        *hourly("b", 0, 30, source="east"),
        *hourly("c", 0, 60, source="west"),
    ]
    [finding] = found(rows)
    assert finding.rule_id == "source-silent"
    assert (finding.scope, finding.subject_id) == ("source", "east")
    assert finding.tenant_ids == ("a", "b")
    assert finding.because == (
        "The source east has told of no metering since 2026-03-03T06:00:00Z, while others go on; "
        "2 tenants were live when it ended. No metering is not no training."
    )


def test_a_region_that_goes_dark_is_told_once_and_one_that_empties_is_not() -> None:
    dark = [*hourly("a", 0, 30, region="x"), *hourly("b", 0, 30, region="x")]
    empties = [*hourly("a", 0, 30, region="x"), *hourly("b", 0, 20, region="x")]
    others = hourly("c", 0, 60, region="y")
    assert [(f.rule_id, f.scope, f.subject_id) for f in found([*dark, *others])] == [
        ("source-silent", "region", "x")
    ]
    assert found([*empties, *others]) == []


def test_a_tenant_that_stops_is_a_clean_end_whatever_its_source() -> None:
    rows = [*hourly("a", 0, 30, source="east"), *hourly("c", 0, 90, source="west")]
    assert found(rows) == []


def test_one_source_with_a_wrong_clock_makes_nobody_silent() -> None:
    rows = [
        *hourly("a", 0, 30, source="east"),
        *hourly("b", 0, 30, source="east"),
        *hourly("c", 0, 30, source="west"),
        usage_row(0, HOUR, tenant_id="d", source="ahead", time=at(53 * HOUR)),
    ]
    assert found(rows) == []


def test_a_source_that_sends_daily_is_not_silent_at_noon() -> None:
    daily = [
        usage_row(d * 24 * HOUR, (d + 1) * 24 * HOUR, tenant_id=t, resource_id=t, source="till")
        for d in range(10)
        for t in ("a", "b")
    ]
    assert found([*daily, *hourly("c", 0, 260, source="west")]) == []


def test_a_bill_that_goes_on_after_the_meter_stopped_is_a_gap() -> None:
    rows = [*hourly("t", 0, 10), *hourly("t", 0, 30, vantage="bill", source="till")]
    [finding] = found(rows)
    assert finding.rule_id == "metering-gap"
    assert (finding.severity, finding.subject_id) == ("medium", "t")
    assert finding.evidence == {"bill_hours": 30.0, "provider_hours": 10.0, "gap_hours": 20.0}


def test_resources_that_only_the_bill_ever_saw_are_no_gap_in_the_meters() -> None:
    rows = [*hourly("t", 0, 10), *hourly("t", 0, 90, vantage="bill", resource_id="other")]
    assert found(rows) == []
    told = view(rows).filter(scope="tenant").select("unmetered_hours", "gap_hours", "is_silent")
    assert told.rows() == [(90.0, 0.0, False)]


def test_a_gap_that_closed_again_is_less_severe() -> None:
    seen = [*hourly("t", 0, 10), *hourly("t", 20, 30)]
    [finding] = found([*seen, *hourly("t", 0, 30, vantage="bill", source="till")])
    assert (finding.rule_id, finding.severity) == ("metering-gap", "low")


def test_a_bill_rounded_to_whole_hours_is_no_gap() -> None:
    metered_rows = [usage_row(20 * 60_000, HOUR + 600_000, resource_id=f"r{n}") for n in range(9)]
    billed = [usage_row(0, 2 * HOUR, resource_id=f"r{n}", vantage="bill") for n in range(9)]
    assert found([*metered_rows, *billed]) == []


def test_a_provider_that_sends_bills_alone_has_no_gap_in_its_meters() -> None:
    assert found(hourly("t", 0, 30, vantage="bill")) == []


def test_parts_of_the_state_put_together_give_the_view_of_the_whole() -> None:
    rows = [
        *hourly("a", 0, 9, region="x"),
        *hourly("b", 4, 30, region="x", vantage="bill"),
        *hourly("c", 0, 60, region="x", site_id="s"),
    ]
    apart = gathered([where([row for row in rows if row["tenant_id"] == t]) for t in "cab"])
    whole = where(rows)
    assert apart.places.equals(whole.places)
    assert apart.stretches.equals(whole.stretches)
