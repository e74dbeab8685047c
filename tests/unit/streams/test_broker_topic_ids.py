"""A topic that was made anew is told from the one that was read."""

from __future__ import annotations

from typing import Any

import pytest

from streams.broker import BrokerError, TopicIds

OPTIONS: dict[str, Any] = {"bootstrap_servers": ["b:9092"]}


def test_new_topics_are_remembered_and_known_ones_are_no_news() -> None:
    kept: list[dict[str, str]] = []
    ids = TopicIds({"a": "1"}, lambda found: kept.append(dict(found)))
    assert ids.made_anew({"a": "1"}, OPTIONS, skip_gaps=False) == frozenset()
    assert kept == []
    assert ids.made_anew({"a": "1", "b": "2"}, OPTIONS, skip_gaps=False) == frozenset()
    assert ids.made_anew({}, OPTIONS, skip_gaps=False) == frozenset()  # an old broker tells none
    assert kept == [{"a": "1", "b": "2"}]
    told: tuple[dict[str, str], ...] = ({}, {"a": "1"}, {"c": "3"}, {"a": "1", "b": "9"})
    assert [ids.differ(found) for found in told] == [False, False, False, True]


def test_a_topic_with_another_id_is_refused_until_somebody_decides() -> None:
    kept: list[dict[str, str]] = []
    ids = TopicIds({"a": "1", "b": "2"}, lambda found: kept.append(dict(found)))
    with pytest.raises(BrokerError) as caught:
        ids.made_anew({"a": "9", "b": "2"}, OPTIONS, skip_gaps=False)
    assert str(caught.value) == (
        "Kafka at b:9092: topic 'a' was deleted and made anew since it was read last: what it held "
        "and was not read is gone: see docs/kafka.md, 'Events that are gone'"
    )
    assert kept == []
    assert ids.made_anew({"a": "9", "b": "2"}, OPTIONS, skip_gaps=True) == {"a"}
    assert kept == [{"a": "9", "b": "2"}]
    assert ids.made_anew({"a": "9", "b": "2"}, OPTIONS, skip_gaps=False) == frozenset()
