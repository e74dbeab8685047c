"""The pages: what each answers, when it is healthy and when it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from streams.health import Condition, Health
from streams.metrics import Metrics
from streams.web.app import create_app
from streams.web.views import CONSOLE_FILES, console_file

STORE = Condition("store", True, "open, schema 1")
BROKER_AWAY = Condition("broker", False, "no answer from b:9092")


def client(health: Health, reports: Sequence[bytes] = (), loopback_only: bool = True) -> TestClient:
    metrics = Metrics(lambda: datetime(2026, 3, 1, tzinfo=UTC), "0.1.0")
    app = create_app(metrics, lambda: health, lambda: reports, loopback_only)
    return TestClient(app, base_url="http://localhost:9464")


def test_metrics_are_prometheus_text() -> None:
    answer = client(Health(1.0, 60.0, ())).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "trainwatch_accounting_difference_events 0.0\n" in answer.text


def test_a_loop_that_moves_is_alive_even_where_the_broker_is_away() -> None:
    pages = client(Health(1.5, 60.0, (STORE, BROKER_AWAY)))
    alive, ready = pages.get("/healthz"), pages.get("/readyz")
    assert (alive.status_code, alive.json()) == (
        200,
        {"alive": True, "loop_idle_seconds": 1.5, "stall_seconds": 60.0},
    )
    assert (ready.status_code, ready.json()) == (
        503,
        {
            "ready": False,
            "reasons": ["broker: no answer from b:9092"],
            "conditions": [
                {"name": "store", "holds": True, "detail": "open, schema 1"},
                {"name": "broker", "holds": False, "detail": "no answer from b:9092"},
            ],
        },
    )


def test_a_loop_that_stands_still_is_neither_alive_nor_ready() -> None:
    pages = client(Health(61.0, 60.0, (STORE,)))
    assert pages.get("/healthz").status_code == 503
    assert pages.get("/readyz").json()["reasons"] == [
        "loop: no step for 61 s, expected one in 60 s"
    ]


def test_a_service_with_all_it_needs_is_ready() -> None:
    answer = client(Health(0.0, 60.0, (STORE,))).get("/readyz")
    assert (answer.status_code, answer.json()["ready"], answer.json()["reasons"]) == (200, True, [])


def test_reports_come_newest_first_with_their_bytes_unchanged() -> None:
    reports = [b'{"version":1}\n', b'{"version":2,"operations":{"low":1e24}}\n']
    pages = client(Health(0.0, 60.0, ()), reports)
    assert pages.get("/reports").content == (
        b'[{"version":2,"operations":{"low":1e24}},{"version":1}]'
    )
    assert pages.get("/reports?limit=1").json() == [{"version": 2, "operations": {"low": 1e24}}]
    assert pages.get("/reports?limit=0").status_code == 422
    assert client(Health(0.0, 60.0, ())).get("/reports").json() == []


@pytest.mark.parametrize("name", sorted(CONSOLE_FILES))
def test_the_console_is_served_with_headers_that_let_nothing_else_in(name: str) -> None:
    answer = client(Health(0.0, 60.0, ())).get(f"/console/{name}")
    assert answer.content == console_file(name)
    assert answer.headers["content-type"] == CONSOLE_FILES[name]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


def test_the_console_is_where_one_would_look_and_nothing_else_is_served() -> None:
    pages = client(Health(0.0, 60.0, ()))
    assert pages.get("/", follow_redirects=False).headers["location"] == "/console/index.html"
    assert pages.get("/console", follow_redirects=False).status_code == 307
    assert pages.get("/console/..%2fapp.py").status_code == 404
    assert pages.get("/console/app.py").status_code == 404
    assert pages.get("/docs").status_code == 404


def test_the_console_loads_nothing_from_elsewhere() -> None:
    texts = [console_file(name).decode("utf-8") for name in CONSOLE_FILES]
    assert [text for text in texts if re.search(r"(https?:)?//[a-z]", text.split("\n", 1)[1])] == []
    used = re.findall(r'(?:src|href)="(\w+\.\w+)"', texts[list(CONSOLE_FILES).index("index.html")])
    assert set(used) == set(CONSOLE_FILES) - {"index.html"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9464", 200),
        ("127.0.0.1:9464", 200),
        ("[::1]:9464", 200),
        ("evil.example:9464", 400),
    ],
)
def test_on_loopback_only_this_machines_names_are_answered(host: str, status: int) -> None:
    pages = client(Health(0.0, 60.0, ()))
    assert pages.get("/healthz", headers={"host": host}).status_code == status


def test_bound_elsewhere_any_name_is_answered() -> None:
    pages = client(Health(0.0, 60.0, ()), loopback_only=False)
    assert pages.get("/healthz", headers={"host": "trainwatch:9464"}).status_code == 200


def test_the_schema_names_what_a_reader_may_call() -> None:
    schema = json.loads(client(Health(0.0, 60.0, ())).get("/openapi.json").text)
    assert sorted(schema["paths"]) == ["/healthz", "/metrics", "/readyz", "/reports"]
