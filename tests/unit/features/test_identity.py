"""Whose name is whose: repeats, contradictions, corrections and voids, horizons."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from tests.support.intake_line import WALL, MemoryLine, correction, event, usage_data
from tests.support.usage_rows import HOUR

DAY = 24 * HOUR
LONG = usage_data(0, 4 * HOUR)
SHORT = usage_data(0, HOUR)
MIDDLE = usage_data(2 * HOUR, 4 * HOUR)
FIRST = event("e", LONG, 4 * HOUR)
REPLACES = correction("c", "e", LONG, SHORT, 5 * HOUR)
VOIDS = correction("v", "e", LONG, None, 5 * HOUR)
AGAIN = correction("c2", "c", SHORT, MIDDLE, 6 * HOUR)
OTHER = event("other", LONG, 4 * HOUR)


def fed(*events: object, batches: bool) -> MemoryLine:
    line = MemoryLine()
    for batch in [[each] for each in events] if batches else [list(events)]:
        line.feed(batch)
    return line


ways = pytest.mark.parametrize("batches", [False, True], ids=["one batch", "one by one"])


@ways
def test_the_same_event_twice_counts_once(batches: bool) -> None:
    line = fed(FIRST, FIRST, FIRST, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 1, "duplicate": 2}
    assert line.device_ms() == {"t": 4 * HOUR}


@ways
def test_another_payload_under_a_name_is_refused_and_the_first_holds(batches: bool) -> None:
    line = fed(FIRST, event("e", SHORT, 4 * HOUR), FIRST, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 1, "duplicate": 1, "rejected": 1}
    assert line.refusals == [
        (
            "conflicting_replay",
            "expected the payload that first came with this source and id; found another payload",
        )
    ]
    assert line.device_ms() == {"t": 4 * HOUR}


@ways
def test_key_order_and_unknown_fields_are_no_other_payload(batches: bool) -> None:
    turned = {**dict(reversed(LONG.items())), "accelerator_count": 1.0, "hue": "blue"}
    line = fed(FIRST, event("e", turned, 9 * HOUR), batches=batches)
    assert line.outcomes() == {"read": 2, "accepted": 1, "duplicate": 1}


@ways
@pytest.mark.parametrize("order", list(permutations([FIRST, REPLACES, AGAIN])))
def test_a_chain_of_corrections_leaves_the_last_replacement_in_any_order(
    order: tuple[object, ...], batches: bool
) -> None:
    line = fed(*order, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 3}
    assert line.device_ms() == {"t": 2 * HOUR}


@ways
@pytest.mark.parametrize("weeks", [1, 8])
def test_a_correction_of_a_correction_that_was_let_go_takes_its_replacement_back(
    weeks: int, batches: bool
) -> None:
    once = correction("c", "e", LONG, SHORT, 7 * weeks * DAY)
    twice = correction("c2", "c", SHORT, MIDDLE, 14 * weeks * DAY)
    line = fed(FIRST, once, twice, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 3}
    assert line.device_ms() == {"t": 2 * HOUR}


@ways
@pytest.mark.parametrize("order", list(permutations([FIRST, VOIDS, OTHER])))
def test_time_that_a_voided_event_shared_stays_with_the_other(
    order: tuple[object, ...], batches: bool
) -> None:
    line = fed(*order, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 3}
    assert line.device_ms() == {"t": 4 * HOUR}


@ways
@pytest.mark.parametrize("order", list(permutations([FIRST, VOIDS])))
def test_a_void_leaves_nothing(order: tuple[object, ...], batches: bool) -> None:
    line = fed(*order, batches=batches)
    assert line.device_ms() == {}
    assert line.usage.telemetry.height == line.usage.strands.height == 0


@ways
def test_an_original_that_never_comes_takes_nothing_from_the_replacement(batches: bool) -> None:
    line = fed(REPLACES, OTHER, batches=batches)
    assert line.device_ms() == {"t": 4 * HOUR}
    assert fed(REPLACES, batches=batches).device_ms() == {"t": HOUR}


@ways
def test_a_second_correction_of_an_event_is_refused(batches: bool) -> None:
    second = correction("c9", "e", LONG, MIDDLE, 6 * HOUR)
    line = fed(FIRST, REPLACES, second, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 2, "rejected": 1}
    assert line.refusals == [
        (
            "conflicting_replay",
            "expected an event not yet corrected; found a second correction of it",
        )
    ]
    assert line.device_ms() == {"t": HOUR}


@ways
def test_a_void_cannot_be_corrected(batches: bool) -> None:
    line = fed(FIRST, VOIDS, correction("c9", "v", SHORT, MIDDLE, 6 * HOUR), batches=batches)
    assert [reason for reason, _ in line.refusals] == ["conflicting_replay"]
    assert line.device_ms() == {}


@ways
@pytest.mark.parametrize("is_original_first", [True, False])
def test_a_correction_of_what_was_never_sent_is_refused(
    is_original_first: bool, batches: bool
) -> None:
    wrong = correction("c", "e", MIDDLE, SHORT, 5 * HOUR)
    order = (FIRST, wrong) if is_original_first else (wrong, FIRST)
    line = fed(*order, batches=batches)
    assert line.outcomes() == {"read": 2, "accepted": 1, "rejected": 1}
    assert [reason for reason, _ in line.refusals] == ["conflicting_replay"]
    assert line.device_ms() == {"t": 4 * HOUR if is_original_first else HOUR}


@ways
def test_a_correction_twice_is_a_duplicate_and_with_another_replacement_a_conflict(
    batches: bool,
) -> None:
    other = correction("c", "e", LONG, MIDDLE, 5 * HOUR)
    line = fed(FIRST, REPLACES, REPLACES, other, batches=batches)
    assert line.outcomes() == {"read": 4, "accepted": 2, "duplicate": 1, "rejected": 1}
    assert line.device_ms() == {"t": HOUR}


@ways
def test_a_correction_names_its_original_by_another_source_too(batches: bool) -> None:
    foreign = correction("c", "e", LONG, SHORT, 5 * HOUR)
    foreign = {**foreign, "source": "billing", "data": {**foreign["data"]}}
    foreign["data"]["original_source"] = "meter"
    line = fed(FIRST, foreign, batches=batches)
    assert line.device_ms() == {"t": HOUR}


@ways
def test_past_the_horizon_a_repeat_is_taken_again_and_covers_no_more_time(batches: bool) -> None:
    much_later = event("late", usage_data(36 * DAY, 37 * DAY, resource_id="s"), 40 * DAY)
    line = fed(FIRST, much_later, FIRST, batches=batches)
    assert line.outcomes() == {"read": 3, "accepted": 3}
    assert line.device_ms() == {"t": 4 * HOUR + DAY}


@ways
def test_a_correction_and_a_repeat_past_the_horizon_in_one_batch_do_not_claim_a_name_twice(
    batches: bool,
) -> None:
    much_later = event("late", usage_data(36 * DAY, 37 * DAY, resource_id="s"), 41 * DAY)
    line = fed(FIRST, REPLACES, much_later, FIRST, batches=batches)
    assert line.outcomes() == {"read": 4, "accepted": 4}


@ways
def test_a_backlog_older_than_the_horizon_still_knows_its_repeats(batches: bool) -> None:
    """On the wall clock of a sidecar every event of an old backlog is past its own horizon."""
    line = MemoryLine(follows_events=False, wall_at=WALL)
    events = [FIRST, REPLACES, FIRST, OTHER, OTHER]
    for batch in [[each] for each in events] if batches else [events]:
        line.feed(batch)
        line.wall_at += timedelta(minutes=1)
    assert line.outcomes() == {"read": 5, "accepted": 3, "duplicate": 2}
    assert line.device_ms() == {"t": 4 * HOUR}


@ways
def test_a_late_event_keeps_its_name_from_when_it_came(batches: bool) -> None:
    recent = event("recent", usage_data(55 * DAY, 56 * DAY, resource_id="s"), 56 * DAY)
    line = fed(recent, REPLACES, FIRST, FIRST, batches=batches)
    assert line.outcomes() == {"read": 4, "accepted": 3, "duplicate": 1}
    assert line.device_ms() == {"t": HOUR + DAY}


@ways
def test_what_a_forgotten_correction_took_back_is_not_taken_back_again(batches: bool) -> None:
    much_later = event("late", usage_data(499 * DAY, 500 * DAY, resource_id="s"), 500 * DAY)
    again = correction("v2", "e", LONG, None, 501 * DAY)
    line = fed(FIRST, VOIDS, much_later, again, OTHER, batches=batches)
    assert line.outcomes() == {"read": 5, "accepted": 5}
    assert line.device_ms() == {"t": 4 * HOUR + DAY}
