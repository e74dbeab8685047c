"""The MLPerf converter on a handful of runs, and its check on totals that fit or do not."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from examples.mlperf_training import check, convert

COLUMNS = (
    "run_id,submitter,system,benchmark,nodes,accelerators_per_node,accelerator_model,"
    "run_start_ms,run_stop_ms,train_flop_6nd"
)
ROWS = (
    "r|A|s1|gpt3|0,A,s1,gpt3,2,8,Vendor X100 rev B,3599000,3601500,1.5e15",
    "r|A|s1|gpt3|1,A,s1,gpt3,,4,X100,7200000,7200001,2e12",
    "r|A+B|s2|bert|0,A+B,s2,bert,1,0,N/A,7200000,7200250,",
)
HEADER = (
    "scope,id,tenant_ids,accelerator_hours,operations_low,operations_expected,operations_high\n"
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    path = tmp_path / "runs.csv.gz"
    path.write_bytes(gzip.compress("\n".join((COLUMNS, *ROWS)).encode()))
    return path


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(convert, "HERE", tmp_path)
    names = "metered,catalogue\nVendor X100 rev B,X100-80GB\n"
    (tmp_path / "accelerator_names.csv").write_text(names, encoding="utf-8")
    path = tmp_path / "accelerators.csv"
    path.write_text("sku,aliases\nX100,X100-80GB;X100 80\n", encoding="utf-8")
    return path


def converted(runs: Path, catalogue: Path, *options: str) -> dict[str, list[dict[str, Any]]]:
    out = runs.parent / "events"
    convert.main([str(runs), "--out", str(out), "--catalogue", str(catalogue), *options])
    usage = gzip.decompress((out / "usage.ndjson.gz").read_bytes()).decode()
    texts = {path.name: path.read_text("utf-8") for path in out.glob("*.ndjson")}
    return {
        name: [json.loads(line) for line in text.splitlines()]
        for name, text in {**texts, "usage": usage}.items()
    }


def test_a_run_is_metered_per_node_to_the_millisecond(runs: Path, catalogue: Path) -> None:
    events = converted(runs, catalogue)["usage"]
    assert [
        (e["id"], e["data"]["start"][11:], e["data"]["end"][11:], e["time"][11:]) for e in events
    ] == [
        ("r|A|s1|gpt3|0/node-0000/3599000", "00:59:59.000Z", "01:00:00.000Z", "01:00:00.000Z"),
        ("r|A|s1|gpt3|0/node-0001/3599000", "00:59:59.000Z", "01:00:00.000Z", "01:00:00.000Z"),
        ("r|A|s1|gpt3|0/node-0000/3600000", "01:00:00.000Z", "01:00:01.500Z", "01:00:01.500Z"),
        ("r|A|s1|gpt3|0/node-0001/3600000", "01:00:00.000Z", "01:00:01.500Z", "01:00:01.500Z"),
        ("r|A|s1|gpt3|1/node-0000/7200000", "02:00:00.000Z", "02:00:00.001Z", "02:00:00.001Z"),
        ("r|A+B|s2|bert|0/node-0000/7200000", "02:00:00.000Z", "02:00:00.250Z", "02:00:00.250Z"),
    ]


def test_a_usage_event_names_tenant_job_and_catalogue_accelerator(
    runs: Path, catalogue: Path
) -> None:
    assert converted(runs, catalogue)["usage"][0]["data"] == {
        "tenant_id": "A/s1",
        "resource_id": "r|A|s1|gpt3|0/node-0000",
        "start": "1970-01-01T00:59:59.000Z",
        "end": "1970-01-01T01:00:00.000Z",
        "accelerator": "X100-80GB",
        "accelerator_count": 8,
        "cluster_id": "A/s1",
        "job_id": "r|A|s1|gpt3|0",
        "service_class": "bare_metal",
    }


def test_a_run_without_accelerators_is_an_unknown_instance_type(
    runs: Path, catalogue: Path
) -> None:
    data = converted(runs, catalogue)["usage"][-1]["data"]
    assert (data["instance_type"], "accelerator" in data) == ("s2", False)


def test_every_submitter_and_every_joint_submission_has_an_owner_of_its_own(
    runs: Path, catalogue: Path
) -> None:
    written = converted(runs, catalogue)
    assert [e["data"] for e in written["tenants.ndjson"]] == [
        {
            "tenant_id": "A+B/s2",
            "customer_record_id": "mlperf-company:A+B",
            "name": "A+B",
            "kind": "organisation",
        },
        {
            "tenant_id": "A/s1",
            "customer_record_id": "mlperf-company:A",
            "name": "A",
            "kind": "organisation",
        },
    ]
    assert [(s["recordType"], s["recordId"]) for s in written["bods.ndjson"]] == [
        ("entity", "mlperf-company:A"),
        ("person", "mlperf-owner:A"),
        ("relationship", "mlperf-owner:A>mlperf-company:A"),
        ("entity", "mlperf-company:A+B"),
        ("person", "mlperf-owner:A+B"),
        ("relationship", "mlperf-owner:A+B>mlperf-company:A+B"),
    ]


def test_unknown_accelerators_are_counted_and_printed(
    runs: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    converted(runs, catalogue)
    assert capsys.readouterr().out.splitlines() == [
        f"3 runs, 2 tenants, 6 usage events -> {runs.parent / 'events'}",
        "not in the catalogue, sent as it is: 'N/A', 1 runs",
    ]


def test_a_spelling_that_leads_nowhere_stops_the_conversion(runs: Path, catalogue: Path) -> None:
    catalogue.write_text("sku,aliases\nY200,\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="expected an alias of accelerators.csv for 'Vendor X100"):
        converted(runs, catalogue)


def totals(folder: Path, rows: list[tuple[str, str, str, int, float]]) -> None:
    folder.mkdir()
    with (folder / "totals.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for scope, subject_id, tenant_ids, device_ms, high in rows:
            hours = repr(device_ms / 3_600_000)
            csv.writer(file).writerow([scope, subject_id, tenant_ids, hours, 0.0, high / 2, high])


GOOD: list[tuple[str, str, str, int, float]] = [
    ("training_run", "job/A/s1/r|A|s1|gpt3|0", "A/s1", 40_000, 2e15),
    ("training_run", "job/A/s1/r|A|s1|gpt3|1", "A/s1", 4, 3e12),
    ("tenant", "A/s1", "A/s1", 40_004, 2e15),
    ("owner", "mlperf-owner:A", "A/s1", 40_004, 2e15),
]


def test_the_check_passes_on_exact_hours_and_a_truth_inside_the_interval(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    totals(runs.parent / "out", GOOD)
    assert check.main([str(runs), str(runs.parent / "out"), "--llm-only"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok   accelerator-hours per run: 2 of 2 exact to the millisecond, 0.011 h in all",
        "ok   accelerator-hours per tenant: 1 of 1 exact to the millisecond, 0.011 h in all",
        "ok   accelerator-hours per owner: 1 of 1 exact to the millisecond, 0.011 h in all",
        "     mlperf-owner:A: truth 1.502e+15, interval 0.000e+00 / 1.000e+15 / 2.000e+15,"
        " expected / truth 0.67",
        "ok   operations per owner: 1 of 1 inside the 90 % interval",
    ]


@pytest.mark.parametrize("row", range(4))
def test_the_check_fails_on_one_device_millisecond_too_many(runs: Path, row: int) -> None:
    wrong = [(*r[:3], r[3] + (i == row), r[4]) for i, r in enumerate(GOOD)]
    totals(runs.parent / "out", wrong)
    assert check.main([str(runs), str(runs.parent / "out"), "--llm-only"]) == 1


def test_the_check_fails_on_a_truth_outside_the_interval(runs: Path) -> None:
    totals(runs.parent / "out", [*GOOD[:3], (*GOOD[3][:4], 1e15)])
    assert check.main([str(runs), str(runs.parent / "out"), "--llm-only"]) == 1


def test_the_check_fails_on_an_owner_that_is_missing(runs: Path) -> None:
    totals(runs.parent / "out", GOOD[:3])
    assert check.main([str(runs), str(runs.parent / "out"), "--llm-only"]) == 1


def test_a_file_that_is_another_table_is_refused_in_one_line(tmp_path: Path) -> None:
    other = tmp_path / "systems.csv.gz"
    other.write_bytes(gzip.compress(b"run_id,benchmark\nr,gpt3\n"))
    plain = tmp_path / "runs.csv"
    plain.write_text(COLUMNS, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"systems.csv.gz: expected .*found none called submitter"):
        convert.main([str(other), "--out", str(tmp_path / "out")])
    for path in (plain, tmp_path / "nowhere.csv.gz"):
        with pytest.raises(SystemExit, match="expected a gzip file that can be read"):
            convert.main([str(path), "--out", str(tmp_path / "out")])
