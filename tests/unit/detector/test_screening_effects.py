"""What a list means, and lists that go by a code."""

from __future__ import annotations

import json
from datetime import date

import pytest

from detector.findings.listed import in_words, severity
from detector.screening.lists import read_snapshot
from detector.screening.parties import Hit, Subject
from streams.lists import effects
from tests.support.screening_lists import ENTITY_LIST, SDN

DENIED = "Denied Persons List (DPL) - Bureau of Industry and Security"


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
        (entity(["us_bis_denied"]), DENIED),
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


@pytest.mark.parametrize(
    ("on", "weight", "told"),
    [
        (date(2020, 10, 13), "critical", "no participation in exports of items subject to the EAR"),
        (
            date(2020, 10, 14),
            "low",
            "the listing ended on 2020-10-13: it bars nothing since; see whether another entry "
            "replaced it",
        ),
    ],
)
def test_a_listing_that_its_list_says_has_ended_stays_in_sight_and_bars_nothing(
    on: date, weight: str, told: str
) -> None:
    row = "source,name,start_date,end_date\n" + f"{DENIED},Arkady Voron,2017-10-16,2020-10-13\n"
    (party,) = effects().named(read_snapshot(row.encode(), "l.csv", "l.csv")).parties
    subject = Subject("r-1", "customer", "person", ("Arkady Voron",))
    hit = Hit(subject, party, "l.csv", "hit", 0.93, "Arkady Voron", "Arkady Voron", ("names",), "p")
    assert severity(hit, effects(), on) == weight
    assert in_words(hit, effects(), on) == (
        f"The customer Arkady Voron (r-1) is a likely match of Arkady Voron on the {DENIED} "
        f"(score 0.93: names); {told}"
    )


def test_a_listing_without_a_readable_end_goes_on() -> None:
    rows = f"source,name,end_date\n{DENIED},A B,\n{DENIED},C D,2020\n{DENIED},E F,2020-01-02\n"
    parties = read_snapshot(rows.encode(), "l.csv", "l.csv").parties
    assert [each.ended_on for each in parties] == [None, None, date(2020, 1, 2)]
