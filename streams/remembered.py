"""Small facts that the store keeps for a sidecar: its own name, the topics' ids."""

from __future__ import annotations

import uuid
from functools import partial

from streams.broker import TopicIds
from streams.broker.offsets import as_partition
from streams.broker.topic_ids import Ids
from streams.store import Store


def instance_of(store: Store) -> str:
    """Give the lasting name of a store, by which its outbox is known to the broker."""
    name = store.value("instance")
    if isinstance(name, str):
        return name
    name = uuid.uuid4().hex[:12]
    with store.transaction() as transaction:
        transaction.put_value("instance", name)
    return name


def topic_ids_of(store: Store) -> TopicIds:
    """Give the ids of the topics that went into a store; what is learnt of them is kept there.

    With the id of a topic made anew its offsets begin again: else a process that dies before it
    committed any would go on in the middle of it, and nobody would know.
    """
    return TopicIds(_known_ids(store), partial(_keep_ids, store))


def _known_ids(store: Store) -> dict[str, str]:
    known = store.value("topic_ids")
    return known if isinstance(known, dict) else {}


def _keep_ids(store: Store, ids: Ids) -> None:
    known = _known_ids(store)
    anew = {topic for topic, own in ids.items() if known.get(topic, own) != own}
    begins = {key: 0 for key in store.offsets() if as_partition(key).topic in anew}
    with store.transaction() as transaction:
        transaction.put_value("topic_ids", ids)
        transaction.put_offsets(begins)
