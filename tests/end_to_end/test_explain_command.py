"""``trainwatch explain`` as a person meets it: from files, from a store, and when asked wrongly."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.classifier.kinds import CLASSES
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.store import Store
from tests.support.clocks import SetClock
from tests.support.provider import Ran, commands
from tests.support.story import PACK_ID, policy_folder, story

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SUFFIXES = ("html", "json", "svg", "txt")

#: What is asked -> (status, arguments with {} for the folder, words of the one line of the answer).
WRONG: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "no events": (
        2,
        "explain alpha",
        ("expected either PATHs of events, --config", "none of them"),
    ),
    "both": (
        2,
        "explain alpha {}/events.ndjson --config {}/trainwatch.toml",
        ("expected either PATHs of events, --config", "several of them"),
    ),
    "no subject": (2, "explain", ("SUBJECT", "--help")),
    "another scope": (2, "explain alpha {}/events.ndjson --scope city", ("--scope", "city")),
    "not there": (2, "explain alpah {}/events.ndjson", ("alpah", "did you mean alpha?")),
    "not there in the store": (
        2,
        "explain alpah --config {}/trainwatch.toml",
        ("alpah", "did you mean alpha?"),
    ),
    "law beside a configuration": (
        2,
        "explain alpha --config {}/trainwatch.toml --policy us-bis-red-flags",
        ("--policy", "leave out"),
    ),
    "lists beside a configuration": (
        2,
        "explain alpha --config {}/trainwatch.toml --judgements {}/j.ndjson --gleif {}/rr.csv",
        ("--judgements, --gleif beside --config", "leave out"),
    ),
    "no such file": (3, "explain alpha {}/none.ndjson", ("none.ndjson", "check the path")),
    "no store": (1, "explain alpha --config {}/elsewhere.toml", ("nowhere",)),
    "no configuration": (2, "explain alpha --config {}/none.toml", ("none.toml",)),
}


def _configuration(folder: Path, store: str) -> str:
    return f"""
[kafka]
bootstrap_servers = ["127.0.0.1:9"]
group_id = "g"
topics = ["t"]
[store]
path = "{folder / store}"
[policy]
ids = ["{PACK_ID}"]
directory = "{folder / "policy"}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story as a file, and what a sidecar's store holds after it."""
    folder = tmp_path_factory.mktemp("explain")
    events = b"\n".join(story(days=20)) + b"\n"
    (folder / "events.ndjson").write_bytes(events)
    (folder / "torn.ndjson.gz").write_bytes(gzip.compress(events)[:-400])
    pack = policy_folder(folder / "policy") / f"{PACK_ID}.toml"
    with Store.open(folder / "store") as store:
        metrics = Metrics(SetClock(NOW).now, "test")
        meaning = build_meaning([str(pack)])
        service = Service(store, meaning, SetClock(NOW), metrics, Options(follows_events=True))
        service.take(Batch(blocks=(LineBlock("events.ndjson", 1, events),)))
    for name, place in (("trainwatch", "store"), ("elsewhere", "nowhere")):
        (folder / f"{name}.toml").write_text(_configuration(folder, place))
    return folder


@pytest.fixture(scope="module")
def ran(folder: Path) -> dict[str, Ran]:
    pack = f"--policy {folder}/policy/{PACK_ID}.toml"
    asked = {
        "files": f"explain data/shared {folder}/events.ndjson {pack} --out {folder}/files",
        "json": f"explain data/shared --config {folder}/trainwatch.toml --json",
        "store": f"explain data/shared --config {folder}/trainwatch.toml --out {folder}/from-store",
        "early": f"explain alpha {folder}/events.ndjson {pack} --as-of 2026-01-05T12:00:00Z",
        "torn": f"explain alpha {folder}/torn.ndjson.gz {pack} --out {folder}/torn",
    } | {name: text.replace("{}", str(folder)) for name, (_, text, _) in WRONG.items()}
    ended = commands(*(text.split() for text in asked.values()))
    return dict(zip(asked, ended, strict=True))


def _written(ran: Ran) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(ran.out.iterdir())}


def test_files_and_a_store_of_the_same_events_explain_alike(ran: dict[str, Ran]) -> None:
    for name in ("files", "store"):
        assert (ran[name].status, ran[name].errors) == (0, "")
    written = _written(ran["files"])
    owners, *others = written  # the picture of who stands behind it comes first by name
    assert owners.endswith("-owners.svg")
    assert [name.rpartition(".")[2] for name in others] == list(SUFFIXES)
    assert all(name.startswith("explain-data-shared-") for name in written)
    told = {name: _document(_written(ran[name])) for name in ("files", "store")}
    for each in told.values():
        each["provenance"].pop("classifier")
    assert told["files"] == told["store"]
    assert ran["files"].screen == ran["store"].screen


def _document(written: dict[str, bytes]) -> dict[str, dict[str, object]]:
    (text,) = (body for name, body in written.items() if name.endswith(".json"))
    read: dict[str, dict[str, object]] = json.loads(text)
    return read


def test_asked_for_json_the_screen_shows_the_document_with_the_classes_of_work(
    ran: dict[str, Ran],
) -> None:
    shown = json.loads(ran["json"].screen)
    assert shown == _document(_written(ran["store"]))
    classes = [run["class_probabilities"] for run in shown["runs"]["lines"]]
    assert [sorted(each) for each in classes] == [sorted(CLASSES)] * len(classes)


def test_the_screen_shows_what_the_text_file_holds(ran: dict[str, Ran]) -> None:
    (text,) = (body for name, body in _written(ran["files"]).items() if name.endswith(".txt"))
    assert ran["files"].screen == text.decode()
    sections = [line for line in text.decode().splitlines() if line.startswith("== ")]
    assert sections == [
        "== How this total came about: a training run",
        "== The figures, as totals.csv shows them",
        "== From hours to operations",
        "== Is it training",
        "== What it is made of",
        "== What holds it together",
        "== Over time, by day",
        "== Thresholds",
        "== The assumption that binds",
        "== What would change it",
        "== Who",
        "== What was not seen",
        "== Made with",
    ]


def test_an_instant_to_look_from_leaves_out_what_came_later(ran: dict[str, Ran]) -> None:
    assert ran["early"].status == 0
    assert "As known on 5 January 2026" in ran["early"].screen


def test_a_file_that_breaks_off_is_explained_as_far_as_it_goes(ran: dict[str, Ran]) -> None:
    torn = ran["torn"]
    assert torn.status == 3
    assert "torn.ndjson.gz: expected to read it to its end" in torn.errors
    assert len(_written(torn)) == len(SUFFIXES) + 1  # and the owners


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_question_is_answered_in_one_line(ran: dict[str, Ran], what: str) -> None:
    status, _, words = WRONG[what]
    ended = ran[what]
    assert (ended.status, ended.screen) == (status, ""), ended.errors
    assert ended.errors.startswith("trainwatch: ")
    assert ended.errors.count("\n") == 1
    assert [word for word in words if word not in ended.errors] == []
