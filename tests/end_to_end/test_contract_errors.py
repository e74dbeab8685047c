"""Contract: how a command ends, and the one line that says what, where and what to do."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
import zstandard

from tests.support.provider import (
    TENANT,
    Json,
    Ran,
    command,
    commands,
    event,
    hour,
    lines,
    pack,
    usage,
)


def _events(number: int) -> list[Json]:
    return [usage(f"e{n}", n, n + 1, job_id=f"job-{n * 7919}") for n in range(number)]


#: What is wrong -> (status, arguments with {} for a folder of good and bad things, words told).
WRONG: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "no command": (2, "", ("COMMAND", "--help")),
    "unknown command": (2, "rerun", ("rerun", "replay", "--help")),
    "no path": (2, "replay --out {}/out", ("PATH", "--help")),
    "no out": (2, "replay {}/good.ndjson", ("--out", "--help")),
    "unknown option": (2, "replay {}/good.ndjson --out {}/out --fast", ("--fast", "--help")),
    "unknown policy": (
        2,
        "replay {}/good.ndjson --out {}/out --policy none",
        ("policy none", "expected one of", "us-iaas-nprm-2024", ".toml"),
    ),
    "policy file missing": (
        2,
        "replay {}/good.ndjson --out {}/out --policy {}/none.toml",
        ("none.toml", "expected a readable policy pack", "check the path"),
    ),
    "policy file wrong": (
        2,
        "replay {}/good.ndjson --out {}/out --policy {}/wrong.toml",
        ("wrong.toml", "thresholds.0.comparison", "expected 'gt' or 'ge', found '>'", "docs/"),
    ),
    "two policies of one id": (
        2,
        "replay {}/good.ndjson --out {}/out --policy {}/house.toml --policy {}/other.toml",
        ("house-small", "other.toml"),
    ),
    "as-of without offset": (
        2,
        "replay {}/good.ndjson --out {}/out --as-of 2026-03-01T00:00:00",
        ("--as-of", "RFC 3339 with an offset", "2026-03-01T00:00:00"),
    ),
    "as-of a date": (2, "replay {}/good.ndjson --out {}/out --as-of 2026-03-01", ("--as-of",)),
    "no jobs": (
        2,
        "replay {}/good.ndjson --out {}/out --jobs 0",
        ("--jobs", "expected a whole number from 1", "0"),
    ),
    "configuration missing": (2, "run --config {}/none.toml", ("none.toml", "--config")),
    "configuration missing for export": (
        2,
        "export --config {}/none.toml --out {}/out",
        ("none.toml", "--config"),
    ),
    "configuration wrong": (2, "run --config {}/wrong.toml", ("wrong.toml",)),
    "input missing": (
        3,
        "replay {}/good.ndjson {}/none.ndjson --out {}/out",
        ("none.ndjson", "expected a file or folder, found none", "check the path"),
    ),
    "input of another kind": (
        3,
        "replay {}/table.csv --out {}/out",
        ("table.csv", "expected a file named", "*.ndjson", "convert"),
    ),
    "folder without inputs": (
        3,
        "replay {}/empty --out {}/out",
        ("empty", "expected a folder with", "found none"),
    ),
    "no gzip": (
        3,
        "replay {}/good.ndjson {}/no.ndjson.gz --out {}/out",
        ("no.ndjson.gz", "expected a gzip file", "check it"),
    ),
    "no zstandard": (
        3,
        "replay {}/no.ndjson.zst --out {}/out",
        ("no.ndjson.zst", "expected a Zstandard file", "check it"),
    ),
    "list missing": (
        3,
        "replay {}/good.ndjson --out {}/out --screening {}/none.json",
        ("none.json", "expected a readable screening list", "check"),
    ),
    "out is a file": (
        1,
        "replay {}/good.ndjson --out {}/good.ndjson",
        ("good.ndjson", "expected a folder", "choose another"),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("errors")
    (folder / "good.ndjson").write_bytes(lines(_events(3)))
    (folder / "no.ndjson.gz").write_bytes(lines(_events(3)))
    (folder / "no.ndjson.zst").write_bytes(lines(_events(3)))
    (folder / "table.csv").write_text("a,b\n")
    (folder / "empty").mkdir()
    text = pack(folder, 1e20).read_text()
    (folder / "wrong.toml").write_text(text.replace('"gt"', '">"'))
    (folder / "other.toml").write_text(text.replace("operations = 1e+20", "operations = 1e21"))
    return folder


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ran]:
    each = [arguments.replace("{}", str(folder)).split() for _, arguments, _ in WRONG.values()]
    return dict(zip(WRONG, commands(*each), strict=True))


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_command_says_so_in_one_line_and_writes_nothing(
    ended: dict[str, Ran], folder: Path, what: str
) -> None:
    status, _, words = WRONG[what]
    ran = ended[what]
    assert ran.status == status, ran.errors
    assert re.fullmatch(r"trainwatch: (?!trainwatch)[^\n]+\n", ran.errors)
    assert [word for word in words if word not in ran.errors] == []
    assert not (folder / "out").exists()


def test_the_same_holds_for_a_process_of_its_own(folder: Path) -> None:
    ran = command("replay", folder / "none.ndjson", "--out", folder / "out")
    assert (ran.status, ran.screen) == (3, "")
    assert re.fullmatch(r"trainwatch: [^\n]+none\.ndjson: [^\n]+\n", ran.errors)


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _with_wrong_sum(data: bytes) -> bytes:
    """Damage the checksum at the end of a gzip file: every byte before it can be read."""
    return data[:-8] + bytes(4) + data[-4:]


#: Before the tear of these there is no whole event.
NOTHING_WHOLE = (
    *("torn-at-once.ndjson.gz", "empty.ndjson.gz", "empty.ndjson.zst", "torn-object.json"),
)
#: Name of a file -> its bytes. The second breaks off in its last line at the latest.
TORN = {
    "torn.ndjson.gz": _half(gzip.compress(lines(_events(500)))),
    "wrong-sum.ndjson.gz": _with_wrong_sum(gzip.compress(lines(_events(500)))),
    "torn.ndjson.zst": _half(zstandard.compress(lines(_events(5000)))),
    "torn-at-once.ndjson.gz": gzip.compress(lines(_events(5)))[:12],
    "empty.ndjson.gz": b"",
    "empty.ndjson.zst": b"",
    "torn-array.json": _half(json.dumps(_events(500)).encode()),
    "torn-object.json": json.dumps(_events(60)[-1], indent=1).encode()[:-2],
    "torn-array.json.gz": _half(gzip.compress(json.dumps(_events(500)).encode())),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Replay each of them beside a file that is whole and comes after it."""
    folder = tmp_path_factory.mktemp("torn")
    each: list[list[str | Path]] = []
    for name, data in TORN.items():
        place = folder / name.replace(".", "-")
        place.mkdir()
        (place / name).write_bytes(data)
        (place / "z.ndjson").write_bytes(lines([event("t", TENANT, 0, {"tenant_id": "t"})]))
        each.append(["replay", place, "--out", folder / f"out-{name}"])
    return dict(zip(TORN, commands(*each), strict=True))


