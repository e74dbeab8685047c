"""Machines that are metered under one name are asked about; one that is metered twice is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from streams.cli import main
from tests.support.provider import Json, lines, pack, usage

NODE: Json = {"tenant_id": "acme", "accelerator_count": 8}
ASKED = (
    "Over 24 hours up to 10 events told of one resource at once, which 1 source metered; its time "
    "counts once. If they are machines of their own, 1,728 accelerator-hours are missing, "
    "6.15 × 10²¹ operations at full use: give each its own resource_id. If one machine was told of "
    "again, nothing is missing: send an event again under its first id."
)


def found(folder: Path, events: Sequence[Json], threshold: float) -> list[tuple[str, str]]:
    """Replay; give (severity, sentence) of what is asked about repeats."""
    folder.mkdir()
    (folder / "events.ndjson").write_bytes(lines(events))
    policy = ["--policy", str(pack(folder, threshold))]
    out = folder / "out"
    assert main(["replay", str(folder / "events.ndjson"), "--out", str(out), *policy]) == 0
    rows = [json.loads(line) for line in (out / "findings.ndjson").read_text().splitlines()]
    return [(r["severity"], r["because"]) for r in rows if r["rule_id"] == "resource-repeated"]


def test_ten_machines_under_one_name_are_as_severe_as_what_they_may_hide(tmp_path: Path) -> None:
    ten = [usage(f"{n}", 0, 24, **NODE) for n in range(10)]
    assert found(tmp_path / "large", ten, 5e21) == [("medium", ASKED)]


def test_a_machine_that_two_agents_meter_and_ends_that_overlap_are_no_question(
    tmp_path: Path,
) -> None:
    one = [usage("a", 0, 24, **NODE), usage("b", 23.9, 48, **NODE)]
    twice = [*one, *({**each, "source": "second"} for each in one)]
    assert found(tmp_path / "twice", twice, 1e21) == []


def test_machines_without_accelerators_under_one_name_lose_nothing(tmp_path: Path) -> None:
    bare: Json = {"tenant_id": "web", "instance_type": "m5.large", "accelerator": None}
    three = [usage(f"{n}", 0, 24, **bare, accelerator_count=None) for n in range(3)]
    assert found(tmp_path / "bare", three, 1e21) == []
