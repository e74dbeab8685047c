"""The event models: what each field accepts, and the reason where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from detector.events import EVENT_MODELS, USAGE, Event, Refusal, read_event
from detector.events.instants import format_instant, parse_date_or_instant, parse_instant

DATA: dict[str, Any] = {
    "tenant_id": "t",
    "resource_id": "r",
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-01T01:00:00Z",
    "instance_type": "p5.48xlarge",
}


def event(data: object, kind: str = USAGE, **attributes: object) -> dict[str, object]:
    envelope = {
        "specversion": "1.0",
        "id": "1",
        "source": "/meter",
        "type": kind,
        "time": "2026-01-01T01:00:00Z",
        "data": data,
    }
    return {**envelope, **attributes}


def usage(**fields: object) -> dict[str, object]:
    return event({**DATA, **fields})


def reason(value: object) -> str:
    outcome = read_event(value)
    return outcome.reason if isinstance(outcome, Refusal) else "accepted"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "expected a JSON object, got an array"),
        (None, "expected a JSON object, got null"),
        (
            {"specversion": "1.0", "id": None, "source": "s"},
            "expected the attributes specversion, id, source, type, time; missing: id, type, time",
        ),
        (event(DATA, specversion="0.3"), "specversion: expected \"1.0\", got '0.3'"),
        (event(DATA, specversion=1.0), 'specversion: expected "1.0", got 1.0'),
    ],
)
def test_what_lacks_the_envelope_is_not_a_cloudevent(value: object, expected: str) -> None:
    assert read_event(value) == Refusal("not_cloudevent", expected)


def test_an_unknown_type_names_the_types_that_are_known() -> None:
    assert read_event(event(DATA, "x.v1")) == Refusal(
        "unknown_type", f"type: expected one of {', '.join(EVENT_MODELS)}, got 'x.v1'"
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "accepted"),
        ({"accelerator_count": 8.0}, "accepted"),
        ({"accelerator_count": 1_000_000}, "accepted"),
        ({"accelerator_count": 8.5}, "wrong_type"),
        ({"accelerator_count": "8"}, "wrong_type"),
        ({"accelerator_count": True}, "wrong_type"),
        ({"accelerator_count": 0}, "out_of_range"),
        ({"accelerator_count": 1_000_001}, "out_of_range"),
        ({"accelerator_count": None}, "accepted"),
        ({"partition_fraction": 1}, "accepted"),
        ({"partition_fraction": 0}, "out_of_range"),
        ({"partition_fraction": 1.0000001}, "out_of_range"),
        ({"partition_fraction": "1"}, "wrong_type"),
        ({"region": 5}, "wrong_type"),
        ({"region": None}, "accepted"),
        ({"region": "\ud800"}, "bad_encoding"),
        ({"facility_country": "US"}, "accepted"),
        ({"facility_country": "us"}, "out_of_range"),
        ({"facility_country": "USA"}, "out_of_range"),
        ({"service_class": "vm"}, "accepted"),
        ({"service_class": "VM"}, "out_of_range"),
        ({"purchase_option": "free"}, "out_of_range"),
        ({"vantage": ["host"]}, "wrong_type"),
        ({"precision": "fp12"}, "out_of_range"),
        ({"tenant_id": ""}, "out_of_range"),
        ({"tenant_id": None}, "missing_field"),
        ({"instance_type": None}, "missing_field"),
        ({"instance_type": ""}, "missing_field"),
        ({"instance_type": None, "accelerator": "H100"}, "missing_field"),
        ({"instance_type": None, "accelerator": "H100", "accelerator_count": 8}, "accepted"),
        ({"start": "2026-01-01T00:00:00"}, "bad_time"),
        ({"start": "2026-02-30T00:00:00Z"}, "bad_time"),
        ({"start": 0}, "wrong_type"),
        ({"telemetry": {}}, "accepted"),
        ({"telemetry": None}, "accepted"),
        ({"telemetry": []}, "wrong_type"),
        ({"telemetry": {"gpu_util": 1.7}}, "accepted"),
        ({"telemetry": {"power_w": -5}}, "accepted"),
        ({"telemetry": {"nvlink_bytes": 2**70}}, "accepted"),
        ({"telemetry": {"nvlink_bytes": 10**400}}, "out_of_range"),
        ({"telemetry": {"nvlink_bytes": float("inf")}}, "out_of_range"),
        ({"telemetry": {"gpu_util": "0.5"}}, "wrong_type"),
        ({"telemetry": {"gpu_util": True}}, "wrong_type"),
        ({"telemetry": {"gpu_util": {"mean": 1}}}, "wrong_type"),
        ({"foreign": {"deep": [1]}}, "accepted"),
    ],
)
def test_a_usage_field_is_accepted_or_has_a_reason(fields: dict[str, Any], expected: str) -> None:
    assert reason(usage(**fields)) == expected


def test_every_wrong_field_is_named_and_the_gravest_gives_the_reason() -> None:
    assert read_event(usage(start="x", region=5, accelerator_count=0)) == Refusal(
        "wrong_type",
        "data.start: expected an RFC 3339 instant with an offset, such as 2026-01-31T09:00:00Z, "
        "got 'x'; data.accelerator_count: expected an integer from 1 to 1000000, got 0; "
        "data.region: expected a string, got 5",
    )


@pytest.mark.parametrize(
    ("fields", "came"),
    [
        ({}, "neither"),
        ({"accelerator": "H100"}, "accelerator alone"),
        ({"accelerator_count": 8}, "accelerator_count alone"),
    ],
)
def test_metered_hardware_that_is_half_named_says_what_came(
    fields: dict[str, Any], came: str
) -> None:
    assert read_event(usage(instance_type=None, **fields)) == Refusal(
        "missing_field",
        f"data: expected instance_type, or accelerator and accelerator_count, got {came}",
    )


def test_data_must_be_an_object() -> None:
    assert read_event(event(None)) == Refusal(
        "missing_field", "data: expected an object, got nothing"
    )
    assert read_event(event([])) == Refusal("wrong_type", "data: expected an object, got an array")


def test_unknown_fields_are_named_with_their_place() -> None:
    read = read_event({**usage(telemetry={"gpu_util": 1, "x": 2}, y=3), "traceparent": "z"})
    assert isinstance(read, Event)
    assert read.unknown == ("traceparent", "data.telemetry.x", "data.y")


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("tenant.v1", {"tenant_id": "t", "use_locations": ["US", "CN"]}, "accepted"),
        ("tenant.v1", {"tenant_id": "t", "use_locations": ["US", None]}, "wrong_type"),
        ("tenant.v1", {"tenant_id": "t", "use_locations": "US"}, "wrong_type"),
        ("tenant.v1", {"tenant_id": "t", "is_reseller": 1}, "wrong_type"),
        ("tenant.v1", {"tenant_id": "t", "kind": "company"}, "out_of_range"),
        ("tenant.v1", {"tenant_id": "t", "address": {"country": "China"}}, "out_of_range"),
        ("tenant.v1", {"tenant_id": "t", "verification": {"verified_at": "x"}}, "bad_time"),
        ("tenant.v1", {"tenant_id": "t", "payment": "card"}, "wrong_type"),
        ("tenant.v1", {"name": "n"}, "missing_field"),
        ("access.v1", {"tenant_id": "t", "asn": 64512.0, "is_anonymizer": False}, "accepted"),
        ("access.v1", {"tenant_id": "t", "asn": -1}, "out_of_range"),
        ("access.v1", {"tenant_id": "t", "action": "ftp"}, "out_of_range"),
        ("declaration.v1", {"tenant_id": "t"}, "missing_field"),
        ("declaration.v1", {"tenant_id": "t", "declaration_id": "d", "tokens": 1e30}, "accepted"),
        ("declaration.v1", {"tenant_id": "t", "declaration_id": "d", "tokens": -1}, "out_of_range"),
        (
            "declaration.v1",
            {"tenant_id": "t", "declaration_id": "d", "biological_sequence_share": 1.5},
            "out_of_range",
        ),
        (
            "declaration.v1",
            {"tenant_id": "t", "declaration_id": "d", "incidents": ["a", "b"]},
            "accepted",
        ),
        ("opening.v1", {"tenant_id": "t", "at": "2026-01-01T00:00:00Z"}, "accepted"),
        (
            "opening.v1",
            {"tenant_id": "t", "at": "2026-01-01T00:00:00Z", "operations": {"low": 2, "high": 1}},
            "out_of_range",
        ),
        ("bods.v1", {"recordType": "person", "recordId": "a", "statementId": "b"}, "accepted"),
        ("bods.v1", {"recordType": "dog", "recordId": "a", "statementId": "b"}, "out_of_range"),
        ("bods.v1", {"recordType": "person", "statementId": "b"}, "missing_field"),
        ("usage.correction.v1", {"original_id": "1", "original": DATA}, "missing_field"),
        (
            "usage.correction.v1",
            {"original_id": "1", "original": DATA, "replacement": None},
            "accepted",
        ),
        (
            "usage.correction.v1",
            {"original_id": "1", "original": {}, "replacement": DATA},
            "missing_field",
        ),
    ],
)
def test_every_type_has_its_rules(kind: str, data: dict[str, Any], expected: str) -> None:
    assert reason(event(data, f"trainwatch.{kind}")) == expected


def test_a_bare_statement_is_an_event_named_by_its_statement() -> None:
    statement = {
        "recordType": "entity",
        "recordId": "a",
        "statementId": "b",
        "publicationDetails": {"publicationDate": "2020-02-29"},
        "recordDetails": {"name": "N"},
    }
    read = read_event(statement)
    assert isinstance(read, Event)
    named = (read.source, read.id, read.type, format_instant(read.time_ms), read.raw_data)
    assert named == ("bods", "b", "trainwatch.bods.v1", "2020-02-29T00:00:00.000Z", statement)


def test_a_bare_statement_without_a_date_lacks_a_field() -> None:
    statement = {"recordType": "entity", "recordId": "a", "statementId": "b"}
    assert read_event(statement) == Refusal(
        "missing_field",
        "expected statementDate or publicationDetails.publicationDate, got neither",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01T00:00:00.0019Z", 1),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01 00:00:00Z", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01T00:00Z", None),
        ("1970-01-01T24:00:00Z", None),
        ("1972-06-30T23:59:60Z", None),
        ("1970-01-01T00:00:00.Z", None),
        ("1970-01-01T00:00:00+24:00", None),
        ("1970-01-01T00:00:00+0000", None),
        ("1970-13-01T00:00:00Z", None),
        ("1900-02-29T00:00:00Z", None),
        ("0001-01-01T00:00:00+00:01", None),
        ("\u0661970-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z\n", None),
    ],
)
def test_an_instant_is_rfc_3339_to_the_millisecond(text: str, expected: int | None) -> None:
    assert parse_instant(text) == expected


def test_a_date_means_its_first_moment_in_utc() -> None:
    assert parse_date_or_instant("1970-01-02") == 86_400_000
    assert parse_date_or_instant("1970-02-30") is None
