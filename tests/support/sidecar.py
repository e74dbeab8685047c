"""`trainwatch run` as a process: its configuration, its pages, its store, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from streams.settings import KafkaSettings
from streams.store import Reader, StoreError
from tests.support.kafka_process import free_ports
from tests.support.story import PACK_ID, policy_folder

#: Longest wait for anything, far past what it needs.
PATIENCE_SECONDS = 90.0
#: A stop may take this long (issue 2).
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


def trainwatch(*arguments: str, **environ: str) -> Ended:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env={**os.environ, "POLARS_MAX_THREADS": "1", **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until something holds."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, f"waited {PATIENCE_SECONDS:g} s in vain: {what}"
        time.sleep(0.05)


@dataclass
class Sidecar:
    """One installation in a folder of its own; ``start`` and ``kill`` as often as you like."""

    folder: Path
    kafka: KafkaSettings
    knowledge: str = "events"
    batch_events: int = 20
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[str] | None = None

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def config(self) -> Path:
        """Write the configuration and give its path."""
        policy = policy_folder(self.folder / "policy")
        kafka = self.kafka
        servers, topics = list(kafka.bootstrap_servers), list(kafka.topics)
        path = self.folder / "trainwatch.toml"
        path.write_text(
            f"""
[kafka]
bootstrap_servers = {servers}
group_id = "{kafka.group_id}"
topics = {topics}
reports_topic = "{kafka.reports_topic}"
findings_topic = "{kafka.findings_topic}"
dead_letters_topic = "{kafka.dead_letters_topic}"
[store]
path = "{self.store}"
[http]
listen = "127.0.0.1:{self.port}"
[policy]
ids = ["{PACK_ID}"]
directory = "{policy}"
[service]
batch_events = {self.batch_events}
poll_timeout_seconds = 0.1
knowledge = "{self.knowledge}"
""",
            encoding="utf-8",
        )
        return path

    def start(self) -> None:
        """Start the process; its output goes to files beside its configuration."""
        command = [sys.executable, "-m", "streams", "run", "--config", str(self.config)]
        with self.log.open("a") as out, self.errors.open("a") as err:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=err,
                text=True,
                env={**os.environ, "POLARS_MAX_THREADS": "1"},
            )

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def errors(self) -> Path:
        return self.folder / "errors.txt"

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self._ended_by(signal.SIGKILL)[0] == -signal.SIGKILL, self.errors.read_text()

    def stop(self) -> tuple[int, float]:
        """End it with SIGTERM; give its status and the seconds that it took."""
        return self._ended_by(signal.SIGTERM)

    def _ended_by(self, number: signal.Signals) -> tuple[int, float]:
        process, self.process = self.process, None
        assert process is not None
        began = time.monotonic()
        process.send_signal(number)
        try:
            return process.wait(3 * STOP_SECONDS), time.monotonic() - began
        finally:
            process.kill()
            process.wait()

    def discard(self) -> None:
        """Leave no process behind, whatever happened."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def page(self, path: str) -> tuple[int, str]:
        """Get a page; status 0 where nobody answers."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.text

    def status(self, path: str) -> int:
        return self.page(path)[0]

    def metrics(self) -> dict[str, float]:
        """Give the series by name, summed over labels."""
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(self.page("/metrics")[1]):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
        return found

    def counts(self) -> dict[str, int]:
        """Ask the store beside its writer: how many events came to what."""
        if not (self.store / "store.sqlite").exists():
            return {}
        try:
            with Reader.open(self.store) as reader:
                return {
                    name: n for (group, name), n in reader.counts().items() if group == "events"
                }
        except StoreError:  # its first transaction, that of the tables, is still to come
            return {}

    def has_read(self, number: int) -> bool:
        self.require_alive()
        return self.counts().get("read", 0) >= number

    def has_published(self) -> bool:
        self.require_alive()
        with Reader.open(self.store) as reader:
            return reader.published_sequence() == reader.last_sequence() > 0

    def require_alive(self) -> None:
        """Fail at once, with its own words, where the process has ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.errors.read_text()

    def export(self, out: Path) -> Path:
        """Write the results, beside the running writer or after it."""
        ended = trainwatch("export", "--config", str(self.config), "--out", str(out))
        assert (ended.status, ended.err) == (0, "")
        return out
