"""One batch to what is committed: knowledge, hours, skips, refusals in order, counts."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.support.intake_line import MemoryLine, correction, event, usage_data
from tests.support.usage_rows import BEGIN, HOUR, at

FIRST_HOUR = int(BEGIN.timestamp()) // 3600
LONG, SHORT = usage_data(0, 4 * HOUR), usage_data(0, HOUR)


def hours_of(line: MemoryLine, *events: object) -> list[int]:
    """Feed events as one batch; give the hours of knowledge of its coverage, from the first."""
    hours = line.feed(events).delta.coverage["hour"].unique().sort()
    return [hour - FIRST_HOUR for hour in hours]


def record(name: str, time_ms: int) -> dict[str, Any]:
    told = event(name, {"tenant_id": "t", "name": "Acme"}, time_ms)
    return {**told, "type": "trainwatch.tenant.v1"}


def test_in_a_replay_knowledge_is_the_running_maximum_of_event_time() -> None:
    line = MemoryLine()
    ahead = event("a", usage_data(0, HOUR), 10 * HOUR)
    late = event("b", usage_data(HOUR, 2 * HOUR), 2 * HOUR)
    assert hours_of(line, ahead) == [11]
    assert hours_of(line, late) == [11]
    assert line.knowledge_at == at(10 * HOUR)


def test_what_is_known_within_an_hour_counts_from_its_end_and_on_the_hour_from_the_next() -> None:
    assert hours_of(MemoryLine(), event("a", SHORT, 5 * HOUR - 1)) == [5]
    assert hours_of(MemoryLine(), event("a", SHORT, 5 * HOUR)) == [6]


def test_on_the_wall_clock_knowledge_is_the_clock_and_never_goes_back() -> None:
    line = MemoryLine(follows_events=False, wall_at=at(50 * HOUR))
    assert hours_of(line, event("a", SHORT, HOUR)) == [51]
    line.wall_at = at(40 * HOUR)
    assert hours_of(line, event("b", usage_data(HOUR, 2 * HOUR), 2 * HOUR)) == [51]
    assert line.knowledge_at == at(50 * HOUR)


def test_a_batch_of_nothing_moves_nothing() -> None:
    line = MemoryLine()
    outcome = line.feed([])
    assert (outcome.knowledge_at, outcome.newest_at, dict(outcome.counts)) == (None, None, {})
    assert outcome.delta.coverage.height == outcome.names.height == outcome.records.height == 0


def test_refusals_come_in_order_of_arrival_whichever_stage_refuses() -> None:
    line = MemoryLine()
    line.feed(
        [
            event("a", LONG, 4 * HOUR),
            event("a", SHORT, 4 * HOUR),
            event("empty", usage_data(HOUR, HOUR), HOUR),
            {"specversion": "1.0"},
            record("r", 5000 * 24 * HOUR),
            event("wrong", {**LONG, "accelerator_count": "8"}, 4 * HOUR),
        ]
    )
    assert [reason for reason, _ in line.refusals] == [
        "conflicting_replay",
        "interval_empty",
        "not_cloudevent",
        "in_the_future",
        "wrong_type",
    ]


def test_a_refused_event_keeps_its_bytes_and_its_place() -> None:
    outcome = MemoryLine().feed([event("a", LONG, 4 * HOUR), event("a", SHORT, 4 * HOUR)])
    (refused,) = outcome.rejected
    assert refused.origin == {"file": "a.ndjson", "line": 2}
    assert b'"id":"a"' in refused.raw


@pytest.mark.parametrize(
    ("original", "replacement", "reason"),
    [
        (LONG, usage_data(HOUR, HOUR), "interval_empty"),
        (LONG, usage_data(0, 32 * 24 * HOUR), "interval_too_long"),
        (LONG, usage_data(0, 60 * HOUR), "in_the_future"),
        (usage_data(HOUR, HOUR), SHORT, "interval_empty"),
        (LONG, {**SHORT, "accelerator_count": None}, "missing_field"),
    ],
)
def test_a_correction_is_refused_once_for_what_it_puts_in_or_takes_out(
    original: object, replacement: object, reason: str
) -> None:
    line = MemoryLine()
    told = correction("c", "e", LONG, replacement, 5 * HOUR)
    line.feed(
        [event("e", LONG, 4 * HOUR), {**told, "data": {**told["data"], "original": original}}]
    )
    assert [found for found, _ in line.refusals] == [reason]
    assert line.outcomes() == {"read": 2, "accepted": 1, "rejected": 1}
    assert line.device_ms() == {"t": 4 * HOUR}


def test_valid_events_after_as_of_are_skipped_and_move_no_knowledge() -> None:
    line = MemoryLine()
    line.feed(
        [
            event("a", SHORT, HOUR),
            event("b", LONG, 6 * HOUR),
            record("r", 6 * HOUR),
            correction("c", "a", SHORT, None, 6 * HOUR),
            event("empty", usage_data(HOUR, HOUR), 6 * HOUR),
        ],
        as_of=at(5 * HOUR),
    )
    assert line.outcomes() == {"read": 5, "accepted": 1, "skipped": 3, "rejected": 1}
    assert line.knowledge_at == at(HOUR)
    assert {name: n for (group, name), n in line.counts.items() if group == "skipped"} == {
        "trainwatch.usage.v1": 1,
        "trainwatch.tenant.v1": 1,
        "trainwatch.usage.correction.v1": 1,
    }
    assert line.device_ms() == {"t": HOUR}


def test_counts_are_kept_by_type_by_reason_and_by_unknown_field() -> None:
    line = MemoryLine()
    line.feed(
        [
            event("a", {**SHORT, "hue": 1}, HOUR),
            event("a", SHORT, HOUR),
            record("r", 2 * HOUR),
            {"specversion": "1.0"},
        ]
    )
    assert dict(line.counts) == {
        ("events", "read"): 4,
        ("events", "accepted"): 2,
        ("events", "duplicate"): 1,
        ("events", "rejected"): 1,
        ("rejected", "not_cloudevent"): 1,
        ("accepted", "trainwatch.usage.v1"): 1,
        ("accepted", "trainwatch.tenant.v1"): 1,
        ("duplicate", "trainwatch.usage.v1"): 1,
        ("unknown_field", "data.hue"): 1,
    }


def test_a_record_is_kept_once_with_the_hour_that_knows_it() -> None:
    line = MemoryLine()
    line.feed([record("r", 2 * HOUR), record("r", 3 * HOUR)])
    assert line.records == [(FIRST_HOUR + 3, "trainwatch.tenant.v1")]
    assert line.outcomes() == {"read": 2, "accepted": 1, "duplicate": 1}


def test_what_a_correction_takes_back_is_not_in_what_was_added() -> None:
    line = MemoryLine()
    outcome = line.feed(
        [event("e", LONG, 4 * HOUR), correction("c", "e", LONG, SHORT, 5 * HOUR)],
    )
    edges = [frame.coverage["at_ms"].n_unique() for frame in (outcome.added, outcome.delta)]
    assert edges == [3, 3]
    assert outcome.added.coverage["delta"].filter(outcome.added.coverage["delta"] > 0).sum() == 2
    assert line.device_ms() == {"t": HOUR}


def test_the_newest_event_is_the_newest_valid_one_as_knowledge_is() -> None:
    line = MemoryLine()
    outcome = line.feed([event("a", SHORT, HOUR), event("a", LONG, 9 * HOUR)])
    assert (outcome.newest_at, outcome.knowledge_at) == (at(9 * HOUR), at(9 * HOUR))


def test_a_correction_long_after_its_original_was_forgotten_still_takes_it_back() -> None:
    line = MemoryLine()
    line.feed([event("e", LONG, 4 * HOUR)])
    late = 60 * 24 * HOUR
    line.feed([event("other", usage_data(late - HOUR, late, tenant_id="u"), late)])
    line.feed([correction("c", "e", LONG, SHORT, late + HOUR)])
    assert line.device_ms() == {"t": HOUR, "u": HOUR}


OLD = event("e", LONG, 4 * HOUR)
LATER = 60 * 24 * HOUR
NEW = event("other", usage_data(LATER - HOUR, LATER, tenant_id="u"), LATER)
MENDS = correction("c", "e", LONG, SHORT, LATER + HOUR)
#: Knowledge between the original and what lets its name go, after the original's own time.
MIDWAY = 21 * 24 * HOUR
BETWEEN = event("m", usage_data(MIDWAY - HOUR, MIDWAY, tenant_id="v"), MIDWAY)
FIRST = event("f", usage_data(-HOUR, 0, tenant_id="v"), 0)


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("of_same_strand", [True, False])
def test_an_old_original_and_its_correction_come_to_the_same_in_every_order(
    is_one_batch: bool, of_same_strand: bool
) -> None:
    replaced = SHORT if of_same_strand else {**SHORT, "job_id": "j"}
    mends = correction("c", "e", LONG, replaced, LATER + HOUR)
    for begins in (FIRST, BETWEEN):
        for order in permutations((OLD, NEW, mends)):
            line = MemoryLine()
            events = [begins, *order]
            for batch in [events] if is_one_batch else [[each] for each in events]:
                line.feed(batch)
            names = [str(each["id"]) for each in events]
            assert line.device_ms() == {"t": HOUR, "u": HOUR, "v": HOUR}, names


def test_an_original_that_comes_a_year_after_its_correction_is_void_still() -> None:
    line = MemoryLine()
    line.feed([MENDS])
    year = 370 * 24 * HOUR
    line.feed([event("n", usage_data(year, year + HOUR, tenant_id="u"), year + HOUR)])
    line.feed([OLD])
    assert line.device_ms() == {"t": HOUR, "u": HOUR}


def test_a_correction_takes_back_nothing_where_another_meter_alone_saw_the_time() -> None:
    line = MemoryLine()
    line.feed([event("bill", {**LONG, "vantage": "bill"}, 4 * HOUR)])
    line.feed([NEW])
    line.feed([correction("c", "e", LONG, None, LATER + HOUR)])
    line.feed([OLD])
    assert line.device_ms() == {"t": 4 * HOUR, "u": HOUR}


def test_a_correction_of_what_came_before_metering_began_takes_nothing_back() -> None:
    line = MemoryLine()
    late = 60 * 24 * HOUR
    line.feed([event("other", usage_data(late - HOUR, late), late)])
    line.feed([correction("c", "e", LONG, SHORT, late + HOUR)])
    assert line.device_ms() == {"t": 2 * HOUR}
