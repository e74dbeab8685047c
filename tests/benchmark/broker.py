"""From a real broker, one event a message: `trainwatch run` beside a bare kafka-python poll loop.

Both read the same topic on one processor; the broker has the others. A rate is taken from the first
events seen to the last, so connecting and joining the group do not count. Without ``--bootstrap``
the broker of the integration tests is started; where Java or Maven is missing, that is said.
Run: ``python -m tests.benchmark.broker``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from tests.benchmark import generator, throughput
from tests.kafka_process import KafkaProcess, free_ports, tools_missing

PARTITIONS: Final = 4
FETCH_BYTES: Final = 8 * 2**20
GOAL_RATIO: Final = 0.6
LIMIT_SECONDS: Final = 300.0
STOP_SECONDS: Final = 20.0
CONFIG: Final = """
[kafka]
bootstrap_servers = ["{bootstrap}"]
group_id = "{group}"
topics = ["{topic}"]
reports_topic = "{topic}-reports"
findings_topic = "{topic}-findings"
dead_letters_topic = "{topic}-dead-letters"
[store]
path = "{folder}/store"
[http]
listen = "127.0.0.1:{port}"
"""


@contextmanager
def bootstrap_servers(given: str | None, folder: Path) -> Iterator[str]:
    """Give the broker asked for, or one started for the length of the measurement."""
    if given is not None:
        yield given
        return
    process = KafkaProcess(folder)
    process.start()
    try:
        yield process.bootstrap
    finally:
        process.stop()


@contextmanager
def one_processor() -> Iterator[None]:
    """Tie this process, and what it starts meanwhile, to one processor."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def fill(bootstrap: str, file: Path) -> str:
    """Make the topics and send each line as one message keyed by its tenant; give the topic."""
    topic = f"bench-{uuid.uuid4().hex[:8]}"
    outputs = [f"{topic}-{name}" for name in ("reports", "findings", "dead-letters")]
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.create_topics([NewTopic(topic, PARTITIONS, 1), *(NewTopic(n, 1, 1) for n in outputs)])
        admin.wait_for_topics([topic, *outputs])
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, compression_type="lz4", batch_size=2**20, linger_ms=50
    )
    with file.open("rb") as lines:
        for line in lines:
            producer.send(
                topic, value=line.rstrip(), key=json.loads(line)["data"]["tenant_id"].encode()
            )
    producer.flush(LIMIT_SECONDS)
    producer.close(timeout=10)
    return topic


def bare_rate(bootstrap: str, topic: str, events: int) -> float:
    """Poll and count, nothing else: events per second."""
    consumer: Any = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        max_poll_records=10_000,
    )

    def count_more() -> int:
        polled = consumer.poll(timeout_ms=500)
        return sum(len(records) for records in polled.values())

    try:
        return rate(count_more, events)
    finally:
        consumer.close()


def rate(count_more: Callable[[], int], events: int) -> float:
    """Give events per second from the first count above zero to the last event."""
    started, first, seen = time.perf_counter(), 0, 0
    since = started
    while seen < events:
        seen += count_more()
        now = time.perf_counter()
        if first == 0 and seen > 0:
            first, since = seen, now
        if now - started > LIMIT_SECONDS:
            raise SystemExit(f"expected {events} events in {LIMIT_SECONDS} s, saw {seen}")
    return (events - first) / (time.perf_counter() - since)


def our_rate(bootstrap: str, topic: str, events: int, folder: Path) -> float:
    """Start the sidecar on an empty store and watch its counter of events read."""
    (port,) = free_ports(1)
    group = f"bench-{uuid.uuid4().hex[:8]}"
    config = folder / f"{group}.toml"
    text = CONFIG.format(
        bootstrap=bootstrap, topic=topic, group=group, folder=folder / group, port=port
    )
    config.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "streams", "run", "--config", str(config)]
    environment = throughput.one_thread()
    with (folder / f"{group}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    seen = 0

    def count_more() -> int:
        nonlocal seen
        if process.poll() is not None:
            raise SystemExit(f"trainwatch run ended with {process.returncode}; see {log.name}")
        time.sleep(0.05)
        before, seen = seen, events_read(port)
        return seen - before

    try:
        return rate(count_more, events)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def events_read(port: int) -> int:
    """Read the counter of events taken in; 0 while the page is not up yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
    except OSError:
        return 0
    counts = [float(line.split()[1]) for line in lines if line.startswith("trainwatch_events_read")]
    return int(sum(counts))


def measure(
    bootstrap: str, topic: str, asked: argparse.Namespace, folder: Path
) -> tuple[list[float], list[float]]:
    """Run the rounds, the two in turn; give the rates of the bare loop and ours."""
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(asked.rounds):
        bare.append(bare_rate(bootstrap, topic, asked.events))
        if not asked.no_cli:
            ours.append(our_rate(bootstrap, topic, asked.events, folder))
    return bare, ours


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both rates and their ratio over interleaved rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", help="host:port of a broker; absent: one is started")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-cli", action="store_true", help="the bare loop alone")
    asked = parser.parse_args(arguments)
    if asked.bootstrap is None and tools_missing():
        print(f"broker: not measured, {' and '.join(tools_missing())} missing; give --bootstrap")
        return 0
    file = generator.at(throughput.FOLDER, generator.day(asked.events))
    with TemporaryDirectory() as name, bootstrap_servers(asked.bootstrap, Path(name)) as bootstrap:
        topic = fill(bootstrap, file)
        with one_processor():
            bare, ours = measure(bootstrap, topic, asked, Path(name))
    print(f"bare poll loop, k events/s: {throughput.spread([r / 1000 for r in bare], 0)}")
    if ours:
        ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
        outcome = "met" if median(ratios) >= GOAL_RATIO else "MISSED"
        print(f"trainwatch run, k events/s: {throughput.spread([r / 1000 for r in ours], 0)}")
        print(f"over the bare loop: {throughput.spread(ratios, 2)}   goal {GOAL_RATIO}: {outcome}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
