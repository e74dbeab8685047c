"""A file of customers is held against lists; the number of processes changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.cli import main
from tests.support.screening_lists import FOLDER

LIST = FOLDER / "csl.csv"
RECORDS = (
    {"tenant_id": "t-1", "name": "Kaveh Darya Shiping Lines Ltd", "kind": "organisation"},
    {"tenant_id": "t-2", "name": "Northwind Bakery"},
    {"tenant_id": "t-3", "name": "Fjord AI", "payment": {"payer_name": "Merlion QC"}},
    {"tenant_id": "t-4", "name": "Kaveh Darya Shiping Lines Ltd", "kind": "organisation"},
)


def written(folder: Path, jobs: int, *lines: str) -> list[dict[str, object]]:
    customers, out = folder / "customers.ndjson", folder / f"hits-{jobs}.ndjson"
    customers.write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = ["--customers", str(customers), "--out", str(out), "--jobs", str(jobs)]
    assert main(["screen", *asked, "--screening", str(LIST)]) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_hits_come_in_the_order_of_the_customers_whatever_the_number_of_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = json.dumps({"specversion": "1.0", "data": RECORDS[0]})
    lines = [event, "", *map(json.dumps, RECORDS[1:])]
    alone = written(tmp_path, 1, *lines)
    assert [(hit["record_id"], hit["role"], hit["level"]) for hit in alone] == [
        ("t-1", "customer", "hit"),
        ("t-3", "payer", "hit"),
        ("t-4", "customer", "hit"),
    ]
    assert alone[0]["party_name"] == "KAVEH DARYA SHIPPING LINES"
    assert written(tmp_path, 2, *lines) == alone
    assert "4 customers, 3 hits in " in capsys.readouterr().out


def test_more_processes_than_customers_screen_each_customer_once(tmp_path: Path) -> None:
    alone = written(tmp_path, 1, json.dumps(RECORDS[0]))
    assert [hit["record_id"] for hit in alone] == ["t-1"]
    assert written(tmp_path, 4, json.dumps(RECORDS[0])) == alone


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[1", "line 1: expected one customer a line"),
        ('{"name": "x"}', "got no tenant_id; mend the line"),
    ],
)
def test_a_line_that_is_no_customer_ends_the_command_with_status_3(
    line: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = tmp_path / "customers.ndjson"
    customers.write_text(line + "\n", encoding="utf-8")
    asked = ["--customers", str(customers), "--out", str(tmp_path / "hits.ndjson")]
    assert main(["screen", *asked, "--screening", str(LIST)]) == 3
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert told in shown


def test_names_and_files_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "a name", "--customers", "x", "--screening", str(LIST)]) == 2
    assert "give one of the two" in capsys.readouterr().err
