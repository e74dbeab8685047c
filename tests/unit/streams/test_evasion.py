"""Ways to hide a training: nothing at strength 0, dearer with strength, the same operations."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from streams.simulation.background import labelled
from streams.simulation.cloud import END_MS
from streams.simulation.evasion import (
    DISGUISES,
    Training,
    cost_ratio,
    disguise,
    operations,
    sheets,
)
from streams.simulation.families import family
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits

WINDOW = (END_MS - 100 * DAY_MS, END_MS)
STRENGTHS = (0.1, 0.25, 0.5, 0.75, 1.0)
#: Whole devices and whole minutes: operations are kept to a thousandth.
ROUNDING = 1e-3
NAMES = tuple(DISGUISES)
#: What these give up is no computing: the meters, or the time of the calendar.
FREE = {"low_precision", "counter_tampering", "counters_off"}


def training(seed: int = 5) -> Training:
    kind = replace(family("pretraining"), devices=(128.0, 1024.0), hours=(240.0, 1200.0))
    drawn = labelled(np.random.default_rng(seed), (kind,), 1, Limits(WINDOW, 250))
    return Training(drawn, WINDOW)


def hidden(name: str, strength: float, plain: Training) -> Training:
    return disguise(plain, name, strength, np.random.default_rng(7))


@pytest.mark.parametrize("name", NAMES)
def test_strength_nothing_changes_nothing(name: str) -> None:
    plain = training()
    assert hidden(name, 0.0, plain) == plain


@pytest.mark.parametrize("name", NAMES)
def test_every_strength_shows_another_plan(name: str) -> None:
    plain = training()
    assert hidden(name, 0.5, plain).pieces != plain.pieces


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_operations_of_the_model_are_kept(name: str, seed: int) -> None:
    plain = training(seed)
    kept = [operations(hidden(name, each, plain)) / operations(plain) for each in STRENGTHS]
    assert kept == pytest.approx([1.0] * len(STRENGTHS), rel=ROUNDING)


@pytest.mark.parametrize("name", NAMES)
def test_the_cost_grows_with_the_strength(name: str) -> None:
    plain = training()
    costs = [cost_ratio(plain, hidden(name, each, plain)) for each in STRENGTHS]
    if name in FREE:
        assert costs == pytest.approx([0.0] * len(STRENGTHS), abs=ROUNDING)
        return
    grown = [later - earlier for earlier, later in zip(costs, costs[1:], strict=False)]
    assert min(grown) > -ROUNDING
    assert costs[-1] > max(0.01, costs[0])


@pytest.mark.parametrize("name", NAMES)
def test_every_piece_lies_in_the_window_and_has_a_name_of_its_own(name: str) -> None:
    pieces = hidden(name, 1.0, training()).pieces
    assert all(WINDOW[0] <= piece.start_ms < piece.end_ms <= WINDOW[1] for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_disguise(name: str) -> None:
    plain = training()
    assert hidden(name, 0.8, plain) == hidden(name, 0.8, plain)


def test_the_table_tells_of_every_disguise_in_its_order() -> None:
    assert tuple(sheets()) == NAMES
    assert len(NAMES) >= 14


def test_resting_devices_cost_what_the_plan_says() -> None:
    plain = training()
    resting = hidden("duty_cycle_padding", 1.0, plain)
    assert cost_ratio(plain, resting) == pytest.approx(1.0, rel=ROUNDING)
    assert resting.pieces[0].level("tensor") == plain.pieces[0].level("tensor") / 2


def test_counters_that_were_tampered_with_read_low_over_the_same_work() -> None:
    plain = training()
    tampered = hidden("counter_tampering", 1.0, plain)
    assert tampered.pieces[0].level("tensor") == pytest.approx(plain.pieces[0].level("tensor") / 10)
    assert tampered.pieces[0].level("power") == plain.pieces[0].level("power")


def test_accounts_are_cut_and_held_by_fronts() -> None:
    tenant = training().pieces[0].tenant_id
    split = hidden("account_splitting", 1.0, training())
    assert {piece.tenant_id for piece in split.pieces} == {
        tenant,
        *(f"{tenant}-a{number}" for number in range(1, 8)),
    }
    assert len(split.fronted) == 8
    assert len(hidden("account_splitting", 0.5, training()).fronted) == 2
    assert {piece.data_ref for piece in split.pieces} == {None}


def test_slices_hold_a_part_of_a_device_each() -> None:
    sliced = hidden("device_slicing", 1.0, training()).pieces[0]
    assert sliced.partition_fraction == pytest.approx(1 / 7)
    assert sliced.device_count % 7 == 0


def test_stretches_follow_each_other_and_each_is_a_job() -> None:
    pieces = hidden("short_preemptible", 1.0, training()).pieces
    gaps = [b.start_ms - a.end_ms for a, b in zip(pieces, pieces[1:], strict=False)]
    assert set(gaps) == {HOUR_MS // 2}
    assert len({piece.job_id for piece in pieces}) == len(pieces) == 40
    assert {piece.purchase_option for piece in pieces} == {"spot"}


def test_growth_holds_more_devices_from_step_to_step_under_one_job() -> None:
    pieces = hidden("small_then_grow", 1.0, training()).pieces
    held = [piece.device_count for piece in pieces]
    assert held == sorted(held)
    assert held[-1] > 4 * held[0]
    assert len({piece.job_id for piece in pieces}) == 1


@pytest.mark.parametrize(
    ("name", "strength", "message"),
    [
        ("magic", 0.5, "expected a disguise out of ['account_splitting'"),
        ("region_hop", 1.5, "expected a strength from 0 to 1 of region_hop, got 1.5"),
    ],
)
def test_what_is_no_disguise_is_refused(name: str, strength: float, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        hidden(name, strength, training())
