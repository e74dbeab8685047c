"""Reports name the red flags of their customers' records, in every scope, each once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.cli import main
from tests.support.contract_story import THRESHOLD, customer, trained
from tests.support.provider import TENANT, Json, event, lines, pack

FLAGS = ["minimal-presence", "unfit-address"]


def _flagged() -> list[Json]:
    """A company that trains past the threshold from somebody's home, unknown to the public."""
    *statements, record = customer("dark", "FR")
    told = {"address": {"type": "residential"}, "public_presence": "none"}
    return [
        *statements,
        event("dark-t", TENANT, 0, {**record["data"], **told}),
        *trained("dark", 24),
    ]


@pytest.mark.parametrize(
    ("packs", "flags"), [(["us-bis-red-flags"], FLAGS), ([], [])], ids=["asked", "not asked"]
)
def test_a_report_names_each_red_flag_once_and_tells_it_once(
    tmp_path: Path, packs: list[str], flags: list[str]
) -> None:
    given, out = tmp_path / "events.ndjson", tmp_path / "out"
    given.write_bytes(lines(_flagged()))
    policies = [str(pack(tmp_path, THRESHOLD, ["foreign"])), *packs]
    asked = [part for each in policies for part in ("--policy", each)]
    assert main(["replay", str(given), "--out", str(out), *asked]) == 0
    reports = [json.loads(line) for line in (out / "reports.ndjson").read_text().splitlines()]
    assert [(each["scope"], each["red_flags"]) for each in reports] == [
        (scope, flags) for scope in ("training_run", "tenant", "owner")
    ]
    for report in reports:
        notes = [each["because"] for each in report["evidence"] if each["about"] == "note"]
        assert len(notes) == len(set(notes))
        assert sum("residential" in each for each in notes) == 1
