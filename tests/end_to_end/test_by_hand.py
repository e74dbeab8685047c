"""Work written by hand, in which the simulation has no part, through the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.packaged import build_meaning, default_policies, read_classifier
from streams.training.by_hand import judged as by_hand


def test_what_meters_every_counter_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No service, renderer or model of weather passes for training; every training does."""
    monkeypatch.setattr(by_hand, "METERS", {"every counter": by_hand.METERS["every counter"]})
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    found = {name: told for (name, _), told in by_hand.judged(meaning, tmp_path).items()}
    works = by_hand.works()
    assert {name for name, told in found.items() if told >= 0.8} == {
        name for name, work in works.items() if work["trains"] and name != "rollouts"
    }
    assert found["chat_fleet"] < 0.5
    assert found["weather"] < 0.5
