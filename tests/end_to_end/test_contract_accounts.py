"""Contract: accounts of one hand, resellers and possible owners are found, nothing merged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.accounts_story import in_order, perhaps, shells, sold
from tests.support.contract_story import NODE_HOUR
from tests.support.provider import Json, Ran, commands, lines, pack

#: Two customers pass it together, none alone: each trains 192 node-hours.
THRESHOLD = 1.5 * 8 * 24 * NODE_HOUR


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    folder = tmp_path_factory.mktemp("accounts")
    policy = pack(folder, THRESHOLD)
    stories = {"shells": shells(), "sold": sold(), "perhaps": perhaps()}
    for name, events in stories.items():
        (folder / f"{name}.ndjson").write_bytes(lines(in_order(events)))
    asked: list[list[str | Path]] = [
        ["replay", folder / f"{name}.ndjson", "--out", folder / name, "--policy", policy]
        for name in stories
    ]
    return dict(zip(stories, commands(*asked), strict=True))


def found(ran: Ran, rule: str) -> Json:
    (line,) = (line for line in ran.lines("findings") if line["rule_id"] == rule)
    return line


def told(line: Json) -> tuple[str, str, str, Sequence[str]]:
    return line["scope"], line["subject_id"], line["severity"], line["tenant_ids"]


def test_two_shells_that_share_a_card_are_found_among_strangers(runs: dict[str, Ran]) -> None:
    ran = runs["shells"]
    line = found(ran, "accounts-linked")
    assert told(line) == ("tenant", "shell-a", "high", ["shell-a", "shell-b"])
    assert line["evidence"]["links"] == [
        "they pay with the same instrument (2 of 42 customers do; by chance 1 in 50000)"
    ]
    assert line["evidence"]["link_score_ratio"] > 0.9
    assert line["evidence"]["training_operations_expected"] > THRESHOLD
    # No owner is merged: four owners, each with the work of its own tenant, and no report.
    owners = {row["id"]: row["tenant_ids"] for row in ran.totals if row["scope"] == "owner"}
    assert owners == {
        f"{name}-owner": name for name in ("shell-a", "shell-b", "stranger-1", "stranger-2")
    }
    assert ran.lines("reports") == []


def test_the_customers_of_a_reseller_roll_up_and_its_attestation_expires(
    runs: dict[str, Ran],
) -> None:
    ran = runs["sold"]
    rollup, lapsed = found(ran, "reseller-rollup"), found(ran, "reseller-unattested")
    together = ["end-a", "end-b", "seller"]
    assert told(rollup) == ("tenant", "seller", "medium", together)
    assert rollup["evidence"]["customer_tenant_ids"] == ["end-a", "end-b"]
    assert told(lapsed) == ("tenant", "seller", "medium", together)
    assert lapsed["evidence"]["attestation"] == "expired"
    assert lapsed["evidence"]["expired_at"] == "2026-03-01T10:00:00Z"
    # That they pay through the reseller's account is no secret, so they are not linked by it.
    assert {line["rule_id"] for line in ran.lines("findings")} == {
        "reseller-rollup",
        "reseller-unattested",
    }
    assert ran.lines("reports") == []


def test_a_possible_owner_is_named_with_the_share_that_is_open(runs: dict[str, Ran]) -> None:
    line = found(runs["perhaps"], "owner-possible")
    assert told(line) == ("owner", "sure-owner", "medium", ["perhaps", "sure"])
    shown = ("possible_tenant_ids", "share_ratio_min", "share_ratio_max")
    assert [line["evidence"][name] for name in shown] == [["perhaps"], 0.1, 0.4]
    assert line["because"].startswith(
        "Owner of sure (sure-owner) may own perhaps (perhaps Inc (perhaps-inc): 10 to 40 %), and "
        "25 % or control makes an owner. It would be sure if this came out: that Owner of sure "
        "(sure-owner) owns 25 % or more of perhaps Inc (perhaps-inc). With all that the person "
        "owns or may own, 2 tenants, "
    )
    # The possible share is in nobody's total.
    assert runs["perhaps"].total("owner", "sure-owner")["tenant_ids"] == "sure"
