"""From screening lists to the 50 % rule: whom listed parties own together, and whom they may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streams.cli import main
from tests.support.provider import BODS, TENANT, USAGE, Json, event, lines, metered
from tests.support.screening_lists import FOLDER
from tests.support.statements import entity, holding

LIST = FOLDER / "csl.csv"
#: The rule was in force on this day, before it was stayed.
MERLION = "Merlion Quantum Computing Technology Co., Ltd. (merlion)"
KAVEH = "KAVEH DARYA SHIPPING LINES (kaveh)"
DAY = "2025-10-15T00:00:00Z"


def named(record_id: str, name: str, country: str) -> Json:
    statement: dict[str, Any] = dict(entity(record_id, country))
    return {**statement, "recordDetails": {**statement["recordDetails"], "name": name}}


def told() -> list[Json]:
    """Three customers in Norway, and two parties that stand on the Entity List and as an SDN."""
    statements = [
        named("merlion", "Merlion Quantum Computing Technology Co., Ltd.", "CN"),
        named("kaveh", "KAVEH DARYA SHIPPING LINES", "IR"),
        *(named(each, f"Fjord {each}", "NO") for each in ("half", "less", "open", "low", "mid")),
        # Half of "half" together, one of them through a company of which it has half.
        holding("merlion", "mid", 50),
        holding("mid", "half", 30),
        holding("kaveh", "half", 20),
        # A chain of half and half, but for one part in a hundred.
        holding("merlion", "low", 49),
        holding("low", "less", 100),
        # Nobody says how much.
        holding("kaveh", "open"),
    ]
    customers = [
        {"tenant_id": f"t-{each}", "customer_record_id": each} for each in ("half", "less", "open")
    ]
    events = [event(f"s{at}", BODS, DAY, each) for at, each in enumerate(statements)]
    events += [event(each["tenant_id"], TENANT, DAY, each) for each in customers]
    return [*events, *(worked(each["tenant_id"]) for each in customers)]


def worked(tenant_id: str) -> Json:
    """An hour of one accelerator: the rule has no floor of operations."""
    hours = {"start": "2025-10-14T22:00:00Z", "end": "2025-10-14T23:00:00Z"}
    data = metered(0, 1, tenant_id=tenant_id, resource_id=f"node-of-{tenant_id}", **hours)
    return event(f"work-{tenant_id}", USAGE, DAY, data)


def replayed(tmp_path: Path) -> list[Json]:
    (tmp_path / "events.ndjson").write_bytes(lines(told()))
    out = tmp_path / "out"
    asked = ["--policy", "us-bis-affiliates-50", "--screening", str(LIST)]
    assert main(["replay", str(tmp_path / "events.ndjson"), "--out", str(out), *asked]) == 0
    written = (out / "findings.ndjson").read_text(encoding="utf-8").splitlines()
    return [each for each in map(json.loads, written) if each["rule_id"].startswith("listed-")]


def test_lists_are_held_against_shares_by_the_fifty_percent_rule(tmp_path: Path) -> None:
    found = replayed(tmp_path)
    rules = {(each["rule_id"], each["subject_id"], each["severity"]) for each in found}
    assert {each for each in rules if each[0] != "listed-party"} == {
        ("listed-ownership", "t-half", "critical"),
        ("listed-share-unknown", "t-open", "high"),
    }
    (sure,) = (each for each in found if each["rule_id"] == "listed-ownership")
    assert sure["evidence"]["chain"] == [
        f"{MERLION} owns 50 % of Fjord mid (mid)",
        "Fjord mid (mid) owns 30 % of Fjord half (half)",
        f"{KAVEH} owns 20 % of Fjord half (half)",
    ]
    assert sure["because"] == (
        "By us-bis-affiliates-50 (in force) 50 % of Fjord half (half) counts as owned by parties "
        f"that are likely listed: {', '.join(sure['evidence']['chain'])}."
    )
    assert sure["evidence"]["would_decide"] == []


def test_every_listed_owner_is_named_in_the_sentence_not_only_the_likeliest(tmp_path: Path) -> None:
    because = {
        each["subject_id"]: each["because"]
        for each in replayed(tmp_path)
        if each["rule_id"] == "listed-party"
    }
    assert MERLION in because["t-half"]
    assert f"Further: The owner {KAVEH} is a likely match of " in because["t-half"] or (
        f"Further: The owner {MERLION} is a likely match of " in because["t-half"]
    )
    assert KAVEH in because["t-half"]
    assert "Further" not in because["t-open"]
