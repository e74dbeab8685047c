"""What counts as an address when names are screened: a country alone does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detector.screening.lists import read_snapshot
from detector.screening.screener import Screener
from detector.screening.subjects import record_subjects
from streams.lists import effects, figures

NAME = "Merlion Quantum Systems"


def listed(**stated: object) -> Screener:
    """Give a list of one party in the JSON of the Consolidated Screening List."""
    row = {"name": NAME, "source": "S", "entity_number": "1", "type": "Entity", **stated}
    content = json.dumps({"results": [row]}).encode()
    return Screener([read_snapshot(content, "csl.json", "csl.json")], figures(), effects(), {})


def reasons(address: dict[str, Any], screener: Screener) -> tuple[str, ...]:
    record = {"name": NAME, "kind": "organisation", "address": address}
    (hits,) = screener.look_up(record_subjects("t", record))
    return hits[0].features


def test_a_country_on_both_sides_is_the_same_country_and_no_address() -> None:
    told = reasons({"country": "US"}, listed(addresses=[{"country": "US"}]))
    assert [each for each in told if "address" in each] == []
    assert any("country" in each for each in told)


def test_a_street_on_both_sides_is_an_address() -> None:
    place = {"address": "1 High Street", "city": "Reno", "country": "US"}
    ours = {"street": "1 High Street", "city": "Reno", "country": "US"}
    told = reasons(ours, listed(addresses=[place]))
    assert any("addresses alike" in each for each in told)


@pytest.mark.parametrize("line", ["US", "us-ca", "Iran", "United States of America"])
def test_a_listed_party_whose_address_is_a_country_has_none(line: str) -> None:
    properties = {"name": [NAME], "address": [line, f"1 High Street, {line}"]}
    entity = {"id": "m", "schema": "Company", "datasets": ["d"], "properties": properties}
    (party,) = read_snapshot(json.dumps(entity).encode(), "f", "f").parties
    assert party.addresses == (f"1 High Street, {line}",)
