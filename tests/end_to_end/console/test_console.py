"""The console in a real browser: what a reader sees of two report versions and a broker away."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.health import Condition, Health
from streams.metrics import Metrics
from streams.web.app import create_app
from streams.web.server import serve

HEALTH = Health(
    0.4, 60.0, (Condition("store", True, "open"), Condition("broker", False, "no answer"))
)
FIRST = {
    "version": 1,
    "kind": "initial",
    "standing": True,
    "scope": "owner",
    "subject_id": "bods-1",
    "subject_name": "Example <b>Holdings</b>",
    "person_status": "foreign",
    "operations": {"low": 6.1e25, "expected": 1.02e26, "high": 1.9e26},
    "threshold_operations": 1e26,
    "crossed_at": {"earliest": None, "likely": "2026-03-01T04:00:00Z", "certain": None},
    "due_on": "2026-03-16",
    "policy_id": "us-iaas-nprm-2024",
}
SECOND = {**FIRST, "version": 2, "kind": "corrected", "standing": False, "subject_name": None}
COMMON = ["owner", "foreign", "1.02e+26 (6.10e+25 to 1.90e+26)", "1.00e+26", "2026-03-01T04:00:00Z"]


@pytest.fixture
def port() -> Iterator[int]:
    metrics = Metrics(lambda: datetime(2026, 3, 2, tzinfo=UTC), "0.1.0")
    reports = [json.dumps(report).encode() for report in (FIRST, SECOND)]
    server = serve(create_app(metrics, lambda: HEALTH, lambda: reports), "127.0.0.1", 0)
    yield server.port
    server.stop()


def page(browser: str, port: int, profile: Path) -> str:
    """Give the document after its script ran."""
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"),
            *("--virtual-time-budget=3000", "--dump-dom", f"http://127.0.0.1:{port}/console"),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return done.stdout


def test_a_reader_sees_every_version_newest_first_and_what_is_in_the_way(
    browser: str, port: int, tmp_path: Path
) -> None:
    shown = page(browser, port, tmp_path)
    rows = re.findall(r"<tr tabindex.*?</tr>", shown)
    cells = [[html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in rows]
    assert cells == [
        ["2026-03-16", "bods-1", *COMMON, "us-iaas-nprm-2024", "2 (corrected, withdrawn)"],
        ["2026-03-16", "Example <b>Holdings</b>", *COMMON, "us-iaas-nprm-2024", "1 (initial)"],
    ]
    assert re.findall(r'<li data-holds="(\w+)">(.*?)</li>', shown) == [
        ("true", "store: open"),
        ("false", "broker: no answer"),
    ]
    assert re.findall(r'<p id="state".*?>(.*?)</p>', shown) == ["broker: no answer"]
