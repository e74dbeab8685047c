"""A listed owner and a listed payer make findings; the command line shows an analyst why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.cli import main
from tests.support.screening_lists import FOLDER
from tests.support.statements import entity, holding

LIST = FOLDER / "csl.csv"


def event(kind: str, name: str, data: object) -> str:
    envelope = {"specversion": "1.0", "id": name, "source": "test", "type": f"trainwatch.{kind}.v1"}
    return json.dumps({**envelope, "time": "2026-06-01T00:00:00Z", "data": data})


def replayed(folder: Path, *more: str) -> list[dict[str, object]]:
    owner = entity("owner", "CN")
    owner["recordDetails"]["name"] = "MERLION QUANTUM COMPUTING TECHNOLOGY COMPANY LTD"
    lines = [
        event("tenant", "1", {"tenant_id": "t-1", "name": "Fjord AI", "customer_record_id": "c"}),
        event("bods", "2", entity("c", "NO")),
        event("bods", "3", owner),
        event("bods", "4", holding("owner", "c", 60)),
        event(
            "tenant",
            "5",
            {"tenant_id": "t-2", "name": "Bakery", "payment": {"payer_name": "Kaveh Darya"}},
        ),
    ]
    events = folder / "events.ndjson"
    events.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["replay", str(events), "--out", str(folder / "out"), *more]) == 0
    written = (folder / "out" / "findings.ndjson").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in written]
    return [each for each in found if each["rule_id"] == "listed-party"]


def test_a_listed_owner_and_a_listed_payer_are_findings(tmp_path: Path) -> None:
    owner, payer = replayed(tmp_path, "--screening", str(LIST))
    assert (owner["subject_id"], owner["severity"]) == ("t-1", "critical")
    assert str(owner["because"]).startswith(
        "The owner MERLION QUANTUM COMPUTING TECHNOLOGY COMPANY LTD (owner) is a likely match of "
        "Merlion Quantum Computing Technology Co., Ltd. on the Entity List (EL) - Bureau of "
        "Industry and Security (score 0."
    )
    assert str(owner["because"]).endswith("A person decides; nothing here clears.")
    assert (payer["subject_id"], payer["severity"]) == ("t-2", "critical")
    assert str(payer["because"]).startswith("The payer Kaveh Darya (t-2) is a likely match of ")


def test_without_a_list_nobody_is_screened(tmp_path: Path) -> None:
    assert replayed(tmp_path) == []


def test_the_command_shows_hits_with_what_made_them(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["Kaveh Darya Shipping Lines LLC", "Northwind Bakery"]
    assert main(["screen", *names, "--country", "NO", "--screening", str(LIST)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("csl.csv 20")
    assert told[1] == "    left out: 1 row, has no name"
    assert told[3] == "Kaveh Darya Shipping Lines LLC: 1 likely, 0 possible; a person decides"
    assert "    - another country: NO, listed IR (-1.0)" in told
    assert told[-1] == (
        "Northwind Bakery: nothing on these lists is alike enough to show; that clears nobody"
    )


def test_a_file_that_is_no_list_ends_the_command_with_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert main(["screen", "x", "--screening", str(tmp_path / "x.csv")]) == 3
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "x.csv: expected a screening list" in told


@pytest.mark.parametrize(
    ("content", "is_listed", "told"),
    [
        (b"", False, "expected a screening list whose hits were judged, got none; name it with"),
        ("{}".encode("utf-16"), True, "looks like UTF-16: save the file as UTF-8"),
        (b"\xff", True, "expected UTF-8, got invalid start byte at byte 0; save it as UTF-8"),
    ],
)
def test_judgements_that_cannot_be_used_end_the_command_in_one_line_that_names_them(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    is_listed: bool,  # noqa: FBT001 - a column of the table
    told: str,
) -> None:
    judged, events = tmp_path / "judged.ndjson", tmp_path / "events.ndjson"
    judged.write_bytes(content)
    events.touch()
    lists = ["--screening", str(FOLDER / "csl.csv")] if is_listed else []
    asked = ["replay", str(events), "--out", str(tmp_path / "out"), *lists]
    assert main([*asked, "--judgements", str(judged)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"trainwatch: {judged}: expected ")
    assert told in line


def test_what_an_analyst_judged_not_the_same_stays_in_sight_as_info(tmp_path: Path) -> None:
    lists = ("--screening", str(LIST))
    (pair,) = replayed(tmp_path, *lists)[0]["evidence"]["pairs"]  # type: ignore[index]
    said = {"author": "a.analyst", "reason": "another register", "judged_on": "2026-11-21"}
    judged = tmp_path / "judged.ndjson"
    judged.write_text(json.dumps({"pair": pair, "verdict": "not_same", **said}), encoding="utf-8")
    owner = replayed(tmp_path, *lists, "--judgements", str(judged))[0]
    assert owner["severity"] == "info"
    assert "judged not same by a.analyst on 2026-11-21: another register." in str(owner["because"])
