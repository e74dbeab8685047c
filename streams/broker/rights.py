"""Looks at a broker once, for ``trainwatch doctor``: does it answer, what may this user do there?

The rights asked for are those of docs/kafka.md, 'Security'. Whether the transactional id may be
written cannot be asked without taking it from a service that runs, so of it only Describe is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    KafkaError,
    TransactionalIdAuthorizationFailedError,
    TransactionalIdNotFoundError,
    UnsupportedVersionError,
)

from streams.broker.calls import within
from streams.broker.client import ANSWER_SECONDS, open_client, output_topics, require_topics
from streams.broker.errors import explained, lacking, servers
from streams.broker.outbox import outbox_of
from streams.settings import KafkaSettings

#: Longest wait for any of the brokers, seconds.
CONNECT_SECONDS: Final = 5.0
#: How often, and for how long, a broker is asked that has no coordinator yet.
COORDINATOR_TRIES: Final = 10
COORDINATOR_SECONDS: Final = 3.0


def describe_broker(settings: KafkaSettings) -> str:
    """Log in, look for every topic in use and every right needed, and say what was found.

    Raises:
        BrokerError: what is wrong, on one line.
    """
    options = settings.client_options()
    topics = dict.fromkeys(settings.topics, "topics") | output_topics(settings)
    consumer = open_client(KafkaConsumer, options, wait_seconds=CONNECT_SECONDS)
    try:
        require_topics(consumer, topics, options)
    finally:
        consumer.close(autocommit=False, timeout_ms=0)
    admin = open_client(KafkaAdminClient, options, wait_seconds=CONNECT_SECONDS)
    try:
        missing = within(3 * ANSWER_SECONDS, partial(_missing, admin, settings))
    except (KafkaError, TimeoutError, RuntimeError) as error:
        raise explained(error, options) from error
    finally:
        admin.close()
    if missing:
        raise lacking(missing, options)
    return f"{servers(options)} answers, {len(topics)} topics are there, and the rights to them"


def _missing(admin: Any, settings: KafkaSettings) -> list[str]:  # noqa: ANN401 - the library has no types
    """List what has to be granted, such as ``Read on topic 'events'``."""
    return [
        *_missing_on_topics(admin, settings),
        *_missing_on_groups(admin, settings),
        *_missing_on_transactions(admin, outbox_of(settings)),
    ]


def _missing_on_topics(admin: Any, settings: KafkaSettings) -> Iterator[str]:  # noqa: ANN401 - the library has no types
    needed: dict[str, tuple[str, ...]] = dict.fromkeys(settings.topics, ("READ",))
    needed |= dict.fromkeys(output_topics(settings), ("WRITE", "READ"))
    for told in admin.describe_topics(list(needed)):
        for right in _without(told, needed[told["name"]]):
            yield f"{right.capitalize()} on topic {told['name']!r}"


def _missing_on_groups(admin: Any, settings: KafkaSettings) -> Iterator[str]:  # noqa: ANN401 - the library has no types
    outbox = outbox_of(settings)
    named = {settings.group_id: f"group {settings.group_id!r}", outbox: f"groups {outbox + '*'!r}"}
    for group, shown in named.items():
        try:
            told = _told(partial(admin.describe_groups, [group]))[group]
        except GroupAuthorizationFailedError:
            yield f"Read on {shown}"
            continue
        if _without(told, ("READ",)):
            yield f"Read on {shown}"


def _missing_on_transactions(admin: Any, outbox: str) -> Iterator[str]:  # noqa: ANN401 - the library has no types
    try:
        _told(partial(admin.describe_transactions, [outbox]))
    except (TransactionalIdNotFoundError, UnsupportedVersionError):  # older than 3.0: not told
        return
    except TransactionalIdAuthorizationFailedError:
        yield f"Write on transactional ids {outbox + '*'!r}"


def _told(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask a coordinator; the first question that a broker ever gets makes it."""
    for _ in range(COORDINATOR_TRIES):
        with suppress(CoordinatorNotAvailableError):
            return ask()
        time.sleep(COORDINATOR_SECONDS / COORDINATOR_TRIES)
    return ask()


def _without(told: Mapping[str, Any], needed: tuple[str, ...]) -> list[str]:
    """Give what is needed and not allowed; nothing where an old broker does not tell."""
    allowed = told.get("authorized_operations")
    return [] if allowed is None else [right for right in needed if right not in allowed]
