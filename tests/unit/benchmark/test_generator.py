"""The benchmark's file is what its documentation says, and the same for the same seed."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

from detector.events import Event, read_event
from tests.benchmark.generator import SECOND_SOURCE, Shape, lines

SHAPE = Shape(events=510, resources=100, tenants=40)


def events(shape: Shape) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(shape)]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert list(lines(SHAPE)) == list(lines(SHAPE))
    assert list(lines(SHAPE)) != list(lines(Shape(events=510, resources=100, tenants=40, seed=2)))


def test_every_line_is_an_event_of_the_contract_without_unknown_fields() -> None:
    read = [read_event(event) for event in events(SHAPE)]
    assert [event for event in read if not isinstance(event, Event) or event.unknown] == []


def test_one_line_in_fifty_repeats_another_word_for_word() -> None:
    times = Counter(lines(SHAPE))
    names = {(event["source"], event["id"]) for event in events(SHAPE)}
    assert (times.total(), len(times), len(names)) == (510, 500, 500)


def test_every_allocation_is_metered_without_gap_or_overlap() -> None:
    spans: dict[str, set[tuple[datetime, datetime]]] = {}
    for event in events(SHAPE):
        data = event["data"]
        span = (datetime.fromisoformat(data["start"]), datetime.fromisoformat(data["end"]))
        spans.setdefault(data["resource_id"], set()).add(span)
    seams = [pair for each in spans.values() for pair in pairwise(sorted(each))]
    assert len(spans) == 100
    assert [(one, other) for one, other in seams if one[1] != other[0]] == []


def test_lines_come_hour_by_hour() -> None:
    hours = [event["data"]["start"][:13] for event in events(SHAPE)]
    assert hours == sorted(hours)


def test_a_tenth_of_the_allocations_is_written_by_a_second_meter() -> None:
    resources = {
        event["data"]["resource_id"] for event in events(SHAPE) if event["source"] == SECOND_SOURCE
    }
    assert len(resources) == 10


def test_no_figures_of_an_event_contradict_each_other() -> None:
    for event in events(SHAPE):
        seen = event["data"]["telemetry"]
        assert seen["gpu_util"] >= seen["sm_active"] >= seen["tensor_active"]
        assert abs(seen["energy_j"] / 300 - seen["power_w"]) < 0.1
        watts = {"H100": 700, "A100": 400, "L40S": 350, "H200": 700}
        (most,) = (w for kind, w in watts.items() if kind in event["data"]["accelerator"])
        share = (seen["power_w"] / most - 0.2) / 0.75
        assert -1e-3 <= share <= 1
        assert share >= 0.7 * seen["tensor_active"]
