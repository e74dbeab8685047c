"""What can go wrong with a broker, each as one line that says where and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        f"create it, or correct [kafka] {key}"
    )


def explained(error: Exception, options: Mapping[str, object]) -> BrokerError:
    """Turn an error of the client library into ours: away, fenced, or a mistake to mend."""
    where = f"Kafka at {servers(options)}"
    what = one_line(error, options)
    if isinstance(error, BrokerError):
        return error
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
        return BrokerError(
            f"{where}: user {options.get('sasl_plain_username', 'anonymous')!r} may not do this "
            f"({what}): grant it, docs/kafka.md lists the rights needed"
        )
    if isinstance(error, kafka_errors.RetriableError | ConnectionError | TimeoutError):
        return BrokerAwayError(
            f"{where} does not answer ({what}): check that it runs, and [kafka] bootstrap_servers "
            "and security_protocol"
        )
    return BrokerError(f"{where}: {what}: correct [kafka], see docs/kafka.md")
