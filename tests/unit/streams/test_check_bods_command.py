"""``trainwatch check-bods`` as a person uses it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from streams.cli import main
from tests.support.statements import entity, person, relationship


def whole(statement: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a test's short statement the id that the standard asks for."""
    return {**statement, "statementId": statement["statementId"].ljust(32, "-")}


COMPANY, OWNER = whole(entity("T")), whole(person("P"))
HELD = whole(relationship("r", "P", "T", [{"type": "shareholding", "share": {"exact": 40}}]))
BROKEN = {**HELD, "statementDate": "2020", "statementId": "short"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["check-bods", *(str(each) for each in arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_clean_file_says_so_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "owners.json"
    path.write_text(json.dumps([COMPANY, OWNER, HELD], indent=1), encoding="utf-8")
    assert run(capsys, path) == (0, "3 statements, 0 problems, 0 notes\n", "")


def test_each_problem_has_its_line_number_and_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "owners.jsonl.gz"
    lines = [json.dumps(each) for each in (COMPANY, OWNER, BROKEN)]
    path.write_bytes(gzip.compress("\n".join([*lines, "{"]).encode()))
    assert run(capsys, path) == (
        1,
        f"{path}:3 (statement 3) /statementId: expected at least 32 characters, found 'short'; "
        "give it in full\n"
        f"{path}:3 (statement 3) /statementDate: expected a date, YYYY-MM-DD or an RFC 3339 "
        "instant with an offset, found '2020'; give one of these\n"
        f"{path}:4 (statement 4) the statement: expected one JSON value, found an error: "
        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1); correct the "
        "text\n"
        "4 statements, 3 problems in 2 of them, 0 notes\n",
        "",
    )


def test_statements_in_events_are_checked_and_other_events_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "s", "time": "2024-01-01T00:00:00Z"}
    events = [
        {**event, "type": "trainwatch.bods.v1", "data": {**COMPANY, "recordId": 7}},
        {**event, "type": "trainwatch.usage.v1", "data": {}},
    ]
    path = tmp_path / "events.ndjson"
    path.write_text("".join(json.dumps(each) + "\n" for each in events), encoding="utf-8")
    assert run(capsys, path, "--json") == (
        1,
        json.dumps(
            {
                "file": str(path),
                "line": 1,
                "statement": 1,
                "path": "/data/recordId",
                "severity": "problem",
                "expected": "a string",
                "found": "7",
                "remedy": "write it as that type",
                "count": 1,
            }
        )
        + "\n",
        "",
    )
    assert run(capsys, path)[1].endswith(
        "1 statement, 1 problem in 1 of them, 0 notes, 1 event of other types passed over\n"
    )


def test_a_part_of_a_stream_may_refer_to_what_stands_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "later.jsonl"
    path.write_text(json.dumps(HELD), encoding="utf-8")
    status, out, _ = run(capsys, path)
    assert (status, out.splitlines()[-1]) == (1, "1 statement, 2 problems in 1 of them, 0 notes")
    assert run(capsys, path, "--part") == (0, "1 statement, 0 problems, 0 notes\n", "")


def test_what_cannot_be_read_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, tmp_path / "none.json")
    assert (status, out) == (3, "")
    assert err.endswith("none.json: expected a file or folder, found none; check the path\n")
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(json.dumps(COMPANY).encode() + b"\n")[:-6])
    status, out, err = run(capsys, torn)
    assert (status, out) == (3, "1 statement, 0 problems, 0 notes\n")
    assert "it breaks off" in err


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.commands.check_bods.SHOWN_MAX", 2)
    path = tmp_path / "owners.jsonl"
    path.write_text("{}\n" * 3, encoding="utf-8")
    status, out, _ = run(capsys, path)
    assert (status, len(out.splitlines())) == (1, 4)
    assert out.endswith("and 16 more\n3 statements, 18 problems in 3 of them, 0 notes\n")


def test_a_reminder_of_headquarters_is_one_line_with_a_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "owners.jsonl"
    country = {"name": "Germany", "code": "DE"}
    seat = [{"type": "headquarters", "address": "1 High Street", "country": country}]
    lines = []
    for name in ("T", "U", "V"):
        company = whole(entity(name))
        details = {**company["recordDetails"], "addresses": seat}
        lines.append(json.dumps({**company, "recordDetails": details}))
    path.write_text("\n".join(lines), encoding="utf-8")
    status, out, _ = run(capsys, path)
    first, last = out.splitlines()
    assert (status, last) == (0, "3 statements, 0 problems, 3 notes")
    assert first.startswith(f"{path}:1 (statement 1) /recordDetails/addresses/0/type: note: ")
    assert first.endswith("others may refuse it (3 times, told once)")
