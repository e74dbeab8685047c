"""Apache Kafka: the only package that imports kafka-python.

``KafkaSource`` reads events in a consumer group, ``KafkaSink`` writes documents in transactions,
``KafkaEvents`` writes usage events for ``trainwatch record``.
``docs/kafka.md`` says what each promises and why.
"""

from streams.broker.errors import BrokerAwayError, BrokerError, BrokerFencedError
from streams.broker.events import KafkaEvents
from streams.broker.rights import describe_broker
from streams.broker.sink import KafkaSink
from streams.broker.source import KafkaSource
from streams.broker.topic_ids import TopicIds

__all__ = [
    "BrokerAwayError",
    "BrokerError",
    "BrokerFencedError",
    "KafkaEvents",
    "KafkaSink",
    "KafkaSource",
    "TopicIds",
    "describe_broker",
]
