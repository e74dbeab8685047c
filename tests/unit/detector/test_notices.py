"""Oddities met while totals were made, as notices of the tenants they concern."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from detector.facts import Notice
from detector.notices import AT_ODDS, notices
from detector.rules import RULES, apply
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from features.witness import CONFLICTS, HEARSAY
from tests.support.subjects import case, subject, training
from tests.support.usage_rows import BEGIN, HOUR, small_catalogue, usage_frame, usage_row
from tests.support.usage_rows import no_segments as none

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100


def noticed(*rows: dict[str, Any]) -> dict[str, tuple[Notice, ...]]:
    usage = merge([accumulate(usage_frame(rows))])
    catalogue = small_catalogue()
    described = describe(usage, catalogue, none(), moments({NOW: NOW}))
    return notices(described, catalogue.names)


def notice(rule_id: str, tenant: str, **values: str | float) -> Notice:
    return Notice(rule_id, "tenant", tenant, (tenant,), dict(values))


def test_ordinary_usage_gives_no_notice() -> None:
    assert noticed(usage_row(0, HOUR)) == {}


def test_each_unknown_instance_type_is_listed_with_its_resource_hours() -> None:
    typed = {"accelerator": None, "accelerator_count": None}
    rows = [
        usage_row(0, 2 * HOUR, **typed, instance_type="x9.huge"),
        usage_row(0, 3 * HOUR, **typed, instance_type="x9.huge", resource_id="s"),
        usage_row(0, HOUR, **typed, instance_type="y1", resource_id="q"),
        usage_row(0, HOUR, **typed, instance_type="m7i.large", resource_id="known"),
    ]
    assert noticed(*rows) == {
        "t": (
            unlisted("instance-type-unknown", "x9.huge", 5.0, 0.0, 5.0),
            unlisted("instance-type-unknown", "y1", 1.0, 0.0, 1.0),
        )
    }


def unlisted(
    rule: str, name: str, hours: float, counted: float, told: float, stated: float = 0.0
) -> Notice:
    """Give the notice of machines without a known accelerator; ``told``: hours it speaks of."""
    kinds = small_catalogue().names.accelerators.select(pl.max_horizontal(r"^peak_.*$").max())
    most = float(kinds.item()) * 3600.0
    return notice(
        rule,
        "t",
        instance_type=name,
        resource_hours=hours,
        counted_hours=counted,
        accelerator_hours=stated,
        operations_each=told * most,
        operations_stated=stated * most,
    )


def test_accelerators_at_work_on_machines_that_have_none_are_told_of() -> None:
    """Named by such a type, a training would compute nothing in any total."""
    bare = {"accelerator": None, "accelerator_count": None, "instance_type": "m7i.large"}
    busy, idle = {"telemetry.gpu_util": 0.9}, {"telemetry.gpu_util": 0.0}
    rows = [
        usage_row(0, 2 * HOUR, **bare, **busy),
        usage_row(0, 3 * HOUR, **bare, **idle, resource_id="idle"),
        usage_row(0, HOUR, **bare, resource_id="silent", **{"telemetry.power_w": 300.0}),
    ]
    together = unlisted("accelerators-unlisted", "m7i.large", 6.0, 4.0, 4.0)  # by the hour
    assert noticed(rows[0], rows[2]) == {
        "t": (unlisted("accelerators-unlisted", "m7i.large", 3.0, 2.0, 2.0),)
    }
    assert noticed(*rows[1:]) == {}
    assert noticed(*rows) == {"t": (together,)}


def test_a_customers_exporter_on_machines_that_have_none_is_no_accelerator() -> None:
    bare = {"accelerator": None, "accelerator_count": None, "telemetry.gpu_util": 0.9}
    row = usage_row(0, HOUR, **bare, instance_type="m7i.large", vantage="guest")
    assert noticed(row) == {}
    typed = usage_row(0, HOUR, **bare, instance_type="y1", vantage="guest")
    assert noticed(typed) == {"t": (unlisted("instance-type-unknown", "y1", 1.0, 1.0, 1.0),)}


def test_accelerators_stated_on_machines_that_have_none_are_told_of() -> None:
    stated = {"accelerator": None, "accelerator_count": 8, "instance_type": "m7i.large"}
    assert noticed(usage_row(0, 2 * HOUR, **stated)) == {
        "t": (unlisted("accelerators-unlisted", "m7i.large", 2.0, 0.0, 0.0, 16.0),)
    }


def test_counters_on_an_unknown_type_are_told_beside_it() -> None:
    typed = {"accelerator": None, "accelerator_count": None, "instance_type": "y1"}
    row = usage_row(0, HOUR, **typed, **{"telemetry.tensor_active": 0.4})
    assert noticed(row) == {"t": (unlisted("instance-type-unknown", "y1", 1.0, 1.0, 1.0),)}


def test_names_that_start_like_an_unknown_one_are_told_beside_it() -> None:
    typed = {"accelerator": None, "accelerator_count": None}
    rows = [
        usage_row(0, HOUR, **typed, instance_type="p5.96xlarge"),
        usage_row(0, HOUR, accelerator="H1000", resource_id="s"),
    ]
    found = [each.values.get("similar_names") for each in noticed(*rows)["t"]]
    assert found == ["p5.96xlarge: p5.48xlarge", "H1000: h100"]


def test_an_unknown_accelerator_is_listed_with_its_hours_also_where_no_count_was_sent() -> None:
    rows = [
        usage_row(0, 2 * HOUR, accelerator="toaster", accelerator_count=4),
        usage_row(
            0,
            HOUR,
            accelerator="kettle",
            accelerator_count=None,
            instance_type="x9.huge",
            resource_id="s",
        ),
    ]
    kettle, toaster = noticed(*rows)["t"]
    assert kettle == notice(
        "accelerator-unknown",
        "t",
        accelerator="kettle",
        accelerator_hours=0.0,
        operations_at_most=0.0,
        resource_hours=1.0,
    )
    assert toaster.values["accelerator_hours"] == 8.0
    peaks = (
        small_catalogue().accelerators.select(pl.max_horizontal(pl.col("^peak_.*$"))).to_series()
    )
    assert toaster.values["operations_at_most"] == 8.0 * 3600 * max(peaks)


def impossible(tenant: str, count: int, field: str, reading: str, vantage: str = "host") -> Notice:
    values: dict[str, str | float] = {"figure_count": count, "field": field, "reading": reading}
    return notice("telemetry-impossible", tenant, **values, vantage=vantage)


def test_an_impossible_figure_is_told_once_with_its_value_its_limit_and_its_place() -> None:
    figures = {"telemetry.tensor_active": 2.0, "telemetry.power_w": -1.0}
    here = {"job_id": "j", "site_id": "dc-1", "region": "eu"}
    where = "(read by the host on H100 at dc-1 eu in job j in the hour of 2026-03-02 00:00 UTC)"
    assert noticed(usage_row(0, 5 * HOUR, **here, **figures)) == {
        "t": (
            impossible("t", 1, "power_w", f"power_w -1 W where 2 W or more is possible {where}"),
            impossible(
                "t", 1, "tensor_active", f"tensor_active 2 where at most 1 is possible {where}"
            ),
        )
    }


def test_readings_of_one_counter_are_told_as_a_mean_apart_for_each_side_and_vantage() -> None:
    rows = [
        usage_row(0, HOUR, **{"telemetry.power_w": 60_000.0}),
        usage_row(2 * HOUR, 3 * HOUR, job_id="a", **{"telemetry.power_w": 80_000.0}),
        usage_row(0, HOUR, resource_id="s", **{"telemetry.power_w": -5.0}),
        usage_row(0, HOUR, vantage="bmc", **{"telemetry.energy_j": 3.6e9}),
    ]
    possible = "where at most 50,000 W is possible"
    assert [
        (each.values["figure_count"], each.values["reading"]) for each in noticed(*rows)["t"]
    ] == [
        (
            1,
            f"energy_j 1,000,000 W {possible} (read by the bmc on H100 in the hour of "
            "2026-03-02 00:00 UTC)",
        ),
        (
            2,
            f"power_w on the mean 70,000 W {possible} (read by the host on H100 in job a in the "
            "hour of 2026-03-02 00:00 to that of 2026-03-02 02:00 UTC)",
        ),
        (
            1,
            "power_w -5 W where 2 W or more is possible (read by the host on H100 in the hour of "
            "2026-03-02 00:00 UTC)",
        ),
    ]


def test_a_reading_that_is_spelled_like_its_limit_is_told_as_over_it() -> None:
    (told,) = noticed(usage_row(0, HOUR, **{"telemetry.gpu_util": 1.004}))["t"]
    assert told.values["reading"] == (
        "gpu_util over 1 where at most 1 is possible (read by the host on H100 in the hour of "
        "2026-03-02 00:00 UTC)"
    )


def test_a_reading_past_every_number_is_told_and_a_void_takes_it_back() -> None:
    huge = {"telemetry.step_period_s": 1e300}
    (found,) = noticed(usage_row(0, HOUR, **huge))["t"]
    assert str(found.values["reading"]).startswith(
        "step_period_s 10¹² seconds where at most 86,400"
    )
    assert noticed(usage_row(0, HOUR, **huge), usage_row(0, HOUR, sign=-1, **huge)) == {}


def test_a_reading_that_was_cut_below_the_limit_is_told_as_over_it() -> None:
    (found,) = noticed(usage_row(0, HOUR, **{"telemetry.fabric_bytes": 1e25}))["t"]
    assert str(found.values["reading"]).startswith(
        "fabric_bytes over 10¹⁵ bytes a second where at most 10¹⁵ bytes a second is possible"
    )


def test_impossible_figures_are_told_also_by_a_vantage_whose_time_another_was_given() -> None:
    rows = [
        usage_row(0, HOUR, job_id="j"),
        usage_row(0, HOUR, vantage="bmc", **{"telemetry.gpu_util": 7.0}),
        usage_row(0, HOUR, tenant_id="u", resource_id="s", **{"telemetry.power_w": -1.0}),
        usage_row(0, HOUR, tenant_id="u", resource_id="s", sign=-1, **{"telemetry.power_w": -1.0}),
        usage_row(0, HOUR, hour=NOW + 1, **{"telemetry.sm_active": 9.0}),
    ]
    where = "(read by the bmc on H100 in the hour of 2026-03-02 00:00 UTC)"
    reading = f"gpu_util 7 where at most 1 is possible {where}"
    assert noticed(*rows) == {"t": (impossible("t", 1, "gpu_util", reading, "bmc"),)}


def test_disagreement_on_count_and_tenant_is_told_to_everyone_it_concerns() -> None:
    rows = [
        usage_row(0, 2 * HOUR),
        usage_row(HOUR, 3 * HOUR, accelerator_count=2),
        usage_row(2 * HOUR, 4 * HOUR, accelerator_count=2, tenant_id="u"),
    ]
    assert noticed(*rows) == {
        "t": (
            notice("device-counts-disagree", "t", overlap_hours=1.0),
            notice("tenants-disagree", "t", overlap_hours=1.0),
        ),
        "u": (notice("tenants-disagree", "u", overlap_hours=1.0),),
    }


def test_vantages_that_saw_different_work_are_told_with_the_field() -> None:
    rows = [
        usage_row(0, HOUR, **{"telemetry.gpu_util": 0.95}),
        usage_row(0, HOUR, vantage="bmc", **{"telemetry.gpu_util": 0.05}),
    ]
    assert noticed(*rows) == {
        "t": (notice("vantages-disagree", "t", bucket_count=1, field="gpu_util"),)
    }


@pytest.mark.parametrize(
    ("figures", "rule_id", "counter"),
    [
        ({"tensor_active": 0.0, "power_w": 650.0}, "counters-contradicted", "tensor_active"),
        (
            {"tensor_active": 0.04, "sm_active": 0.1, "power_w": 600.0},
            "counters-contradicted",
            "tensor_active with sm_active or gpu_util",
        ),
        ({"tensor_active": 0.5, "power_w": 70.0}, "counters-without-power", None),
        ({"tensor_active": 0.5, "gpu_util": 0.0}, "use-contradicted", None),
        ({"power_w": 300.0, "energy_j": 7_200_000.0}, "power-contradicted", None),
    ],
    ids=str,
)
def test_figures_at_odds_are_told_with_the_device_time(
    figures: dict[str, float], rule_id: str, counter: str | None
) -> None:
    named = {f"telemetry.{name}": value for name, value in figures.items()}
    told = {} if counter is None else {"counter": counter}
    assert noticed(usage_row(0, 2 * HOUR, **named)) == {
        "t": (notice(rule_id, "t", accelerator_hours=2.0, **told),)
    }


def test_every_conflict_of_figures_has_a_rule() -> None:
    assert tuple(AT_ODDS) == (*CONFLICTS, HEARSAY)
    assert set(AT_ODDS.values()) <= {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("hours", "words"),
    [(1.0, "For 1 hour, events"), (2.0, "For 2 hours, "), (0.5, "For 0.5 hours, ")],
)
def test_one_hour_is_told_in_the_singular(hours: float, words: str) -> None:
    note = Notice("device-counts-disagree", "tenant", "t-1", ("t-1",), {"overlap_hours": hours})
    found = apply(case(subject(**training(1e23, 2e23, 4e23)), notices=(note,)))
    assert [each.because[: len(words)] for each in found] == [words]
