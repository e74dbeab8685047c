"""What a list means, and lists that go by a code."""

from __future__ import annotations

import json

import pytest

from detector.screening.lists import read_snapshot
from streams.lists import effects
from tests.screening_lists import ENTITY_LIST, SDN


def entity(datasets: list[str], **properties: list[str]) -> bytes:
    told = {"name": ["Merlion Quantum"], **properties}
    return json.dumps(
        {"id": "m", "schema": "Company", "datasets": datasets, "properties": told}
    ).encode()


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (entity(["us_trade_csl"], programId=["US-BIS-EL"]), ENTITY_LIST),
        (entity(["us_trade_csl", "us_ofac_sdn"], programId=["US-BIS-EL"]), SDN),
        (entity(["us_trade_csl"]), "us_trade_csl"),
        (entity(["us_bis_denied"]), "Denied Persons List (DPL) - Bureau of Industry and Security"),
    ],
)
def test_an_entity_known_by_a_code_stands_on_the_list_that_it_means(
    content: bytes, source: str
) -> None:
    (party,) = effects().named(read_snapshot(content, "f", "f")).parties
    assert party.source == source


def test_no_code_means_two_lists() -> None:
    codes = [code for each in effects().lists for code in each.known_as]
    assert len(codes) == len(set(codes)) > 0
