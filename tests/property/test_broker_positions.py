"""Reading goes on at the highest offset known, whatever happened between two rebalances."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition

from streams.broker.offsets import Positions, as_key

PARTITION = TopicPartition("events", 0)
KEY = as_key(PARTITION)
OFFSETS = st.integers(0, 1_000)


@given(
    start=st.none() | OFFSETS,
    delivered=st.lists(OFFSETS).map(sorted),
    durable=st.integers(0, 50),
    group=st.none() | OFFSETS,
)
def test_a_later_assignment_repeats_nothing_delivered_and_skips_nothing_unknown(
    start: int | None, delivered: list[int], durable: int, group: int | None
) -> None:
    positions = Positions({} if start is None else {KEY: start})
    positions.settled()
    for offset in delivered:
        positions.delivered({KEY: offset})
    stored = delivered[:durable]
    for offset in stored:
        positions.stored({KEY: offset})
    last_stored = stored[-1] if stored else start
    known = [at for at in (last_stored, group, *delivered) if at is not None]
    assert positions.resume(PARTITION, group) == max(known, default=None)
