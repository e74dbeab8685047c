"""A relationship file as wide as GLEIF publishes it: told of beside stakes, deciding nothing."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from streams.cli import main
from tests.support.accounts_story import in_order, record, trained
from tests.support.provider import BODS, Json, entity, event, interest, lines, pack, person

#: Made-up identifiers with the check digits of ISO 17442.
CHILD, PARENT, OTHER = "TESTCHILD00000000062", "TESTPARENT0000000020", "TESTOTHER00000000064"
#: The columns of the relationship file (RR-CDF 2.1, golden copy), in the published order.
HEAD: Final = (
    "Relationship.StartNode.NodeID",
    "Relationship.StartNode.NodeIDType",
    "Relationship.EndNode.NodeID",
    "Relationship.EndNode.NodeIDType",
    "Relationship.RelationshipType",
    "Relationship.RelationshipStatus",
    *(
        f"Relationship.Period.{number}.{field}"
        for number in range(1, 6)
        for field in ("startDate", "endDate", "periodType")
    ),
    *(
        f"Relationship.Qualifiers.{number}.{field}"
        for number in range(1, 6)
        for field in ("QualifierDimension", "QualifierCategory")
    ),
    *(
        f"Relationship.Quantifiers.{number}.{field}"
        for number in range(1, 6)
        for field in ("MeasurementMethod", "QuantifierAmount", "QuantifierUnits")
    ),
    *(
        f"Registration.{field}"
        for field in (
            "InitialRegistrationDate",
            "LastUpdateDate",
            "RegistrationStatus",
            "NextRenewalDate",
            "ManagingLOU",
            "ValidationSources",
            "ValidationDocuments",
            "ValidationReference",
        )
    ),
)


def row(child: str, parent: str, kind: str, **changed: str) -> dict[str, str]:
    """Give one published relationship; override the last part of a column's name by keyword."""
    told = {
        "Relationship.StartNode.NodeID": child,
        "Relationship.StartNode.NodeIDType": "LEI",
        "Relationship.EndNode.NodeID": parent,
        "Relationship.EndNode.NodeIDType": "LEI",
        "Relationship.RelationshipType": kind,
        "Relationship.RelationshipStatus": "ACTIVE",
        "Relationship.Period.1.startDate": "2025-01-01T00:00:00Z",
        "Relationship.Period.1.endDate": "2025-12-31T00:00:00Z",
        "Relationship.Period.1.periodType": "ACCOUNTING_PERIOD",
        "Relationship.Period.2.startDate": "2019-03-01T00:00:00+01:00",
        "Relationship.Period.2.periodType": "RELATIONSHIP_PERIOD",
        "Relationship.Qualifiers.1.QualifierDimension": "ACCOUNTING_STANDARD",
        "Relationship.Qualifiers.1.QualifierCategory": "IFRS",
        "Relationship.Quantifiers.1.MeasurementMethod": "ACCOUNTING_CONSOLIDATION",
        "Relationship.Quantifiers.1.QuantifierAmount": "60.00",
        "Relationship.Quantifiers.1.QuantifierUnits": "PERCENTAGE",
        "Registration.InitialRegistrationDate": "2019-04-02T09:12:44.301+02:00",
        "Registration.LastUpdateDate": "2026-04-02T09:12:44.301+02:00",
        "Registration.RegistrationStatus": "PUBLISHED",
        "Registration.NextRenewalDate": "2027-04-02T00:00:00Z",
        "Registration.ManagingLOU": OTHER,
        "Registration.ValidationSources": "FULLY_CORROBORATED",
        "Registration.ValidationDocuments": "ACCOUNTS_FILING",
        "Registration.ValidationReference": 'Annual report 2025, page 12:\n"group companies"',
    }
    for name, value in changed.items():
        (column,) = (each for each in told if each.endswith(f".{name}"))
        told[column] = value
    return told


def golden_copy() -> str:
    """Give a file with what stands in a real one: funds, branches, ultimate parents, annulments."""
    rows = [
        row(CHILD, PARENT, "IS_DIRECTLY_CONSOLIDATED_BY"),
        row(CHILD, PARENT, "IS_ULTIMATELY_CONSOLIDATED_BY"),
        row(CHILD, OTHER, "IS_DIRECTLY_CONSOLIDATED_BY", RegistrationStatus="ANNULLED"),
        row(CHILD, OTHER, "IS_FUND-MANAGED_BY"),
        row(CHILD, OTHER, "IS_INTERNATIONAL_BRANCH_OF"),
        row(OTHER, PARENT, "IS_SUBFUND_OF", RegistrationStatus="LAPSED"),
    ]
    text = StringIO()
    writer = csv.DictWriter(text, HEAD, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def identified(record_id: str, name: str, country: str, lei: str) -> Json:
    told = entity(record_id, name, country)
    told["recordDetails"]["identifiers"] = [{"id": lei, "scheme": "XI-LEI"}]
    return told


def story() -> list[Json]:
    """A customer of which a parent has 60 %, and a person all of the parent."""
    statements = [
        identified("kid-inc", "Kid Inc", "FR", CHILD),
        identified("top", "Top Holding", "SG", PARENT),
        person("boss", "Bea Boss", "SG"),
        interest("kid-share", "top", "kid-inc", 60),
        interest("top-share", "boss", "top", 100),
    ]
    told = [event(f"b{n}", BODS, 0, each) for n, each in enumerate(statements)]
    return in_order([*told, record("kid", 0), *trained("kid")])


def test_a_published_relationship_file_is_told_beside_the_stake_and_moves_no_figure(
    tmp_path: Path,
) -> None:
    events, archive = tmp_path / "events.ndjson", tmp_path / "rr-golden-copy.csv.zip"
    events.write_bytes(lines(story()))
    with ZipFile(archive, "w") as packed:
        packed.writestr("20261112-0800-gleif-goldencopy-rr-golden-copy.csv", golden_copy())
    house = pack(tmp_path, 1e20)
    asked = ["replay", str(events), "--policy", str(house), "--out"]
    assert main([*asked, str(tmp_path / "without")]) == 0
    assert main([*asked, str(tmp_path / "with"), "--gleif", str(archive)]) == 0
    plain, told = (reports(tmp_path / name) for name in ("without", "with"))
    totals = [(tmp_path / name / "totals.csv").read_bytes() for name in ("without", "with")]
    assert totals[0] == totals[1]
    assert [figures(each) for each in plain] == [figures(each) for each in told] != []
    verdicts = {
        (edge["party_id"], edge["subject_id"]): edge["gleif"] and edge["gleif"]["verdict"]
        for edge in told[-1]["ownership"]["edges"]
    }
    assert verdicts[("record/top", "record/kid-inc")] == "agrees"
    assert verdicts[("record/boss", "record/top")] is None
    sentences = [e["because"] for e in told[-1]["evidence"] if e["about"] == "ownership"]
    assert any("GLEIF" in each and "Top Holding" in each for each in sentences)
    assert any(each.startswith(archive.name) for each in told[-1]["provenance"]["lists"])


def reports(out: Path) -> list[Json]:
    return [json.loads(line) for line in (out / "reports.ndjson").read_text("utf-8").splitlines()]


def figures(report: Json) -> tuple[object, ...]:
    names = ("report_id", "operations", "person_status", "crossed_at", "missing", "tenant_ids")
    return tuple(report[name] for name in names)
