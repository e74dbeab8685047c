"""The source alone: ``KafkaSource.poll`` beside a bare kafka-python poll loop, one event a message.

Nothing is decoded on either side; the difference is what our messages, offsets, lag and rebalance
hand-over cost. One processor for the reader, rounds in turn.
Run: ``python -m tests.benchmark.kafka_poll``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from kafka import KafkaProducer

from streams.broker import KafkaSource
from tests.benchmark.broker import (
    LIMIT_SECONDS,
    Speed,
    bare_speed,
    bootstrap_servers,
    one_processor,
    speed,
)
from tests.support.kafka_broker import Broker

PARTITIONS: Final = 4
BATCH: Final = 50_000
#: About 520 bytes, the size of a usage event with telemetry.
EVENT: Final = (
    '{"specversion":"1.0","id":"%012d","source":"urn:cloud:meter:1","type":"trainwatch.usage.v1",'
    '"time":"2026-09-01T00:05:00.000Z","data":{"tenant_id":"tenant-%05d","resource_id":"i-%08d",'
    '"start":"2026-09-01T00:00:00.000Z","end":"2026-09-01T00:05:00.000Z","instance_type":'
    '"p5.48xlarge","region":"eu-west-1","cluster_id":"c-7","job_id":"job-%06d","precision":"bf16",'
    '"telemetry":{"gpu_util":0.97,"sm_active":0.81,"tensor_active":0.43,"dram_active":0.52,'
    '"power_w":612.4,"nvlink_bytes":8.1e12,"fabric_bytes":3.3e12,"step_period_s":11.7}}}'
)


def fill(broker: Broker, messages: int) -> str:
    """Send so many usage events, keyed by tenant; give the topic."""
    topic = broker.create_topic(PARTITIONS)
    producer = KafkaProducer(
        bootstrap_servers=broker.bootstrap,
        compression_type="lz4",
        batch_size=2**20,
        linger_ms=50,
    )
    for n in range(messages):
        event = EVENT % (n, n % 2000, n % 50_000, n % 9000)
        producer.send(topic, value=event.encode(), key=b"%d" % (n % 2000))
    producer.flush(LIMIT_SECONDS)
    producer.close(timeout=10)
    return topic


def source_speed(broker: Broker, topic: str, messages: int) -> Speed:
    """Poll through the port, as the service does."""
    source = KafkaSource(broker.settings(topics=[topic]), max_records=BATCH)
    source.start({})

    def count_more() -> int:
        batch = source.poll(0.5)
        return 0 if batch is None else len(batch.messages)

    try:
        return speed(count_more, time.process_time, messages)
    finally:
        source.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both costs round by round, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", help="host:port of a broker; one is started otherwise")
    parser.add_argument("--messages", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    with (
        TemporaryDirectory() as folder,
        bootstrap_servers(chosen.bootstrap, Path(folder)) as bootstrap,
    ):
        broker = Broker(bootstrap)
        topic = fill(broker, chosen.messages)
        bare, ours = [], []
        for number in range(chosen.rounds):
            with one_processor():
                bare.append(bare_speed(bootstrap, topic, chosen.messages).cost)
                ours.append(source_speed(broker, topic, chosen.messages).cost)
            print(f"round {number + 1}: bare {bare[-1]:.2f}, ours {ours[-1]:.2f}")
    print(
        f"kafka-python poll {median(bare):.2f}, KafkaSource {median(ours):.2f} processor "
        f"microseconds a message, {median(bare) / median(ours):.1f} times as quick "
        f"(medians of {chosen.rounds} rounds, {chosen.messages} messages, one processor)"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
