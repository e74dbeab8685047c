"""Alerts, their cases, the scrape and every panel, by Prometheus' own program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.promtool import Promtool

DASHBOARD = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "detector.json"


def test_the_scrape_and_the_rules_that_it_names_are_right(promtool: Promtool) -> None:
    said = promtool("check", "config", "scrape.yml")
    assert "SUCCESS: scrape.yml is valid" in said
    assert said.count("SUCCESS") == 4  # the configuration, its rule files, and each of the two


@pytest.mark.slow
def test_every_alert_fires_and_is_silent_as_its_case_says(promtool: Promtool) -> None:
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml")


def test_every_panel_asks_what_prometheus_understands(promtool: Promtool, tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    plain = [expr.replace("$__rate_interval", "5m").replace("$instance", ".*") for expr in asked]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(plain)]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    assert f"SUCCESS: {len(asked)} rules found" in promtool("check", "rules", str(path))
