"""One real Apache Kafka broker as a process: KRaft, loopback, free ports, a folder of its own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
POM = REPOSITORY / "tests" / "integration" / "kafka" / "pom.xml"
USER, PASSWORD = "alice", "alice-has-a-long-password"
#: May do nothing until a test grants it; everybody else may do everything.
LIMITED_USER = "bob"
HEAP = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
CLUSTER = "dHJhaW53YXRjaC10ZXN0cw"  # a random one begins with a dash one time in 64, and is refused
START_SECONDS = 60.0
STOP_SECONDS = 15.0


class BrokerNotUsableError(Exception):
    """The broker could not be fetched or started; the message says what to look at."""


def tools_missing() -> tuple[str, ...]:
    """Name the programs that a real broker needs and this machine lacks."""
    return tuple(tool for tool in ("java", "mvn", "openssl") if shutil.which(tool) is None)


def broker_version() -> str:
    """Give the version that the pom asks for."""
    found = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([^<]+)<", POM.read_text())
    assert found is not None, f"no version of kafka_2.13 in {POM}"
    return found[1]


def _run(command: list[str], log: Path) -> None:
    with log.open("ab") as out:
        ended = subprocess.run(command, stdout=out, stderr=out, check=False, timeout=600)
    if ended.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()[-15:]
        raise BrokerNotUsableError(
            f"expected {command[0]} to end with 0, got {ended.returncode}; see {log}:\n"
            + "\n".join(lines)
        )


def jars(log: Path) -> Path:
    """Give the folder of the broker's jars; Maven fills it once per version of the pom."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder = REPOSITORY / "build" / f"kafka-jars-{digest}"
    if folder.is_dir():
        return folder
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    goal = "dependency:copy-dependencies"
    _run(["mvn", "-B", "-q", "-f", str(POM), goal, f"-DoutputDirectory={partial}"], log)
    try:
        partial.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(partial)
    return folder


def free_ports(count: int) -> list[int]:
    """Ask the system for ports; all are held until the last is known, so that none comes twice."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def make_certificate(folder: Path, log: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1: (keystore PEM, certificate PEM)."""
    key, certificate, store = folder / "key.pem", folder / "ca.pem", folder / "keystore.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    out = ["-keyout", str(key), "-out", str(certificate)]
    _run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *out],
        log,
    )
    store.write_bytes(key.read_bytes() + certificate.read_bytes())
    return store, certificate


@dataclass(frozen=True)
class Ports:
    """Where the broker listens on 127.0.0.1."""

    plain: int
    sasl: int
    tls: int
    controller: int


class KafkaProcess:
    """A broker that can be stopped and started again on the same ports and the same data."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "broker.log"
        self.ports = Ports(*free_ports(4))
        self._jars = jars(self.log)
        store, self.certificate = make_certificate(folder, self.log)
        self._config = folder / "server.properties"
        self._config.write_text(_properties(folder, self.ports, store))
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._config)]
        _run(self._java(*tool), self.log)
        self._process: subprocess.Popen[bytes] | None = None

    def _java(self, *arguments: str) -> list[str]:
        return ["java", *HEAP, "-cp", f"{self._jars}/*", *arguments]

    @property
    def bootstrap(self) -> str:
        """The listener without encryption or login."""
        return f"127.0.0.1:{self.ports.plain}"

    def start(self) -> None:
        """Start and wait until every listener takes connections."""
        with self.log.open("ab") as out:
            command = self._java("kafka.Kafka", str(self._config))
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        until = time.monotonic() + START_SECONDS
        waiting = [self.ports.plain, self.ports.sasl, self.ports.tls]
        while waiting:
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
                raise BrokerNotUsableError(f"the broker did not come up; see {self.log}:\n{tail}")
            try:
                socket.create_connection(("127.0.0.1", waiting[0]), 1.0).close()
            except OSError:
                time.sleep(0.1)
            else:
                waiting.pop(0)

    def stop(self) -> None:
        """End the process by its id, gently at first."""
        process, self._process = self._process, None
        if process is None:
            return
        for how, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            process.send_signal(how)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return


def _properties(folder: Path, ports: Ports, store: Path) -> str:
    login = " ".join(f'user_{user}="{PASSWORD}"' for user in (USER, LIMITED_USER))
    plain_login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAIN",
        "listeners": f"PLAIN://127.0.0.1:{ports.plain},SASL://127.0.0.1:{ports.sasl},"
        f"TLS://127.0.0.1:{ports.tls},CONTROLLER://127.0.0.1:{ports.controller}",
        "listener.security.protocol.map": "PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,"
        "CONTROLLER:PLAINTEXT",
        "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": f"{plain_login} required {login};",
        "listener.name.tls.ssl.keystore.type": "PEM",
        "listener.name.tls.ssl.keystore.location": str(store),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{USER}",
        "log.dirs": str(folder / "data"),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "log.retention.check.interval.ms": "500",
        "num.network.threads": "2",
        "num.io.threads": "2",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
