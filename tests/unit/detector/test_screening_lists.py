"""List files of every format become parties; what cannot be read is told or counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from detector.screening.lists import ListError, read_snapshot
from detector.screening.parties import ListedParty
from tests.support.screening_lists import ENTITY_LIST, SDN, snapshot


def test_a_csv_row_is_a_party_with_its_packed_lists_taken_apart() -> None:
    read = snapshot("csl.csv")
    assert read.left_out == {"has no name": 1}
    assert [party.name for party in read.parties] == [
        "Merlion Quantum Computing Technology Co., Ltd.",
        "KAVEH DARYA SHIPPING LINES",
        "VORONTSOV, Arkady Platonovich",
        "STELLA",
    ]
    assert read.parties[0] == ListedParty(
        party_id=read.parties[0].party_id,
        source=ENTITY_LIST,
        kind="unknown",
        name="Merlion Quantum Computing Technology Co., Ltd.",
        aliases=("Mo Lei Ang Quantum", "Merlion QC"),
        addresses=("No. 7 Lianhe Road, Hefei, CN", "Unit 9, Kwun Tong, HK"),
        countries=("CN", "HK"),
        listed_on="2025-03-25",
    )
    assert read.parties[1].identifiers == ("10103456789",)
    assert read.parties[1].programs == ("IFSR", "NPWMD")
    assert (read.parties[2].kind, read.parties[3].kind) == ("person", "other")
    assert read.parties[2].birth_dates == ("1961-04-02",)


def test_the_json_says_the_same_as_the_csv() -> None:
    read = snapshot("csl.json")
    assert read.left_out == {"is broken": 1}
    assert read.parties[1] == ListedParty(
        party_id="90001",
        source=SDN,
        kind="organisation",
        name="KAVEH DARYA SHIPPING LINES",
        programs=("IFSR", "NPWMD"),
        addresses=("12 Anzali Blvd, Tehran, IR",),
        countries=("IR",),
        identifiers=("10103456789",),
    )


def test_followthemoney_entities_that_are_listed_are_parties() -> None:
    read = snapshot("entities.ndjson")
    assert read.left_out == {"describes no party": 1, "is broken": 1, "is not itself listed": 1}
    assert read.parties[0] == ListedParty(
        party_id="ft-1",
        source="xx_list",
        kind="organisation",
        name="Merlion Quantum Computing Technology Co., Ltd.",
        aliases=("Merlion QC", "Merlion Optics Co., Ltd."),
        weak_aliases=("MQC",),
        programs=("US-EL", "export.control"),
        addresses=("No. 7 Lianhe Road, Hefei",),
        countries=("CN",),
        identifiers=("91340100MA2N00001K",),
    )
    assert read.parties[1].source == "entities.ndjson"
    assert read.parties[1].countries == ("RU",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "got a first line without the column source"),
        (b"source,title\nx,y\n", "got a first line without the column name"),
        (b"source,name\n,\n", "got none that can be used (1 has no name)"),
        (b"source,name\n", "got no rows at all"),
        (b'source,name\nx,"torn', "it breaks off as CSV"),
        (b"\xff\xfe", "its bytes are not UTF-8"),
        (b'{"results": 3}', 'got JSON without "results"'),
        (b'[{"name": "x"}]', 'got JSON without "results"'),
        (b'{"results": [', "got JSON that breaks off or is neither"),
        (b"[" * 100_000, "got JSON that breaks off or is neither"),
        (b'{"results": [%s' % (b"9" * 5000), "got JSON that breaks off or is neither"),
    ],
)
def test_a_file_that_is_no_list_is_told(content: bytes, told: str) -> None:
    with pytest.raises(ListError) as error:
        read_snapshot(content, "lists/x", "label")
    message = str(error.value)
    assert message.startswith("lists/x: expected a screening list: the Consolidated Screening")
    assert told in message
    assert message.endswith("; take the file from its publisher again")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-07-31T09:05:00.123+00:00", datetime(2026, 7, 31, 9, 5, 0, 123000, tzinfo=UTC)),
        ("2026-07-31T01:05:00+02:00", datetime(2026, 7, 30, 23, 5, tzinfo=UTC)),
        ("2026-07-31", datetime(2026, 7, 31, tzinfo=UTC)),
        ("last week", None),
        ("0001-01-01T00:00:00+14:00", None),
        (["2026-07-31"], None),
        (None, None),
    ],
)
def test_the_json_is_of_the_instant_that_it_states(
    stated: object, expected: datetime | None
) -> None:
    whole = {"search_performed_at": stated, "results": [{"name": "Merlion", "source": "SDN"}]}
    assert read_snapshot(json.dumps(whole).encode(), "f", "f").stated_at == expected
