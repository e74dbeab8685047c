"""Laws of identity: whatever comes, in any order and any cut, the same payloads are in force."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.accumulate import Usage
from tests.support.intake_line import MemoryLine, correction, event, usage_data
from tests.support.usage_rows import HOUR

#: A quarter of what a profile asks for: every example decodes several batches.
EXAMPLES = max(1, settings().max_examples // 4)
STEP = HOUR // 4
DAY = 24 * HOUR
Event = dict[str, Any]


@st.composite
def payloads(draw: st.DrawFn) -> Event:
    """Give usage data on one of two resources of one of two tenants, with or without counters."""
    start = draw(st.integers(0, 8)) * STEP
    fields: Event = {
        "resource_id": draw(st.sampled_from("rs")),
        "tenant_id": draw(st.sampled_from("tu")),
        "accelerator_count": draw(st.integers(1, 2)),
    }
    active = draw(st.sampled_from([None, 0.25, 0.5, 2.0]))
    if active is not None:
        fields["telemetry"] = {"tensor_active": active, "nvlink_bytes": 1e6 + active}
    return usage_data(start, start + draw(st.integers(1, 8)) * STEP, **fields)


@st.composite
def chains(draw: st.DrawFn, number: int) -> list[tuple[Event, Event | None]]:
    """Give an event and its corrections, each of the one before: (event, payload it puts in)."""
    steps: list[Event | None] = list(draw(st.lists(payloads(), min_size=1, max_size=3)))
    if len(steps) > 1 and draw(st.booleans()):
        steps[-1] = None
    name = f"e{number}"
    chain: list[tuple[Event, Event | None]] = [(event(name, steps[0] or {}, 9 * HOUR), steps[0])]
    for step, (before, after) in enumerate(zip(steps, steps[1:], strict=False)):
        told = correction(f"{name}-{step}", name, before or {}, after, (10 + step) * HOUR)
        name = f"{name}-{step}"
        chain.append((told, after))
    return chain


stories = st.integers(1, 4).flatmap(lambda count: st.tuples(*map(chains, range(count))))


def cut(events: list[Event], random: Random) -> list[list[Event]]:
    """Cut events into batches at random places."""
    batches: list[list[Event]] = [[]]
    for each in events:
        if random.random() < 0.3:
            batches.append([])
        batches[-1].append(each)
    return [batch for batch in batches if batch]


def state(line: MemoryLine) -> list[list[tuple[Any, ...]]]:
    return rows_of(line.usage)


def rows_of(usage: Usage) -> list[list[tuple[Any, ...]]]:
    return [frame.rows() for frame in (usage.strands, usage.coverage, usage.telemetry)]


def in_force(chain: list[tuple[Event, Event | None]], came: list[Event]) -> list[Event]:
    """Give the payloads of a chain that nothing which came has voided."""
    steps = [(told in came, payload) for told, payload in chain]
    voided = [is_here for is_here, _ in steps[1:]] + [False]
    return [
        payload
        for (is_here, payload), is_voided in zip(steps, voided, strict=True)
        if is_here and not is_voided and payload is not None
    ]


@settings(max_examples=EXAMPLES)
@given(stories, st.randoms(use_true_random=False), st.data())
def test_the_state_is_that_of_the_payloads_in_force_alone(
    story: tuple[list[tuple[Event, Event | None]], ...], random: Random, data: st.DataObject
) -> None:
    told = [each for chain in story for each, _ in chain]
    came = data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=12))
    line = MemoryLine()
    for batch in cut(came, random):
        line.feed(batch)
    alone = MemoryLine()
    payloads_left = [payload for chain in story for payload in in_force(chain, came)]
    alone.feed([event(f"x{n}", payload, 9 * HOUR) for n, payload in enumerate(payloads_left)])
    assert state(line) == state(alone)
    distinct = len({each["id"] for each in came})
    assert line.counts["events", "accepted"] == distinct
    assert line.counts["events", "duplicate"] == len(came) - distinct


@settings(max_examples=EXAMPLES)
@given(stories, st.randoms(use_true_random=False), st.data())
def test_what_was_withdrawn_and_the_state_are_the_usage_events_as_they_first_came(
    story: tuple[list[tuple[Event, Event | None]], ...], random: Random, data: st.DataObject
) -> None:
    told = [each for chain in story for each, _ in chain]
    came = data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=12))
    line = MemoryLine()
    for batch in cut(came, random):
        line.feed(batch)
    alone = MemoryLine()
    alone.feed([each for each in came if not each["type"].endswith("correction.v1")])
    assert rows_of(line.first_told) == rows_of(alone.usage)


@st.composite
def late_chains(draw: st.DrawFn, number: int) -> list[tuple[Event, Event | None]]:
    """Give a chain as above on a resource of its own, whose corrections come weeks apart."""
    chain: list[tuple[Event, Event | None]] = []
    before, at_ms, name = None, DAY, f"e{number}"
    for step, (told, after) in enumerate(draw(chains(number))):
        payload = after and {**after, "resource_id": f"r{number}"}
        if step == 0 or before is None:
            chain.append((event(name, payload or {}, at_ms), payload))
        else:
            at_ms += draw(st.sampled_from([1, 30, 36, 60])) * DAY
            chain.append((correction(told["id"], name, before, payload, at_ms), payload))
            name = told["id"]
        before = payload
    return chain


late_stories = st.integers(1, 3).flatmap(lambda count: st.tuples(*map(late_chains, range(count))))


@settings(max_examples=EXAMPLES)
@given(late_stories, st.randoms(use_true_random=False), st.lists(st.integers(1, 300), max_size=3))
def test_corrections_leave_the_last_payload_alone_in_any_order_past_all_horizons(
    story: tuple[list[tuple[Event, Event | None]], ...], random: Random, days: list[int]
) -> None:
    others = [
        event(
            f"n{n}", usage_data(day * DAY, day * DAY + HOUR, resource_id=f"n{n}"), (day + 1) * DAY
        )
        for n, day in enumerate(days)
    ]
    came = [*others, *(told for chain in story for told, _ in chain)]
    random.shuffle(came)
    line, alone = MemoryLine(), MemoryLine()
    for batch in cut(came, random):
        line.feed(batch)
    last = [chain[-1][1] for chain in story]
    left = [event(f"x{n}", payload, DAY) for n, payload in enumerate(last) if payload is not None]
    alone.feed([*left, *others])
    assert line.counts["events", "accepted"] == len(came)
    assert state(line) == state(alone)


broken = st.sampled_from(
    [
        {"specversion": "1.0"},
        ["no", "event"],
        event("e0", usage_data(0, HOUR, accelerator_count=0), HOUR),
        event("late", usage_data(0, HOUR), 500 * 24 * HOUR),
        event("ahead", usage_data(0, 100 * HOUR), HOUR),
        correction("c", "e0", usage_data(0, HOUR), usage_data(HOUR, HOUR), HOUR),
    ]
)
anything = st.one_of(broken, st.builds(event, st.sampled_from("ab"), payloads(), st.just(9 * HOUR)))


@settings(max_examples=EXAMPLES)
@given(
    st.lists(anything, min_size=1, max_size=12), st.booleans(), st.randoms(use_true_random=False)
)
def test_every_event_read_is_in_one_outcome_and_cuts_change_none(
    events: list[Event], is_cut_short: bool, random: Random
) -> None:
    whole, parts = MemoryLine(), MemoryLine()
    as_of = None
    if is_cut_short:
        as_of = whole.wall_at.replace(year=2026, month=3, day=2, hour=5)
    whole.feed(events, as_of)
    for batch in cut(events, random):
        parts.feed(batch, as_of)
    found = whole.outcomes()
    assert found.pop("read") == len(events) == sum(found.values())
    assert whole.counts == parts.counts
    assert whole.refusals == parts.refusals
    assert state(whole) == state(parts)
