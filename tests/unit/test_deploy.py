"""What is deployed agrees with the code: metrics, alerts, runbook, topics, image."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from features.identity import DEDUP_HORIZON
from streams.configuration import load_settings
from streams.metric_labels import KINDS, PLACES, REASONS, Input
from streams.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
INSTANT = datetime(2026, 3, 1, tzinfo=UTC)


def text(*parts: str) -> str:
    return DEPLOY.joinpath(*parts).read_text("utf-8")


def scraped_names() -> frozenset[str]:
    metrics = Metrics(lambda: INSTANT, "0.1.0")
    for kind in get_args(Input):
        metrics.freshness(kind, INSTANT)
    metrics.drift([("power_ratio_mean", "H100-SXM5-80GB", 0.1)])
    metrics.challenger([("training", "other", 1)], 0.2)
    return metrics.names()


def recorded_names() -> set[str]:
    return set(re.findall(r"record: (\S+)", text("prometheus", "recording.yml")))


def expressions(name: str) -> list[str]:
    if name.endswith(".json"):
        panels = json.loads(text("grafana", name))["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    return re.findall(r"expr: (.+)", text("prometheus", name))


@pytest.mark.parametrize("name", ["alerts.yml", "recording.yml", "detector.json"])
def test_every_metric_that_is_named_exists(name: str) -> None:
    named = {
        word for line in expressions(name) for word in re.findall(r"[\w:]*trainwatch_[\w:]+", line)
    }
    assert named - scraped_names() - recorded_names() == set()
    assert len(named) > 2


def test_every_metric_is_shown_on_the_dashboard() -> None:
    shown = " ".join([*expressions("detector.json"), *expressions("recording.yml")])
    stems = {re.sub(r"_(bucket|sum|count)$", "", name) for name in scraped_names()}
    assert sorted(stem for stem in stems if stem not in shown) == []


@pytest.mark.parametrize("name", ["alerts.yml", "detector.json"])
def test_every_label_value_that_is_named_can_occur(name: str) -> None:
    closed = {"reason": REASONS, "kind": KINDS, "input": get_args(Input), "place": PLACES}
    named = re.findall(r'\b(reason|kind|input|place)=~?"([^"]+)"', "\n".join(expressions(name)))
    wrong = [
        (key, value) for key, some in named for value in some.split("|") if value not in closed[key]
    ]
    assert wrong == []


def test_every_alert_has_its_section_in_the_runbook_and_no_section_is_left_over() -> None:
    alerts = re.findall(r"- alert: (\w+)", text("prometheus", "alerts.yml"))
    assert re.findall(r"^## (\w+)$", text("RUNBOOK.md"), re.MULTILINE) == alerts
    links = re.findall(r'runbook: "RUNBOOK.md#(\w+)"', text("prometheus", "alerts.yml"))
    assert links == [alert.lower() for alert in alerts]


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    cases = re.split(r"^  - name: ", text("prometheus", "alerts_test.yml"), flags=re.MULTILINE)[1:]
    alerts = re.findall(r"- alert: (\w+)", text("prometheus", "alerts.yml"))
    assert [case.split("\n", 1)[0] for case in cases] == alerts
    series = {word for case in cases for word in re.findall(r"series: '(trainwatch_\w+)", case)}
    assert series - scraped_names() == set()
    for case in cases:
        assert 'instance="a"' in case
        assert 'instance="b"' in case
        assert case.count("exp_labels: {instance: a,") == 1
        # Prometheus takes a series for gone five minutes after its last sample.
        assert re.findall(r"interval: (\w+)", case) == ["1m"]


def test_every_section_of_the_runbook_says_what_it_means_and_what_to_do() -> None:
    sections = re.split(r"^## ", text("RUNBOOK.md"), flags=re.MULTILINE)[1:]
    assert [part for part in sections if "**Means**" not in part or "**Do**" not in part] == []


def test_no_panel_lies_over_another_and_each_says_what_to_read_in_it() -> None:
    panels = json.loads(text("grafana", "detector.json"))["panels"]
    cells = [
        (x, y)
        for panel in panels
        for grid in [panel["gridPos"]]
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert [panel["title"] for panel in panels if not panel["description"]] == []


def test_the_topics_are_those_of_the_configuration_and_of_the_compose_file() -> None:
    topics = tomllib.loads(text("kafka", "topics.toml"))["topic"]
    kafka = load_settings(DEPLOY / "trainwatch.toml", {}).kafka
    ours = [*kafka.topics, kafka.reports_topic, kafka.findings_topic, kafka.dead_letters_topic]
    assert [topic["name"] for topic in topics] == ours
    created = re.findall(r"^ +create (\S+) (\d+) retention.ms=(\S+)$", text("compose.yaml"), re.M)
    assert created == [
        (topic["name"], str(topic["partitions"]), str(topic["retention_ms"])) for topic in topics
    ]


def test_events_are_kept_longer_than_their_names() -> None:
    events = tomllib.loads(text("kafka", "topics.toml"))["topic"][0]
    assert events["retention_ms"] > DEDUP_HORIZON.total_seconds() * 1000


def test_the_image_runs_as_nobody_and_installs_from_the_hash_lock() -> None:
    lines = text("Dockerfile")
    assert re.findall(r"^USER (.+)$", lines, re.MULTILINE) == ["10001:10001"]
    installs = re.findall(r"pip install (.*)", lines)
    assert [line for line in installs if not re.search("--require-hashes|--no-deps", line)] == []
    assert "--no-deps --only-binary :all: -r requirements.txt" in lines  # no compiler in the image
    assert "sed -n '/^setuptools==/" in lines
    assert re.search(r"^setuptools==", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.M)


def test_what_the_image_copies_is_let_through_to_the_builder() -> None:
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", text("Dockerfile"), re.MULTILINE)
    assert sorted({name for line in copies for name in line.split()}) == sorted(let_through)


def test_the_service_in_the_compose_file_can_write_its_state_only() -> None:
    service = re.split(r"^  (?=\w)", text("compose.yaml"), flags=re.MULTILINE)
    (ours,) = [part for part in service if part.startswith("trainwatch:")]
    for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
        assert line in ours
    variables = re.findall(r"^ +(TRAINWATCH_\w+__\w+): (.+)$", ours, re.MULTILINE)
    settings = load_settings(DEPLOY / "trainwatch.toml", dict(variables))
    assert settings.kafka.bootstrap_servers == ("broker:9092",)


def test_the_broker_in_the_compose_file_writes_to_its_volume() -> None:
    broker = text("compose.yaml").split("\n  broker:\n")[1].split("\n\n")[0]
    (folder,) = re.findall(r"KAFKA_LOG_DIRS: (\S+)", broker)
    assert f"volumes: [broker:{folder}]" in broker


def test_every_variable_of_the_compose_file_stands_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+):-", text("compose.yaml")))
    assert set(re.findall(r"^(\w+)=", text("env.example"), re.MULTILINE)) == used
    for name, default in re.findall(r"\$\{(\w+):-([^}]+)\}", text("compose.yaml")):
        assert f"\n{name}={default}\n" in text("env.example")


def test_the_scrape_reads_every_rule_file() -> None:
    named = re.findall(r"rule_files: \[(.+)\]", text("prometheus", "scrape.yml"))
    assert named == ["recording.yml, alerts.yml"]
    assert {path.name for path in PROMETHEUS.iterdir()} >= {"recording.yml", "alerts.yml"}
