"""Where a party belongs and who it is, read from the details of its record."""

from __future__ import annotations

from typing import Any

import pytest

from detector.who.graph import Party
from detector.who.places import (
    address_country,
    code_of,
    headquarters_place,
    identified_name,
    is_government,
    nationalities,
    unspecified_reason,
)


def organisation(**details: Any) -> Party:  # noqa: ANN401
    return Party("T", "organisation", "Tea Ltd", details)


def somebody(**details: Any) -> Party:  # noqa: ANN401
    return Party("P", "person", "Pat", details)


REASON = {"reason": "informationUnknownToPublisher"}


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (somebody(personType="knownPerson"), None),
        (somebody(), None),
        (somebody(personType="unknownPerson"), "unknown"),
        (somebody(personType="anonymousPerson", unspecifiedPersonDetails=REASON), REASON["reason"]),
        (somebody(personType="unknownPerson", unspecifiedEntityDetails=REASON), "unknown"),
        (somebody(personType="unknownPerson", unspecifiedPersonDetails={"reason": ""}), "unknown"),
        (somebody(personType="unknownPerson", unspecifiedPersonDetails={"reason": 7}), "unknown"),
        (somebody(personType="unknownPerson", unspecifiedPersonDetails="why"), "unknown"),
        (somebody(entityType={"type": "unknownEntity"}), None),
        (organisation(entityType={"type": "unknownEntity"}), "unknown"),
        (
            organisation(entityType="anonymousEntity", unspecifiedEntityDetails=REASON),
            REASON["reason"],
        ),
        (organisation(entityType={"type": "registeredEntity"}), None),
        (organisation(entityType={"type": 7}), None),
    ],
)  # fmt: skip
def test_who_is_not_identified_has_a_reason_and_no_name(party: Party, expected: str | None) -> None:
    assert unspecified_reason(party) == expected
    assert identified_name(party) == (party.name if expected is None else None)


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (organisation(entityType={"type": "state"}), True),
        (organisation(entityType="stateBody"), True),
        (organisation(entityType={"type": "registeredEntity"}), False),
        (somebody(entityType={"type": "state"}, personType="state"), False),
    ],
)
def test_a_state_and_its_bodies_are_governments(party: Party, expected: bool) -> None:
    assert is_government(party) is expected


def address(kind: str, country: object) -> dict[str, object]:
    return {"type": kind, "country": country}


def test_headquarters_are_read_from_the_best_that_there_is() -> None:
    seat, law = address("headquarters", {"code": " sg "}), {"code": "KY"}
    registered = address("registered", "ky")
    assert [
        headquarters_place(organisation(addresses=[registered, seat], jurisdiction=law)),
        headquarters_place(organisation(addresses=[registered], jurisdiction=law)),
        headquarters_place(organisation(addresses="none", jurisdiction=law)),
        headquarters_place(organisation()),
    ] == [
        ("SG", "headquarters address"),
        ("KY", "registered address"),
        ("KY", "jurisdiction"),
        None,
    ]


def test_the_first_address_of_a_type_that_has_a_country_counts() -> None:
    stated = [
        "no object",
        address("residence", None),
        address("service", "FR"),
        address("residence", "DE"),
    ]
    assert (
        address_country({"addresses": [*stated, address("residence", "US")]}, "residence") == "DE"
    )
    assert address_country({"addresses": stated}, "registered") is None


def test_codes_are_read_as_written_each_once() -> None:
    stated = [{"code": "us"}, "FR", {"name": "nowhere"}, {"code": 7}, "", " ", {"code": "US "}]
    assert nationalities({"nationalities": stated}) == ("FR", "US")
    assert nationalities({"nationalities": "FR"}) == ()
    assert [code_of(each) for each in ("", " ", None, "cn ")] == [None, None, None, "CN"]
