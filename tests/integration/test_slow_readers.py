"""Whoever opens connections and is slow, or silent, holds nobody else up."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from streams.health import Condition, Health
from streams.metrics import Metrics
from streams.web.app import create_app
from streams.web.connections import CONNECTIONS_MAX, Connection
from streams.web.server import WebServer, serve

HEALTH = Health(0.0, 60.0, (Condition("store", True, "open"),))
#: More than a socket takes in that nobody reads from.
LARGE = b'{"report_id":"' + b"x" * 2**24 + b'"}'
UNFINISHED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
PATIENCE_SECONDS = 10.0


@pytest.fixture
def server() -> Iterator[WebServer]:
    metrics = Metrics(lambda: datetime(2026, 3, 1, tzinfo=UTC), "0.1.0")
    started = serve(create_app(metrics, lambda: HEALTH, lambda: [LARGE]), "127.0.0.1", 0)
    yield started
    started.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "exchange_seconds", 0.5)


def connect(server: WebServer, sent: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)
    made.sendall(sent)
    return made


def is_closed(made: socket.socket) -> bool:
    """Whether the server has ended a connection in which it had nothing to say."""
    made.settimeout(0.0)
    try:
        return made.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def connections(server: WebServer) -> set[object]:
    return set(server._server.server_state.connections)


def trickle(slow: socket.socket) -> None:
    """Send on, byte by byte, until the other side has had enough."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        slow.sendall(b"x")


def seconds_of_health(server: WebServer) -> float:
    began = time.monotonic()
    answer = httpx.get(f"http://127.0.0.1:{server.port}/healthz", timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200
    return time.monotonic() - began


def test_two_hundred_half_open_connections_hold_up_nobody_and_no_more_than_the_limit_stay(
    server: WebServer,
) -> None:
    slow = [connect(server, UNFINISHED) for _ in range(200)]
    try:
        assert max(seconds_of_health(server) for _ in range(3)) < 1.0
        # Three of health came after them; each made room for itself and was then closed.
        assert CONNECTIONS_MAX - 3 <= sum(not is_closed(each) for each in slow) <= CONNECTIONS_MAX
        assert [is_closed(each) for each in (slow[0], slow[-1])] == [True, False]
    finally:
        for each in slow:
            each.close()


@pytest.mark.usefixtures("impatient")
def test_a_request_that_does_not_end_is_ended_though_it_trickles(server: WebServer) -> None:
    with connect(server, UNFINISHED) as slow, pytest.raises(ConnectionError):
        trickle(slow)


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_nobody_reads_is_let_go(server: WebServer) -> None:
    asked = b"GET /reports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connect(server, asked) as slow:
        assert slow.recv(1, socket.MSG_PEEK) == b"H"
        until = time.monotonic() + PATIENCE_SECONDS
        while connections(server) and time.monotonic() < until:
            time.sleep(0.01)
        assert not connections(server)
        assert len(b"".join(iter(lambda: slow.recv(2**20), b""))) < len(LARGE)


@pytest.mark.usefixtures("impatient")
def test_a_connection_in_use_lives_on_past_the_limit_of_one_exchange(server: WebServer) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        used = set()
        until = time.monotonic() + 2 * Connection.exchange_seconds
        while time.monotonic() < until:
            assert client.get("/healthz").status_code == 200
            used |= connections(server)
    assert len(used) == 1
