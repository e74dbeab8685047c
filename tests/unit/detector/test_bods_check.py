"""What is wrong with a BODS statement by itself."""

from __future__ import annotations

from typing import Any

import pytest

from detector.bods.alone import alone
from detector.bods.problems import Place
from streams.commands.check_bods import documents
from tests.support.bods_statements import changed, company, holds, human, told

SCHEMA = documents()
HERE = Place("a.json", 1, 1)


def test_statements_as_the_standard_asks_have_no_problem() -> None:
    assert [alone(each, SCHEMA, HERE) for each in (company(), human(), holds())] == [[], [], []]


DATE_OR_TIME = "a date, YYYY-MM-DD or an RFC 3339 instant with an offset"
ALONE = (
    (company(), "recordType", None, ("/recordType", "this field", "none")),
    (company(), "statementId", "s1", ("/statementId", "at least 32 characters", "'s1'")),
    (company(), "statementDate", "2024-02-30", ("/statementDate", DATE_OR_TIME, "'2024-02-30'")),
    (
        company(),
        "recordDetails/entityType",
        {"type": "state", "subtype": "trust"},
        ("/recordDetails/entityType/subtype", "other", "'trust'"),
    ),
    (
        company(),
        "recordDetails/jurisdiction",
        {"code": "DE"},
        ("/recordDetails/jurisdiction/name", "this field", "none"),
    ),
    (
        company(),
        "recordDetails/identifiers",
        [{"id": "5"}],
        (
            "/recordDetails/identifiers/0",
            "scheme or schemeName or scheme and schemeName",
            "an object",
        ),
    ),
    (
        company(),
        "recordDetails/uri",
        "example.com/a b",
        ("/recordDetails/uri", "a URI with its scheme", "'example.com/a b'"),
    ),
    (
        human(),
        "recordDetails/birthDate",
        "1980-13",
        ("/recordDetails/birthDate", "YYYY or YYYY-MM or a date, YYYY-MM-DD", "'1980-13'"),
    ),
    (
        holds(),
        "recordDetails/interestedParty",
        {"reason": "private"},
        (
            "/recordDetails/interestedParty/reason",
            "one of noBeneficialOwners, subjectUnableToConfirmOrIdentifyBeneficialOwner, "
            "interestedPartyHasNotProvidedInformation, subjectExemptFromDisclosure, "
            "interestedPartyExemptFromDisclosure, unknown, informationUnknownToPublisher",
            "'private'",
        ),
    ),
    (
        holds(),
        "recordDetails/interestedParty",
        7,
        ("/recordDetails/interestedParty", "a string or an object with a reason", "7"),
    ),
    (
        holds(),
        "recordDetails/interests/0/share",
        {"exact": 100.5},
        ("/recordDetails/interests/0/share/exact", "a number of at most 100", "100.5"),
    ),
    (
        company(),
        "annotations",
        [{"statementPointerTarget": "", "motivation": "linking"}],
        ("/annotations/0/url", "this field", "none"),
    ),
    (
        company(),
        "annotations",
        [{"statementPointerTarget": "", "motivation": "commenting", "transformedContent": "x"}],
        ("/annotations/0/transformedContent", "nothing here", "'x'"),
    ),
    (
        company(),
        "publicationDetails",
        {"publicationDate": "2024-05-01", "bodsVersion": "0.3", "publisher": {"name": "A"}},
        ("/publicationDetails/bodsVersion", "0.4", "'0.3'"),
    ),
    (
        changed(holds(), "recordDetails/isComponent", value=True),
        "recordDetails/componentRecords",
        ["x"],
        ("/recordDetails/componentRecords", "nothing here", "an array"),
    ),
)


@pytest.mark.parametrize(("whole", "path", "value", "expected"), ALONE)
def test_a_breach_is_told_once_with_its_path_what_was_expected_and_what_came(
    whole: dict[str, Any], path: str, value: object, expected: tuple[str, str, str]
) -> None:
    assert told(alone(changed(whole, path, value), SCHEMA, HERE)) == [expected]


NOTES = (
    (
        company(),
        "recordDetails/addresses",
        [{"type": "headquarters", "country": {"name": "Germany", "code": "DE"}}],
        (
            "/recordDetails/addresses/0/type",
            "note: one of registered, business, alternative",
            "'headquarters'",
        ),
    ),
    (
        company(),
        "recordDetails/entityType",
        {"type": "unknownEntity"},
        (
            "/recordDetails/unspecifiedEntityDetails",
            "note: a reason, because the entity is unknownEntity",
            "none",
        ),
    ),
    (
        human(),
        "recordDetails/names",
        None,
        ("/recordDetails/names", "note: a name of the person", "none"),
    ),
    (
        holds(),
        "recordDetails/interests/0/share",
        {"minimum": 50, "exclusiveMaximum": 25},
        ("/recordDetails/interests/0/share", "note: a lower bound up to the upper one", "50 to 25"),
    ),
    (
        holds(),
        "recordDetails/interests/0/share",
        {"exact": 10, "minimum": 25},
        ("/recordDetails/interests/0/share/exact", "note: an exact share within its bounds", "10"),
    ),
    (
        changed(holds(), "recordDetails/interests/0/startDate", "2024-01-02"),
        "recordDetails/interests/0/endDate",
        "2024-01-01",
        (
            "/recordDetails/interests/0/endDate",
            "note: a day from 2024-01-02 on",
            "'2024-01-01'",
        ),
    ),
    (
        company(),
        "annotations",
        [{"statementPointerTarget": "/name", "motivation": "commenting"}],
        (
            "/annotations/0/statementPointerTarget",
            "note: a JSON Pointer from the root of the statement to something in it",
            "'/name'",
        ),
    ),
)


@pytest.mark.parametrize(("whole", "path", "value", "expected"), NOTES)
def test_what_is_allowed_but_doubtful_is_a_note(
    whole: dict[str, Any], path: str, value: object, expected: tuple[str, str, str]
) -> None:
    assert told(alone(changed(whole, path, value), SCHEMA, HERE)) == [expected]


def test_a_statement_of_an_earlier_version_is_told_in_one_sentence() -> None:
    found = alone({"statementID": "x", "statementType": "entityStatement"}, SCHEMA, HERE)
    assert told(found) == [
        (
            "/statementType",
            "a statement of BODS 0.4",
            "statementType, a field of an earlier version",
        )
    ]
    assert told(alone([1], SCHEMA, HERE)) == [("", "a JSON object", "an array")]
