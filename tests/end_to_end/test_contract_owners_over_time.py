"""Contract: who a person was when the work was done; what GLEIF says beside it decides nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from detector.who.gleif import REQUIRED
from tests.support.accounts_story import in_order, record, trained
from tests.support.contract_story import NODE_HOUR
from tests.support.provider import (
    BODS,
    Json,
    Ran,
    commands,
    entity,
    event,
    hour,
    interest,
    lines,
    pack,
    person,
)

#: Passed four hours after the sale, of the day and night that the customer trains for.
THRESHOLD = 16 * 8 * NODE_HOUR
BEGIN, END = 12, 36
CHILD_LEI, PARENT_LEI = "TESTCHILD00000000062", "TESTPARENT0000000020"
CELLS = (CHILD_LEI, "LEI", PARENT_LEI, "LEI", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "PUBLISHED")
GLEIF = f"{','.join(REQUIRED)}\n{','.join(CELLS)}\n".encode()


def identified(statement: Json, lei: str) -> Json:
    details = {**statement["recordDetails"], "identifiers": [{"scheme": "XI-LEI", "id": lei}]}
    return {**statement, "recordDetails": details}


def sold_home() -> list[Json]:
    """A company under home law, sold by a foreign holding to a citizen while it trained."""
    sold, bought = {"endDate": "2026-03-02"}, {"startDate": "2026-03-02"}
    told = [
        identified(entity("shop-inc", "Shop Inc", "US"), CHILD_LEI),
        identified(entity("holding", "Holding Ltd", "CN"), PARENT_LEI),
        person("buyer", "Pat Buyer", "US"),
        interest("sold", "holding", "shop-inc", 100, **sold),
        interest("bought", "buyer", "shop-inc", 100, **bought),
    ]
    statements = [event(f"b{number}", BODS, 0, each) for number, each in enumerate(told)]
    work = [each for each in trained("shop", END) if each["data"]["start"] >= hour(BEGIN)]
    return in_order([*statements, record("shop", 0), *work])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Ran]:
    """The same without a relationship file and with one."""
    folder = tmp_path_factory.mktemp("owners")
    policy, events, gleif = pack(folder, THRESHOLD), folder / "events.ndjson", folder / "rr.csv"
    events.write_bytes(lines(sold_home()))
    gleif.write_bytes(GLEIF)
    asked: list[list[str | Path]] = [
        ["replay", events, "--out", folder / "without", "--policy", policy],
        ["replay", events, "--out", folder / "beside", "--policy", policy, "--gleif", gleif],
    ]
    without, beside = commands(*asked)
    return without, beside


def test_work_begun_for_a_foreign_owner_is_reported_though_it_was_sold_home(
    runs: tuple[Ran, Ran],
) -> None:
    reports = [each for each in runs[0].lines("reports") if each["scope"] == "training_run"]
    (report,) = reports
    told = [each["because"] for each in report["evidence"] if each["about"] == "person_status"]
    assert (report["kind"], report["standing"], report["person_status"]) == (
        "initial",
        True,
        "foreign",
    )
    assert told == [
        "From 2026-03-01 on: Shop Inc (shop-inc) is organised under the law of US.",
        "From 2026-03-01 on: Holding Ltd owns or controls the customer (100 %). Holding Ltd "
        "(holding) is organised under the law of CN.",
        "From 2026-03-01 on: No beneficial owner of Holding Ltd (holding) is known for sure.",
    ]


def test_gleif_stands_beside_the_stakes_and_changes_nothing_else(runs: tuple[Ran, Ran]) -> None:
    without, beside = runs
    assert (without.totals, without.lines("findings")) == (beside.totals, beside.lines("findings"))
    reports = zip(without.lines("reports"), beside.lines("reports"), strict=True)
    agreed = "GLEIF has Shop Inc as directly consolidated by Holding Ltd."
    for plain, noted in reports:
        notes = [edge["gleif"] for edge in noted["ownership"]["edges"] if edge["gleif"]]
        assert notes == [{"verdict": "agrees", "because": agreed}]
        assert {"about": "ownership", "because": agreed} in noted["evidence"]
        assert noted["provenance"]["lists"][0].endswith(f"sha256:{sha256(GLEIF).hexdigest()}")
        assert {key for key in plain if plain[key] != noted[key]} == {
            "ownership",
            "evidence",
            "provenance",
        }