@pytest.mark.parametrize("name", TORN)
def test_an_input_that_breaks_off_is_counted_as_far_as_it_could_be_read(
    broken: dict[str, Ran], name: str
) -> None:
    ran = broken[name]
    assert ran.status == 3
    assert re.fullmatch(
        rf"trainwatch: [^\n]+{name}: expected to read it to its end, it breaks off: [^\n]+; "
        r"the results cover what could be read; mend the file and run again\n",
        ran.errors,
    )
    summary = ran.summary
    assert summary["by_type"][TENANT] == {"accepted": 1}
    accepted = summary["events_accepted"] - 1
    assert summary["events_rejected"] <= 1  # the event in which it broke off
    assert sum(ran.hours().values()) == accepted
    assert accepted > 50 or name in NOTHING_WHOLE
    files = "totals.csv reports.ndjson findings.ndjson dead_letters.ndjson summary.json"
    assert set(files.split()) <= {path.name for path in ran.out.iterdir()}


def test_several_inputs_that_break_off_are_told_in_one_line(
    folder: Path, broken: dict[str, Ran]
) -> None:
    torn = [ran.out.parent / name.replace(".", "-") for name, ran in broken.items()]
    (ran,) = commands(["replay", *torn, "--out", folder.parent / "out-several"])
    assert ran.status == 3
    others = len(torn) - 1
    assert re.fullmatch(
        rf"trainwatch: [^\n]+torn\.ndjson\.gz: [^\n]+ \(and {others} more files broke off\)\n",
        ran.errors,
    )


def test_events_emitted_after_as_of_are_skipped_and_counted(tmp_path: Path) -> None:
    events: list[object] = [
        *_events(4),
        event("t", TENANT, 2, {"tenant_id": "t"}),
        event("later", TENANT, 2.001, {"tenant_id": "t"}),
        b"bad",
        usage("empty", 9, 9),
    ]
    (tmp_path / "e.ndjson").write_bytes(lines(events))
    start: list[str | Path] = ["replay", tmp_path / "e.ndjson", "--out"]
    whole, same = commands(
        [*start, tmp_path / "one", "--as-of", hour(2)],
        [*start, tmp_path / "two", "--as-of", "2026-03-01t03:00:00+01:00"],
    )
    summary = whole.summary
    assert whole.status == 0
    assert [summary[f"events_{name}"] for name in ("read", "accepted", "rejected", "skipped")] == [
        8,
        3,
        2,
        3,
    ]
    assert summary["by_type"] == {
        "trainwatch.usage.v1": {"accepted": 2, "skipped": 2},
        TENANT: {"accepted": 1, "skipped": 1},
    }
    assert whole.hours() == {"t": 2.0}
    assert (same.summary, same.files()) == (summary, whole.files())
