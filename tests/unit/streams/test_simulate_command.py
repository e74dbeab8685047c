"""The simulated folder: the same bytes from the same question, and a truth that adds up."""

from __future__ import annotations

import gzip
import tomllib
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
import zstandard

from streams.cli import main
from streams.codec import decode
from streams.files import FileSource, find_inputs

NAMES = ("bods.ndjson", "events.ndjson", "truth.csv", "truth_tenants.csv", "manifest.toml")


def simulated(folder: Path, *more: str) -> Path:
    asked = ["simulate", "--out", str(folder), "--tenants", "6", "--days", "2", *more]
    assert main(asked) == 0
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("cloud"))


def test_the_same_question_gives_the_same_bytes_and_another_seed_others(
    folder: Path, tmp_path: Path
) -> None:
    again = simulated(tmp_path / "again")
    other = simulated(tmp_path / "other", "--seed", "2")
    assert [(again / name).read_bytes() == (folder / name).read_bytes() for name in NAMES] == [
        True
    ] * len(NAMES)
    assert (other / "events.ndjson").read_bytes() != (folder / "events.ndjson").read_bytes()


def test_packed_files_hold_the_same_lines(folder: Path, tmp_path: Path) -> None:
    gz = simulated(tmp_path / "gz", "--pack", "gz") / "events.ndjson.gz"
    zst = simulated(tmp_path / "zst", "--pack", "zst") / "events.ndjson.zst"
    plain = (folder / "events.ndjson").read_bytes()
    assert gzip.decompress(gz.read_bytes()) == plain
    assert zstandard.ZstdDecompressor().stream_reader(zst.read_bytes()).read() == plain


def test_the_manifest_names_every_file_with_its_digest(folder: Path) -> None:
    manifest = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))
    found = {name: facts["sha256"] for name, facts in manifest["files"].items()}
    assert found == {name: sha256((folder / name).read_bytes()).hexdigest() for name in NAMES[:-1]}
    assert manifest["asked"] == {
        "scenario": "background",
        "seed": 1,
        "days": 2,
        "tenants": 6,
        "cadence": "mixed",
        "shares": "",
        "evasions": "",
        "faults": "usual",
        "structured": 0.1,
        "second_vantage": 0.05,
        "version": "0.1.0",
    }


def test_a_replay_reads_the_events_and_the_owners_and_nothing_else(folder: Path) -> None:
    inputs = find_inputs([folder])
    assert [path.name for path in inputs] == ["bods.ndjson", "events.ndjson"]
    source = FileSource(inputs)
    decoded = [decode(batch) for batch in iter(lambda: source.poll(0.0), None) if batch is not None]
    statements = decoded[0].records
    assert set(statements["type"]) == {"trainwatch.bods.v1"}
    known = {
        name
        for each in decoded[1:]
        for name in each.records["data"].str.json_path_match("$.tenant_id")
    }
    truth = pl.read_csv(folder / "truth_tenants.csv")
    assert known == set(truth["tenant_id"])


def test_the_truth_of_tenants_is_the_sum_of_their_work(folder: Path) -> None:
    work = pl.read_csv(folder / "truth.csv")
    tenants = pl.read_csv(folder / "truth_tenants.csv")
    trained = work.filter("is_training")["algorithmic_operations"].sum()
    assert tenants["training_operations"].sum() == pytest.approx(trained)
    assert tenants["device_hours"].sum() == pytest.approx(work["device_hours"].sum())
    assert (work["algorithmic_operations"] <= work["hardware_operations"]).all()


def test_a_customer_that_ran_nothing_has_zeros_in_the_truth_and_no_first_instant(
    folder: Path,
) -> None:
    busy = set(pl.read_csv(folder / "truth.csv")["tenant_id"])
    tenants = pl.read_csv(folder / "truth_tenants.csv")
    quiet = tenants.filter(~pl.col("tenant_id").is_in(busy))
    assert quiet.height > 0
    sums = ("device_hours", "hardware_operations", "training_operations", "is_training")
    assert quiet.select(*sums, "first_start").unique().rows() == [(0.0, 0.0, 0.0, False, None)]


def test_a_share_of_zero_leaves_a_kind_out_and_a_cadence_holds_for_every_meter(
    tmp_path: Path,
) -> None:
    out = simulated(tmp_path, "--share", "idle=0", "--share", "notebook=9", "--cadence", "1h")
    kinds = set(pl.read_csv(out / "truth.csv")["kind"])
    assert "idle" not in kinds
    assert "notebook" in kinds


def test_disguised_trainings_keep_their_operations_and_name_who_they_are(tmp_path: Path) -> None:
    only = ["--share", "pretraining=90", "--faults", "none", "--structured", "0"]
    plain = pl.read_csv(simulated(tmp_path / "plain", *only) / "truth.csv")
    hidden = pl.read_csv(
        simulated(tmp_path / "hidden", *only, "--evasion", "account_splitting=0.5") / "truth.csv"
    )
    pieces = hidden.filter(pl.col("disguise") == "account_splitting=0.5")
    assert pieces["tenant_id"].n_unique() > pieces["campaign"].n_unique()
    whole = pieces.group_by("campaign").agg(pl.col("algorithmic_operations").sum())
    both = whole.join(plain, left_on="campaign", right_on="run_id")
    assert both.height == whole.height
    ratio = both["algorithmic_operations"] / both["algorithmic_operations_right"]
    assert ratio.median() == pytest.approx(1.0, abs=0.1)
    known = set(pl.read_csv(tmp_path / "hidden" / "truth_tenants.csv")["tenant_id"])
    assert set(hidden["tenant_id"]) <= known


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--days", "401"], "simulate: expected 1 to 400 days and at least 1 tenant, got 401 days"),
        (["--share", "gold=1"], "expected a kind out of"),
        (["--evasion", "cloak"], "expected a disguise out of"),
        (["--evasion", "power_capping=2"], "expected a number from 0 to 1, got '2'"),
        (["--share", "idle=much"], "expected KIND=x with x from 0 to 1e+09, got 'idle=much'"),
        (["--share", "idle=1e308"], "expected KIND=x with x from 0 to 1e+09, got 'idle=1e308'"),
        (["--seed", "-1"], "argument --seed: expected a whole number from 0 to 2^63 - 1, got '-1'"),
        (["--seed", "9" * 30], "argument --seed: expected a whole number from 0 to 2^63 - 1"),
    ],
)
def test_what_cannot_be_simulated_ends_with_status_2_and_a_sentence(
    asked: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--out", str(tmp_path), *asked]) == 2
    assert message in capsys.readouterr().err


def test_a_cloud_takes_the_place_of_the_one_before_however_that_was_packed(tmp_path: Path) -> None:
    simulated(tmp_path, "--pack", "gz")
    (tmp_path / "mine.ndjson").write_bytes(b"")
    simulated(tmp_path, "--seed", "2")
    assert {path.name for path in tmp_path.iterdir()} == {*NAMES, "mine.ndjson"}
