"""Small facts of a store: what it knows of the topics that went into it."""

from __future__ import annotations

from pathlib import Path

from streams.remembered import topic_ids_of
from streams.store import Store

OPTIONS = {"bootstrap_servers": ["b:9092"]}
READ = {"a/0": 5, "a/1": 7, "a-b/0": 3}


def test_offsets_of_a_topic_made_anew_begin_again_with_the_id_that_tells(tmp_path: Path) -> None:
    with Store.open(tmp_path, durable=False) as store:
        with store.transaction() as transaction:
            transaction.put_offsets(READ)
        topic_ids_of(store).made_anew({"a": "1", "a-b": "2"}, OPTIONS, skip_gaps=False)
        assert store.offsets() == READ
        anew = topic_ids_of(store).made_anew({"a": "9", "a-b": "2"}, OPTIONS, skip_gaps=True)
        assert anew == {"a"}
        assert store.offsets() == {"a/0": 0, "a/1": 0, "a-b/0": 3}
    with Store.open(tmp_path, durable=False) as store:
        known = topic_ids_of(store)
        assert known.made_anew({"a": "9", "a-b": "2"}, OPTIONS, skip_gaps=False) == frozenset()
