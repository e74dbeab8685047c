"""Small facts that the store keeps: what was last reported, its own name, the topics' ids."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from functools import partial

from detector.decide import ReportedFacts
from detector.versions import Reported
from streams.broker import TopicIds
from streams.broker.offsets import as_partition
from streams.broker.topic_ids import Ids
from streams.store import Store


def write_reported(reported: Reported) -> bytes:
    """Write the last version of one report for the store."""
    return json.dumps(
        {
            "pack_id": reported.pack_id,
            "threshold_id": reported.threshold_id,
            "scope": reported.scope,
            "subject_id": reported.subject_id,
            "tenant_ids": reported.tenant_ids,
            "facts": json.loads(reported.facts.to_json()),
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()


def read_reported(stored: Mapping[str, bytes]) -> dict[str, Reported]:
    """Read every report's last version back, by report id."""
    return {report_id: _read(json.loads(body)) for report_id, body in stored.items()}


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


def _read(values: dict[str, object]) -> Reported:
    facts = ReportedFacts.from_json(json.dumps(values.pop("facts")).encode())
    tenant_ids = values.pop("tenant_ids")
    if not isinstance(tenant_ids, list):
        raise TypeError(f"reported facts: expected a list of tenant ids, found {tenant_ids!r}")
    return Reported(**values, tenant_ids=tuple(tenant_ids), facts=facts)  # type: ignore[arg-type]
