"""Tells a topic that was deleted and made anew from the one that was read before.

Offsets begin again in such a topic. Where it is shorter than what was read, the next offset is not
there and the source stops; where it is longer, reading would go on in the middle of it and nobody
would know. The id that Kafka gives a topic for life tells; brokers before 2.8 give none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from streams.broker.errors import BrokerError, servers

#: The id of each topic, as text.
Ids = Mapping[str, str]


def _forget(_: Ids) -> None:
    """Keep nothing."""


class TopicIds:
    """What is known of the topics read; ``remember`` keeps it with the store they went into."""

    def __init__(self, known: Ids | None = None, remember: Callable[[Ids], None] = _forget) -> None:
        self._known = dict(known or {})
        self._remember = remember

    def differ(self, found: Ids) -> bool:
        """Tell whether a topic has another id than the one that is read."""
        return any(self._known.get(topic, own) != own for topic, own in found.items())

    def made_anew(
        self, found: Ids, options: Mapping[str, object], *, skip_gaps: bool
    ) -> frozenset[str]:
        """Give the topics to be read from their beginning, and remember what was found.

        Raises:
            BrokerError: A topic was made anew, and nobody has decided to go on.
        """
        changed = frozenset(t for t, own in found.items() if self._known.get(t, own) != own)
        if changed and not skip_gaps:
            raise BrokerError(
                f"Kafka at {servers(options)}: topic {', '.join(map(repr, sorted(changed)))} was "
                "deleted and made anew since it was read last: what it held and was not read is "
                "gone: see docs/kafka.md, 'Events that are gone'"
            )
        if {**self._known, **found} != self._known:
            self._known.update(found)
            self._remember(self._known)
        return changed


def ids_of(consumer: Any, topics: Iterable[str]) -> Ids:  # noqa: ANN401 - the library has no types
    """Give the ids that the broker told of these topics."""
    cluster = consumer._client.cluster  # the library shows it nowhere else
    told = ((topic, cluster.topic_id(topic)) for topic in topics)
    return {topic: str(own) for topic, own in told if own is not None}
