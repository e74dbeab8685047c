"""Ownership charts for tests: the smallest ones, and one with all that can stand on a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from detector.ownership.chart import OwnershipChart
from detector.policy.tables import CountryTable, parse_country_groups
from detector.who.chart import Asked, ownership_chart
from detector.who.graph import Statement
from detector.who.interests import Certainty
from tests.support.statements import entity, graph_of, holding, person, relationship, statement

AT = datetime(2026, 6, 1, tzinfo=UTC)
SPAN = (datetime(2026, 5, 1, tzinfo=UTC), AT)
TABLE = Path(__file__).parents[2] / "detector/policy/reference/country_groups.toml"
NOBODY: Mapping[str, Certainty] = {}


@cache
def countries() -> CountryTable:
    """Give the table as shipped."""
    return parse_country_groups(TABLE.read_text(encoding="utf-8"))


def chart_of(
    *statements: Statement,
    customers: Mapping[str, Sequence[str]] | None = None,
    owner_id: str | None = None,
    listed: Mapping[str, Certainty] = NOBODY,
) -> OwnershipChart:
    """Chart whoever stands behind T, the customer of t-1, on 1 June 2026."""
    held = {"t-1": ("T",)} if customers is None else {t: tuple(r) for t, r in customers.items()}
    asked = Asked(held, owner_id, SPAN, AT)
    chart = ownership_chart(graph_of(*statements), asked, countries(), listed)
    assert chart is not None
    return chart


def named(record_id: str, name: str, jurisdiction: str) -> Statement:
    """Give an organisation with a name of its own."""
    details = {"name": name, "jurisdiction": {"code": jurisdiction}}
    return statement(record_id, "entity", details)


def called(stated: Statement, name: str) -> Statement:
    """Give a statement of a party with another name."""
    names = {"name": name, "names": [{"type": "legal", "fullName": name}]}
    return {**stated, "recordDetails": {**stated["recordDetails"], **names}}


def group() -> OwnershipChart:
    """Give two customers of one group: chains, a seller, a cycle, a listed party, one unnamed."""
    return chart_of(
        called(entity("T", "US-DE"), "Harbour Analytics Inc."),
        named("U", "Northwind Compute and Model Training Services Limited", "KY"),
        called(entity("M", "KY", headquarters="SG"), "Meridian Holdings"),
        called(entity("C", registered="HK"), "Kowloon Compute Limited"),
        named("B", "星海智能科技集团有限公司", "MO"),
        called(person("P", "US"), "Pat Example"),
        called(person("Q", "CN", residence="CN"), "Lin Example"),
        holding("M", "T", 60),
        holding("P", "T", 15),
        holding("U", "T", {"minimum": 10, "exclusiveMaximum": 25}),
        holding("T", "U", 5),
        holding("M", "U"),
        holding("C", "M", {"minimum": 50, "maximum": 75}),
        holding("B", "C", type="appointmentOfBoard"),
        holding("Q", "C", 100),
        holding("P", "C", 5, endDate="2026-05-20"),
        relationship("r", {"reason": "subjectUnableToConfirmOrIdentifyBeneficialOwner"}, "M", []),
        customers={"t-1": ("T",), "t-2": ("U",), "t-3": ("U",)},
        owner_id="Q",
        listed={"C": "possible"},
    )
