"""The web server on a real loopback socket: a free port, an answer, a stop, a taken address."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import httpx
import pytest

from streams.health import Condition, Health
from streams.metrics import Metrics
from streams.web.app import create_app
from streams.web.server import ListenError, WebServer, serve

HEALTH = Health(0.0, 60.0, (Condition("store", True, "open"),))


def start(port: int = 0) -> WebServer:
    metrics = Metrics(lambda: datetime(2026, 3, 1, tzinfo=UTC), "0.1.0")
    return serve(create_app(metrics, lambda: HEALTH, lambda: []), "127.0.0.1", port)


def test_a_server_answers_on_the_port_it_was_given_and_stops() -> None:
    server = start()
    try:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=10)
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
    finally:
        server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=10)


def test_two_servers_take_two_ports() -> None:
    first, second = start(), start()
    try:
        assert first.port != second.port
    finally:
        first.stop()
        second.stop()


def test_an_address_that_is_taken_is_one_line_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            start(port)
    assert str(caught.value) == (
        f"[http] listen 127.0.0.1:{port}: Address already in use; "
        "choose a free address of this machine, or port 0"
    )


def test_a_host_that_is_not_ours_is_refused_before_anything_starts() -> None:
    metrics = Metrics(lambda: datetime(2026, 3, 1, tzinfo=UTC), "0.1.0")
    app = create_app(metrics, lambda: HEALTH, lambda: [])
    with pytest.raises(ListenError, match=r"^\[http\] listen 192\.0\.2\.1:0: "):
        serve(app, "192.0.2.1", 0)
