"""What can go wrong with a broker, each as one line that says where and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from kafka import errors as kafka_errors

#: Options whose values must never reach a message, a log or a metric.
SECRET_OPTIONS = ("sasl_plain_password", "ssl_password", "proxy_url")

#: What a member of a group meets when the group changed under it; the next poll joins again.
REJOIN = (
    kafka_errors.CommitFailedError,
    kafka_errors.UnknownMemberIdError,
    kafka_errors.IllegalGenerationError,
    kafka_errors.RebalanceInProgressError,
)

_FENCED = (
    kafka_errors.ProducerFencedError,
    kafka_errors.InvalidProducerEpochError,
    kafka_errors.FencedInstanceIdError,
)
#: The broker knows us and says no.
LOGIN_ERRORS = (
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.UnsupportedSaslMechanismError,
    kafka_errors.IllegalSaslStateError,
)


class BrokerError(Exception):
    """Kafka cannot be used as configured. One line; the service stops."""


class BrokerAwayError(BrokerError, ConnectionError):
    """No broker answers in time. It may come back: keep the work and try again."""


class BrokerFencedError(BrokerError):
    """Another instance publishes for the same store. This one must stop."""


class BrokerRightError(BrokerError):
    """The user may not do what the service needs. Somebody has to grant it."""


def servers(options: Mapping[str, object]) -> str:
    """Name the configured brokers as an operator wrote them."""
    listed = options.get("bootstrap_servers")
    if isinstance(listed, Sequence) and not isinstance(listed, str):
        return ", ".join(str(server) for server in listed)
    return str(listed)


def one_line(text: object, options: Mapping[str, object]) -> str:
    """Put a foreign message on one line of at most 300 characters, its secrets blanked."""
    line = " ".join(str(text).split())
    for name in SECRET_OPTIONS:
        secret = options.get(name)
        if isinstance(secret, str) and secret:
            line = line.replace(secret, "***")
    return line[:300]


def missing_topics(topics: Sequence[str], key: str, options: Mapping[str, object]) -> BrokerError:
    """Name topics that are not there. ``key`` is the setting that names them."""
    names = ", ".join(repr(topic) for topic in topics)
    return BrokerError(
        f"Kafka at {servers(options)} has no topic {names}, or user "
        f"{options.get('sasl_plain_username', 'anonymous')!r} may not see it: "
        f"create it, grant Read on it, or correct [kafka] {key}"
    )


def lacking(rights: Sequence[str], options: Mapping[str, object]) -> BrokerRightError:
    """Name the rights that somebody has to grant, such as ``Read on topic 'events'``."""
    return BrokerRightError(
        f"Kafka at {servers(options)}: user {options.get('sasl_plain_username', 'anonymous')!r} "
        f"lacks {', '.join(rights)}: grant it; docs/kafka.md, 'Security', lists every right needed"
    )


def _wrapped(error: Exception) -> Exception:
    """Give the error that an earlier call met, which the library puts into that of a later one."""
    inner = (each for each in error.args if isinstance(each, kafka_errors.KafkaError))
    return next(inner, error)


def _right_of(error: Exception, options: Mapping[str, object], on_topics: str) -> str:
    """Say which right was missing; the library gives names as a set, a text or not at all."""
    told = error.args[0] if error.args else None
    names = [told] if isinstance(told, str) else sorted(told) if isinstance(told, Set) else []
    named = " ".join(map(repr, names))
    if isinstance(error, kafka_errors.TopicAuthorizationFailedError):
        return f"{on_topics} on topic {named}"
    if isinstance(error, kafka_errors.GroupAuthorizationFailedError):
        return f"Read on group {named}"
    if isinstance(error, kafka_errors.TransactionalIdAuthorizationFailedError):
        return f"Write on transactional id {options.get('transactional_id')!r}"
    return f"a right ({one_line(error, options)})"


def explained(
    error: Exception, options: Mapping[str, object], *, on_topics: str = "Read"
) -> BrokerError:
    """Turn an error of the client library into ours: away, fenced, or a mistake to mend.

    Args:
        error: what the library raised.
        options: those of the client; ``transactional_id`` where it is about transactions.
        on_topics: the right that was used on topics, should it be the one that is missing.
    """
    if isinstance(error, BrokerError):
        return error
    error = _wrapped(error)
    where = f"Kafka at {servers(options)}"
    what = one_line(error, options)
    if isinstance(error, _FENCED):
        return BrokerFencedError(
            f"{where}: another process works for this store ({what}): "
            "stop one of the two; each store may have only one"
        )
    if isinstance(error, LOGIN_ERRORS):
        return BrokerError(
            f"{where} refused the login of user {options.get('sasl_plain_username')!r} by "
            f"{options.get('sasl_mechanism')}: check [kafka] sasl_mechanism, "
            "sasl_plain_username and sasl_plain_password"
        )
    if isinstance(error, kafka_errors.AuthorizationError):
        return lacking([_right_of(error, options, on_topics)], options)
    if isinstance(error, kafka_errors.UnsupportedCodecError):
        return BrokerError(
            f"{where}: a record of [kafka] topics cannot be read here ({what}): install what "
            "requirements.txt locks (crc32c, lz4, python-snappy, zstandard); see docs/kafka.md, "
            "'What a topic may be'"
        )
    if isinstance(error, kafka_errors.RetriableError | ConnectionError | TimeoutError):
        return BrokerAwayError(
            f"{where} does not answer ({what}): check that it runs, and [kafka] bootstrap_servers "
            "and security_protocol"
        )
    return BrokerError(f"{where}: {what}: correct [kafka], see docs/kafka.md")
