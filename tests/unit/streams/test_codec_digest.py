"""Digests: the same payload has the same one, whatever brought it and however it was written."""

from __future__ import annotations

import pytest

from tests.support.codec_events import (
    USAGE_DATA,
    cloud_event,
    decoded_events,
    decoded_lines,
    usage_event,
)

FULL = {
    **USAGE_DATA,
    "accelerator_count": 8,
    "region": "us-east-1",
    "telemetry": {"gpu_util": 0.25, "egress_bytes": 0},
}

#: The name and the payload of FULL. Stores hold digests: these may never change.
PINNED = ("11f1af110c5b4e9a", "c97d3596beef1d6f", "9f9de1225aa83f66")


def payload(data: dict[str, object]) -> int:
    decoded = decoded_events([cloud_event("trainwatch.usage.v1", data)])
    return int(decoded.usage["payload_digest"][0])


def test_digests_are_fixed_for_ever() -> None:
    row = decoded_events([cloud_event("trainwatch.usage.v1", FULL)]).usage.row(0, named=True)
    found = tuple(f"{row[name]:016x}" for name in ("name_hi", "name_lo", "payload_digest"))
    assert found == PINNED


@pytest.mark.parametrize(
    "same",
    [
        dict(reversed(FULL.items())),
        {**FULL, "accelerator_count": 8.0},
        {**FULL, "foreign": 1},
        {**FULL, "zone": None},
        {**FULL, "start": "2026-01-01T01:00:00+01:00"},
        {**FULL, "telemetry": {"egress_bytes": -0.0, "gpu_util": 25e-2, "x": 1}},
    ],
)
def test_spelling_order_and_unknown_fields_do_not_matter(same: dict[str, object]) -> None:
    assert payload(same) == payload(FULL)


@pytest.mark.parametrize(
    "other",
    [
        {**FULL, "accelerator_count": 9},
        {**FULL, "region": ""},
        {**FULL, "region": "us-east-", "zone": "1"},
        {**FULL, "region": None, "zone": "us-east-1"},
        {**FULL, "telemetry": {"gpu_util": 0.25}},
        {**FULL, "telemetry": {"sm_active": 0.25, "egress_bytes": 0}},
        {**FULL, "start": "2026-01-01T00:00:00.001Z"},
        {**FULL, "tenant_id": "r", "resource_id": "t"},
    ],
)
def test_another_value_is_another_payload(other: dict[str, object]) -> None:
    assert payload(other) != payload(FULL)


def test_the_name_is_the_source_and_the_id_and_nothing_else() -> None:
    events = [
        usage_event("1") | {"source": "ab"},
        usage_event("1", region="x") | {"source": "ab", "time": "2026-01-02T00:00:00Z"},
        usage_event("b1") | {"source": "a"},
    ]
    frame = decoded_events(events).usage
    names = frame.select("name_hi", "name_lo").rows()
    assert names[0] == names[1] != names[2]


def test_a_correction_carries_the_names_and_digests_it_claims() -> None:
    replacement = {**FULL, "region": "eu-west-1"}
    events = [
        cloud_event("trainwatch.usage.v1", FULL, "u"),
        cloud_event(
            "trainwatch.usage.correction.v1",
            {"original_id": "u", "original": {**FULL, "x": 1}, "replacement": replacement},
            "c",
        ),
        cloud_event(
            "trainwatch.usage.correction.v1",
            {"original_id": "u", "original_source": "/o", "original": FULL, "replacement": None},
            "d",
        ),
        cloud_event("trainwatch.usage.v1", replacement, "n"),
    ]
    decoded = decoded_events(events)
    used = decoded.usage.rows_by_key("id", named=True, unique=True)
    first, second = decoded.corrections.rows(named=True)
    assert [first["original_name_hi"], first["original_name_lo"], first["original_digest"]] == [
        used["u"][name] for name in ("name_hi", "name_lo", "payload_digest")
    ]
    assert first["replacement_digest"] == used["n"]["payload_digest"]
    assert (second["original_source"], second["replacement_digest"]) == ("/o", None)
    assert decoded.originals.select("ordinal", "source", "id").rows() == [
        (1, "/meter", "u"),
        (2, "/o", "u"),
    ]
    assert decoded.replacements.select("ordinal", "id", "region").rows() == [(1, "c", "eu-west-1")]


def test_a_record_is_the_same_payload_when_it_is_equal_as_json() -> None:
    first = b'{"tenant_id":"t","use_locations":["US"],"is_reseller":false}'
    second = b'{"is_reseller":false,"x":1,"use_locations":["US"],"tenant_id":"t","name":null}'
    third = b'{"tenant_id":"t","use_locations":["US","CN"],"is_reseller":false}'
    head = b'{"specversion":"1.0","id":"1","source":"s","type":"trainwatch.tenant.v1",'
    head += b'"time":"2026-01-01T00:00:00Z","data":'
    lines = b"\n".join(head + data + b"}" for data in (first, second, third))
    digests = decoded_lines(lines).records["payload_digest"].to_list()
    assert digests[0] == digests[1] != digests[2]
