"""From a real broker, one event a message: `trainwatch run` beside a bare kafka-python poll loop.

Both read the same topic on one processor; the broker has the others. Both are measured by the same
function, from the first look at which ``WARM_UP`` events were seen up to the last event: what
either does before, as connecting, joining the group and making the first findings, is in neither.
The goal is held on the clock, which is what a user sees; processor time is printed beside it, for
neighbours move it less. Without ``--bootstrap`` the broker of the integration tests is started;
where Java or Maven is missing, that is said.
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
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from tests.benchmark import generator, throughput
from tests.support.kafka_process import KafkaProcess, free_ports, tools_missing

PARTITIONS: Final = 4
FETCH_BYTES: Final = 8 * 2**20
GOAL_RATIO: Final = 0.6
LIMIT_SECONDS: Final = 300.0
WARM_UP: Final = 100_000
STOP_SECONDS: Final = 20.0
#: Pause between two looks at the counter; each look costs the sidecar a page.
LOOK_SECONDS: Final = 0.2
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


@dataclass(frozen=True)
class Speed:
    """How quick a reader was: events a second of the clock, processor microseconds an event."""

    per_second: float
    cost: float


def bare_speed(bootstrap: str, topic: str, events: int) -> Speed:
    """Poll and count, nothing else."""
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
        return speed(count_more, time.process_time, events)
    finally:
        consumer.close()


def speed(
    count_more: Callable[[], int], processor_seconds: Callable[[], float], events: int
) -> Speed:
    """Measure from the count at which it is warm to the last event."""
    started, first, seen = time.perf_counter(), 0, 0
    since = used = 0.0
    while seen < events:
        seen += count_more()
        now = time.perf_counter()
        if first == 0 and seen >= min(WARM_UP, events // 2):
            first, since, used = seen, now, processor_seconds()
        if now - started > LIMIT_SECONDS:
            raise SystemExit(f"expected {events} events in {LIMIT_SECONDS} s, saw {seen}")
    measured = events - first
    cost = (processor_seconds() - used) / measured * 1e6
    return Speed(measured / (time.perf_counter() - since), cost)


def our_speed(bootstrap: str, topic: str, events: int, folder: Path) -> Speed:
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
        time.sleep(LOOK_SECONDS)
        before, seen = seen, events_read(port)
        return seen - before

    try:
        return speed(count_more, lambda: processor_seconds(process.pid), events)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def processor_seconds(pid: int) -> float:
    """Read what a process has used of processors so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
) -> tuple[list[Speed], list[Speed]]:
    """Run the rounds, the two in turn; give the speeds of the bare loop and ours."""
    bare: list[Speed] = []
    ours: list[Speed] = []
    for _ in range(asked.rounds):
        bare.append(bare_speed(bootstrap, topic, asked.events))
        if not asked.no_cli:
            ours.append(our_speed(bootstrap, topic, asked.events, folder))
    return bare, ours


def show(name: str, speeds: Sequence[Speed]) -> None:
    """Print one reader's rounds."""
    rates = throughput.spread([each.per_second / 1000 for each in speeds], 0)
    costs = throughput.spread([each.cost for each in speeds], 1)
    print(f"{name}: {rates} k events/s, {costs} processor microseconds an event")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both rates and their ratio over interleaved rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", help="host:port of a broker; absent: one is started")
    parser.add_argument("--events", type=int, default=400_000)
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
    show("bare poll loop", bare)
    if ours:
        show("trainwatch run", ours)
        pairs = list(zip(ours, bare, strict=True))
        clock = [mine.per_second / theirs.per_second for mine, theirs in pairs]
        costs = [theirs.cost / mine.cost for mine, theirs in pairs]
        outcome = "met" if median(clock) >= GOAL_RATIO else "MISSED"
        spread = throughput.spread
        print(
            f"over the bare loop: {spread(clock, 2)} on the clock, {spread(costs, 2)} by processor "
            f"time; goal {GOAL_RATIO} on the clock {outcome}, load {os.getloadavg()[0]:.0f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
