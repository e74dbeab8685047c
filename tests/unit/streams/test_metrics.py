"""What the service tells: the invariant, ages at scrape time, and labels from closed sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from streams.metric_labels import KINDS, PLACES, REASONS, STEPS, Input
from streams.metrics import Metrics
from tests.support.clocks import SetClock

START = datetime(2026, 3, 1, tzinfo=UTC)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"trainwatch_{name}", labels)


def test_every_event_read_is_in_exactly_one_part() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.count_events(
        read=10, accepted=5, duplicate=2, rejected={"not_json": 1, "too_late": 1}, skipped=1
    )
    assert value(metrics, "events_read_total") == 10
    assert value(metrics, "events_accepted_total") == 5
    assert value(metrics, "events_duplicate_total") == 2
    assert value(metrics, "events_rejected_total", reason="too_late") == 1
    assert value(metrics, "events_rejected_total", reason="too_large") == 0
    assert value(metrics, "events_skipped_total") == 1
    assert value(metrics, "accounting_difference_events") == 0


def test_an_event_that_got_lost_shows_in_the_accounting() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.count_events(read=3, accepted=1, duplicate=0, rejected={})
    metrics.count_events(read=1, accepted=1, duplicate=1, rejected={})
    assert value(metrics, "accounting_difference_events") == 1


def test_a_reason_outside_the_contract_is_refused_and_counts_nothing() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    with pytest.raises(ValueError, match=r"expected reasons of CONTRACT.md, got \['tired'\]"):
        metrics.count_events(read=1, accepted=0, duplicate=0, rejected={"tired": 1})
    assert value(metrics, "events_read_total") == 0


def test_a_kind_of_document_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got 'leaflet'"):
        Metrics(SetClock(START).now, "0.1.0").published("leaflet", 1)


def test_ages_grow_between_scrapes() -> None:
    hands = SetClock(START)
    metrics = Metrics(hands.now, "0.1.0")
    assert str(value(metrics, "lag_seconds")) == "nan"
    metrics.lag(7, START - timedelta(seconds=30))
    metrics.freshness("list", START - timedelta(days=1))
    hands.at += timedelta(seconds=10)
    assert value(metrics, "lag_events") == 7
    assert value(metrics, "lag_seconds") == 40
    assert value(metrics, "input_age_seconds", input="list") == 86_410


def test_how_long_the_loop_stands_still_is_asked_for_at_each_scrape() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    assert value(metrics, "loop_idle_seconds") == 0
    idle = [1.5, 301.0]
    metrics.watch_loop(lambda: idle.pop(0))
    assert [value(metrics, "loop_idle_seconds") for _ in range(2)] == [1.5, 301.0]


def test_an_input_that_is_not_used_has_no_age() -> None:
    assert value(Metrics(SetClock(START).now, "0.1.0"), "input_age_seconds", input="list") is None


def test_the_rest_is_said_in_base_units() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.state_size(rows=4, byte_count=4096, names=3, segments=2)
    metrics.knowledge(START)
    metrics.outbox(5)
    metrics.published("report", 2)
    metrics.broker_connected(True)
    metrics.time_step("commit", 0.2)
    metrics.count_unknown_fields(6)
    found = {
        "state_rows": value(metrics, "state_rows"),
        "state_bytes": value(metrics, "state_bytes"),
        "state_names": value(metrics, "state_names"),
        "state_segments": value(metrics, "state_segments"),
        "knowledge_timestamp_seconds": value(metrics, "knowledge_timestamp_seconds"),
        "outbox_documents": value(metrics, "outbox_documents"),
        "documents_published_total": value(metrics, "documents_published_total", kind="report"),
        "broker_connected": value(metrics, "broker_connected"),
        "commit_seconds_sum": value(metrics, "commit_seconds_sum"),
        "unknown_fields_total": value(metrics, "unknown_fields_total"),
        "build_info": value(metrics, "build_info", version="0.1.0"),
    }
    assert found == {
        "state_rows": 4,
        "state_bytes": 4096,
        "state_names": 3,
        "state_segments": 2,
        "knowledge_timestamp_seconds": START.timestamp(),
        "outbox_documents": 5,
        "documents_published_total": 2,
        "broker_connected": 1,
        "commit_seconds_sum": 0.2,
        "unknown_fields_total": 6,
        "build_info": 1,
    }


def test_what_fell_silent_is_counted_by_place_and_what_speaks_again_is_not() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.completeness({"source": 2, "region": 1}, 120.0, 7.5)
    silent = {place: value(metrics, "metering_silent", place=place) for place in PLACES}
    assert silent == {"source": 2, "region": 1, "site": 0, "tenant": 0}
    assert value(metrics, "billed_unmetered_hours") == 120
    assert value(metrics, "metering_gap_hours") == 7.5
    metrics.completeness({}, 0.0, 0.0)
    assert value(metrics, "metering_silent", place="source") == 0


def test_labels_come_from_closed_sets_and_name_nobody() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    for kind in get_args(Input):
        metrics.freshness(kind, START)
    closed = {"reason": REASONS, "kind": KINDS, "input": get_args(Input), "version": ("0.1.0",)}
    closed["place"] = PLACES
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    strangers = [
        (sample.name, label, text)
        for sample in samples
        for label, text in sample.labels.items()
        if label != "le" and text not in closed.get(label, ())
    ]
    assert strangers == []


def test_every_name_has_the_prefix_and_every_metric_its_meaning() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    assert [name for name in metrics.names() if not name.startswith("trainwatch_")] == []
    assert [family.name for family in metrics.registry.collect() if not family.documentation] == []
    assert {f"trainwatch_{step}_seconds_bucket" for step in STEPS} <= metrics.names()
    assert [name for name in metrics.names() if name.endswith("_created")] == []


def test_the_page_is_prometheus_text() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.count_events(read=1, accepted=1, duplicate=0, rejected={})
    assert b"\ntrainwatch_events_read_total 1.0\n" in metrics.render()


def test_drift_and_agreement_are_those_of_the_last_look_alone() -> None:
    metrics = Metrics(SetClock(START).now, "0.1.0")
    metrics.drift([("gpu_util_mean", "H100", 0.3), ("gpu_util_mean", "A100", 0.1)])
    metrics.challenger([("training", "other", 2)], 0.25)
    metrics.drift([("gpu_util_mean", "A100", 0.2)])
    metrics.challenger([("training", "training", 3)], 0.0)
    assert value(metrics, "feature_drift_index", feature="gpu_util_mean", accelerator="A100") == 0.2
    gone = {"feature": "gpu_util_mean", "accelerator": "H100"}
    assert value(metrics, "feature_drift_index", **gone) is None
    pair = {"answer": "training", "challenger_answer": "other"}
    assert value(metrics, "challenger_workloads", **pair) is None
    assert value(metrics, "challenger_distance_ratio") == 0.0
