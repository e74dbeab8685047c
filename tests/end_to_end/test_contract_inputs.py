"""Contract: which files are read, in which order, and where each event in them came from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import zstandard

from tests.support.provider import (
    BODS,
    TENANT,
    Json,
    Ran,
    commands,
    entity,
    event,
    interest,
    lines,
    person,
    usage,
)

MARK = b"\xef\xbb\xbf"


def _one(tenant: str, name: str = "1") -> Json:
    return usage(f"{tenant}-{name}", 0, 1, tenant_id=tenant, resource_id=f"r-{tenant}-{name}")


def _text(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


def _zst(data: bytes) -> bytes:
    return zstandard.compress(data)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


#: Every file holds one hour of a tenant named like it, whatever the carrier.
KINDS = {
    "a.ndjson": lines([_one("a.ndjson")]),
    "b.jsonl": lines([_one("b.jsonl")]),
    "c.json": lines([_one("c.json")]),
    "d.ndjson.gz": gzip.compress(lines([_one("d.ndjson.gz")])),
    "e.jsonl.gz": gzip.compress(lines([_one("e.jsonl.gz")])),
    "f.json.gz": gzip.compress(lines([_one("f.json.gz")])),
    "g.ndjson.zst": _zst(lines([_one("g.ndjson.zst")])),
    "h.jsonl.zst": _zst(lines([_one("h.jsonl.zst")])),
    "i.json.zst": _zst(lines([_one("i.json.zst")])),
    "j-array.json": _text([_one("j-array.json")]),
    "k-array.json.gz": gzip.compress(_text([_one("k-array.json.gz")], indent=1)),
    "l-array.json.zst": _zst(_text([_one("l-array.json.zst")])),
    "m-pretty.json": _text(_one("m-pretty.json"), indent=2),
    "n-two-members.ndjson.gz": gzip.compress(lines([_one("n-two-members.ndjson.gz")]))
    + gzip.compress(lines([_one("n-two-members.ndjson.gz", "2")])),
    "o-two-frames.ndjson.zst": _zst(lines([_one("o-two-frames.ndjson.zst")]))
    + _zst(lines([_one("o-two-frames.ndjson.zst", "2")])),
    "p-no-newline.ndjson": _text(_one("p-no-newline.ndjson")),
    "q-carriage.ndjson": lines([_one("q-carriage.ndjson")]).replace(b"\n", b"\r\n"),
    "r-mark.ndjson": MARK + lines([_one("r-mark.ndjson")]),
    "s-mark-array.json": MARK + _text([_one("s-mark-array.json")]),
    "t-empty.ndjson": b"",
    "t-empty.json": b"",
    "t-empty-array.json": b"[]\n",
    "t-empty.ndjson.gz": gzip.compress(b""),
    "t-blank.ndjson": b"\n\r\n  \n\t\n",
    "u/deep/er.ndjson": lines([_one("er.ndjson")]),
    ".hidden.ndjson": lines([_one("hidden")]),
    ".hidden/z.ndjson": lines([_one("hidden")]),
    "notes.txt": b"not an event",
    "table.csv": b"a,b\n",
}

#: Origins are those of the file as it is, also where an array is spread over lines.
ORIGINS = {
    "a-lines.ndjson": b"\n".join([_text(_one("x1")), b"", b"bad", b"\r", b" ", b"bad", b""]),
    "b-array.json": b'[\n {"bad":\n 1},\n\n ' + _text(_one("x2"), indent=1) + b",\n {}, {}\n]\n",
    "c-newline-in-text.json": b'[{"id": "a\nb"}]',
    "d-one-line.json": b'[{"a": 1}, {"b": 2}]',
    "e-big.ndjson": b"bad\n" + b"x" * 10_000_000 + b"\n" + b"bad",
    "f-lines.json": b"bad\n" + lines([_one("x3")]) + b"bad\n",
    "g-broken-array.json": b"[" + _text(_one("x4")) + b', {"id": }]',
}

STATEMENTS = [
    entity("acme", "Acme", "FR"),
    person("ann", "Ann", "FR"),
    interest("i1", "ann", "acme", 60),
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("inputs")
    _write(folder / "kinds", KINDS)
    _write(folder / "origins", ORIGINS)
    _write(
        folder / "people",
        {
            "array.json": _text(STATEMENTS, indent=2),
            "bare.jsonl.gz": gzip.compress(lines([entity("zed", "Zed", "US")])),
            "wrapped.ndjson": lines([event("w", BODS, 0, person("wes", "Wes", "US"))]),
            "zz-tenants.json": _text(
                [event("t", TENANT, 0, {"tenant_id": "a.ndjson", "customer_record_id": "acme"})]
            ),
        },
    )
    out = folder / "kinds" / "out"
    inputs = [folder / "origins", folder / "kinds", folder / "people" / "array.json"]
    # The output folder lies in an input folder: our own files there are passed over.
    replayed: list[str | Path] = ["replay", *inputs, folder / "people", "--out", out]
    first, again = commands(replayed, replayed)
    assert (first.status, again.status, again.errors) == (0, 0, "")
    return again


def test_every_kind_of_file_is_read_whole(ran: Ran) -> None:
    expected = {name.split("/")[-1]: 1.0 for name in KINDS if not name.startswith((".", "t-"))}
    del expected["notes.txt"], expected["table.csv"]
    two = dict.fromkeys(("n-two-members.ndjson.gz", "o-two-frames.ndjson.zst"), 2.0)
    extra = dict.fromkeys(("x1", "x2", "x3", "x4"), 1.0)
    assert ran.hours() == expected | two | extra


def test_a_file_of_statements_may_be_an_array_or_lines(ran: Ran) -> None:
    assert ran.hours("owner") == {"ann": 1.0}
    assert ran.summary["by_type"][BODS] == {"accepted": 5, "duplicate": 3}


def test_origins_name_file_and_line_of_the_file_as_it_is(ran: Ran) -> None:
    letters = ran.lines("dead_letters")
    found = [
        (Path(letter["origin"]["file"]).name, letter["origin"]["line"], letter["reason"])
        for letter in letters
    ]
    array_end = 5 + _text(_one("x2"), indent=1).count(b"\n") + 1
    assert found == [
        ("a-lines.ndjson", 3, "not_json"),
        ("a-lines.ndjson", 6, "not_json"),
        ("b-array.json", 2, "not_cloudevent"),
        ("b-array.json", array_end, "not_cloudevent"),
        ("b-array.json", array_end, "not_cloudevent"),
        ("c-newline-in-text.json", 1, "not_json"),
        ("d-one-line.json", 1, "not_cloudevent"),
        ("d-one-line.json", 1, "not_cloudevent"),
        ("e-big.ndjson", 1, "not_json"),
        ("e-big.ndjson", 2, "too_large"),
        ("e-big.ndjson", 3, "not_json"),
        ("f-lines.json", 1, "not_json"),
        ("f-lines.json", 3, "not_json"),
        ("g-broken-array.json", 1, "not_json"),
    ]
    assert letters[9]["raw_bytes"] == 10_000_000


def test_files_are_read_in_name_order_and_arguments_as_given(tmp_path: Path) -> None:
    """Of two payloads under one name the first holds, so the winner tells the order."""
    folder = tmp_path / "in"
    names = ["b.ndjson", "B.ndjson", "a.ndjson", "a/z.ndjson", "a-1.ndjson", "10.json", "9.json"]
    _write(folder, {name: lines([usage("same", 0, 1, tenant_id=name)]) for name in names})
    _write(tmp_path, {"z.ndjson": lines([usage("same", 0, 1, tenant_id="z")])})
    last, ways = tmp_path / "z.ndjson", [tmp_path / "one", tmp_path / "two"]
    ran, swapped = commands(
        ["replay", folder, last, "--out", ways[0]], ["replay", last, folder, "--out", ways[1]]
    )
    inside = [str(folder / name) for name in sorted(names, key=str.encode)]
    order = [letter["origin"]["file"] for letter in ran.lines("dead_letters")]
    assert (order, [*ran.hours()]) == ([*inside[1:], str(last)], ["10.json"])
    order = [letter["origin"]["file"] for letter in swapped.lines("dead_letters")]
    assert (order, [*swapped.hours()]) == (inside, ["z"])
