"""The simulated cloud: the same bytes from a seed, sound events but for the broken ones, truth."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import polars as pl
import pytest

from features.validate import validate
from streams.codec import decode
from streams.ports import Batch, Decoded, LineBlock
from streams.simulation import Cloud, SimulatedSource, build
from streams.simulation.source import OFFSET

NOW = datetime(2026, 11, 22, tzinfo=UTC)
THRESHOLD = 1e26


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    return build("background", seed=5, days=3, tenants=12)


@pytest.fixture(scope="module")
def decoded(cloud: Cloud) -> Decoded:
    return decode(Batch(blocks=(LineBlock("a.ndjson", 1, b"".join(cloud.blocks())),)))


def test_a_seed_gives_the_same_bytes_and_another_seed_gives_others(cloud: Cloud) -> None:
    again = build("background", seed=5, days=3, tenants=12)
    other = build("background", seed=6, days=3, tenants=12)
    assert list(again.blocks()) == list(cloud.blocks())
    assert len(list(cloud.blocks())) == cloud.block_count
    assert list(other.blocks()) != list(cloud.blocks())


def test_only_the_events_that_are_broken_on_purpose_are_refused(decoded: Decoded) -> None:
    _, refused = validate(decoded.usage, NOW)
    reasons = Counter(rejected.reason for rejected in decoded.rejected)
    reasons.update(refused["reason"].to_list())
    assert reasons == {
        "not_json": 2,
        "wrong_type": 1,
        "interval_empty": 1,
        "bad_time": 1,
        "out_of_range": 1,
        "missing_field": 1,
        "unknown_type": 1,
    }
    assert decoded.unknown_fields == {}


def test_corrections_name_an_event_that_was_sent_with_that_payload(decoded: Decoded) -> None:
    sent = decoded.usage.select(
        original_name_hi="name_hi",
        original_name_lo="name_lo",
        original_digest="payload_digest",
    ).unique()
    matched = decoded.corrections.join(sent, on=sent.columns, how="semi")
    assert decoded.corrections.height == 2
    assert matched.height == 2
    assert decoded.corrections["replacement_digest"].null_count() == 1


def test_every_tenant_that_is_metered_has_a_record(decoded: Decoded) -> None:
    tenants = decoded.records.filter(pl.col("type") == "trainwatch.tenant.v1")["data"]
    known = set(tenants.str.json_path_match("$.tenant_id"))
    assert set(decoded.usage["tenant_id"]) <= known


def test_the_truth_counts_the_device_time_that_was_metered(cloud: Cloud) -> None:
    metered = pl.concat(cloud.readings())
    truth = cloud.truth()
    devices = pl.Series([w.resource_device_count for w in cloud.workloads])
    hours = (metered["end_ms"] - metered["start_ms"]) * devices.gather(metered["workload"])
    assert truth["device_hours"].sum() == pytest.approx(hours.sum() / 3_600_000)


def test_the_demo_holds_a_run_that_crosses_and_an_owner_who_crosses_only_in_sum() -> None:
    truth = build("demo").truth()
    found = dict(
        truth.group_by("tenant_id").agg(pl.col("algorithmic_operations").sum()).iter_rows()
    )
    chain = [found[tenant] for tenant in ("t-basalt", "t-cobalt", "t-dolomite")]
    assert found["t-aurora"] > 1.2 * THRESHOLD
    assert max(chain) < 0.8 * THRESHOLD
    assert sum(chain) > 1.2 * THRESHOLD
    assert found["t-lotus"] < 1e-3 * THRESHOLD
    ordinary = [value for tenant, value in found.items() if tenant.startswith("t-0")]
    assert max(ordinary) < 1e-2 * THRESHOLD


def test_a_source_resumes_after_the_days_that_were_committed(cloud: Cloud) -> None:
    source = SimulatedSource(cloud)
    source.start({})
    batches = [batch for batch in iter(lambda: source.poll(0.0), None) if batch is not None]
    assert source.exhausted
    assert [batch.offsets for batch in batches] == [{OFFSET: n} for n in range(1, 5)]
    source.start({OFFSET: 2})
    assert not source.exhausted
    resumed = source.poll(0.0)
    assert resumed == batches[2]


@pytest.mark.parametrize(
    ("scenario", "days", "message"),
    [
        ("storm", 3, r"expected a scenario out of \['background', 'demo'\], got 'storm'"),
        ("demo", 0, "expected 1 to 400 days and at least 1 tenant, got 0 days, 2 tenants"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_what_was_expected(
    scenario: str, days: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build(scenario, days=days, tenants=2)
