"""The converters' common ground: instants, metered intervals, files that are the same each time."""

import gzip
from pathlib import Path

import pytest

from examples.metering import cut, event, instant, write_lines

HOUR = 3_600_000


def test_an_instant_keeps_its_milliseconds() -> None:
    assert instant(1_651_629_472_356) == "2022-05-04T01:57:52.356Z"


def test_an_interval_is_cut_at_whole_steps_and_loses_nothing() -> None:
    assert list(cut(HOUR - 1, 3 * HOUR + 5, HOUR)) == [
        (HOUR - 1, HOUR),
        (HOUR, 2 * HOUR),
        (2 * HOUR, 3 * HOUR),
        (3 * HOUR, 3 * HOUR + 5),
    ]


def test_an_empty_interval_gives_no_event() -> None:
    assert list(cut(HOUR, HOUR, HOUR)) == []


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a metering step above 0 ms, got 0"):
        list(cut(0, HOUR, 0))


def test_an_event_is_a_whole_cloudevent() -> None:
    assert event("usage", "urn:a", "r/0", 0, {"tenant_id": "t"}) == {
        "specversion": "1.0",
        "id": "r/0",
        "source": "urn:a",
        "type": "trainwatch.usage.v1",
        "time": "1970-01-01T00:00:00.000Z",
        "data": {"tenant_id": "t"},
    }


def test_the_same_lines_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a/x.ndjson.gz", "b/y.ndjson.gz"):
        assert write_lines(tmp_path / name, [{"n": 1}, {"n": "é"}]) == 2
    first = (tmp_path / "a/x.ndjson.gz").read_bytes()
    assert first == (tmp_path / "b/y.ndjson.gz").read_bytes()
    assert gzip.decompress(first).decode() == '{"n":1}\n{"n":"é"}\n'
