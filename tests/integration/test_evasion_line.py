"""A foreign training of three times the threshold is reported; one with false counters is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.meaning import Meaning
from streams.packaged import build_meaning, default_policies, read_classifier
from streams.simulation.evasion import Training, disguise
from streams.simulation.evasion.plan import kept
from streams.simulation.workload import DAY_MS
from streams.training.evasion.line import TRUE_OPERATIONS, plain_training, play


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return build_meaning(default_policies(), classifier=read_classifier())


@pytest.fixture(scope="module")
def short() -> Training:
    """The same operations on many more devices, so that there are few hours to assess."""
    plain = plain_training()
    wide = replace(plain.pieces[0], device_count=8 * 33 * 4096, cadence_ms=DAY_MS)
    return replace(plain, pieces=(kept(wide, TRUE_OPERATIONS, plain.window),))


def test_a_training_without_disguise_is_reported_for_itself_its_tenant_and_its_owner(
    short: Training, meaning: Meaning
) -> None:
    told = play(short, short, "none", 0.0, meaning)
    assert told.reports == ("owner", "tenant", "training_run")
    assert "threshold-passed" in told.findings
    assert 0.5 < told.seen < 1.5


def test_a_training_whose_counters_lie_is_asked_about(short: Training, meaning: Meaning) -> None:
    hidden = disguise(short, "counter_tampering", 1.0, np.random.default_rng(1))
    told = play(short, hidden, "counter_tampering", 1.0, meaning)
    asked = {"threshold-passed", "threshold-in-reach", "work-past-threshold"}
    assert asked & set(told.findings)
