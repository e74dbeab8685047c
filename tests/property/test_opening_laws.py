"""Openings obey the laws of everything else: no order and no cut counts, and ledgers agree."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ledger import TOTALS
from detector.openings import openings
from tests.property.test_totals_laws import rows
from tests.support.usage_rows import BEGIN, HOUR
from tests.unit.detector.test_openings import Opened, ledgers, opening

EXAMPLES = max(1, settings().max_examples // 5)
limited = settings(max_examples=EXAMPLES)
Told = tuple[dict[str, Any], int]
FIGURES = [n for n in TOTALS if "operations" in n and n != "peak_operations"]


@st.composite
def amounts(draw: st.DrawFn) -> dict[str, Any]:
    low, expected, high = sorted(draw(st.floats(0, 1e26)) for _ in range(3))
    said = {"low": low, "expected": expected, "high": high}
    kept = draw(st.sets(st.sampled_from(sorted(said))))
    return {name: said[name] for name in said if name in kept}


@st.composite
def told(draw: st.DrawFn) -> Told:
    data = opening(
        draw(st.integers(-5, 60)) / 4,
        tenant_id=draw(st.sampled_from(["t1", "t2", "new"])),
        job_id=draw(st.sampled_from([None, "j1"])),
        data_ref=draw(st.sampled_from([None, "d1"])),
        basis=draw(st.sampled_from([None, "customer", "provider_estimate", "other_provider"])),
        accelerator_hours=draw(st.sampled_from([None, 0.0, 5.0, 1e5])),
        operations=draw(amounts()),
    )
    return data, draw(st.integers(0, 9))


stated = st.lists(told(), min_size=1, max_size=4)
metered = st.lists(rows(), max_size=5).map(tuple)


def held(given_: list[Told]) -> pl.DataFrame:
    ordered = sorted(enumerate(given_), key=lambda each: (each[1][1], each[0]))
    return openings((data, BEGIN + timedelta(days=30, hours=time)) for _, (data, time) in ordered)


@limited
@given(stated, metered, st.randoms(use_true_random=False))
def test_the_order_of_openings_and_of_usage_changes_nothing(
    given_: list[Told], usage: Opened, draw: random.Random
) -> None:
    distinct = [(data, number) for number, (data, _) in enumerate(given_)]
    shuffled, other = list(distinct), list(usage)
    draw.shuffle(shuffled)
    draw.shuffle(other)
    one, two = ledgers(held(distinct), rows=usage), ledgers(held(shuffled), rows=tuple(other))
    assert one.equals(two)


@limited
@given(stated, metered, st.integers(-8, 60))
def test_runs_tenants_and_owners_agree_to_the_last_operation(
    given_: list[Told], usage: Opened, sale: int
) -> None:
    sale_ms = int(BEGIN.timestamp()) * 1000 + sale * HOUR // 4
    sold = pl.DataFrame(
        [("t1", 0, -(2**62), sale_ms), ("t1", 1, sale_ms, 2**62)],
        {"tenant_id": pl.String, "segment": pl.Int32, "from_ms": pl.Int64, "to_ms": pl.Int64},
        orient="row",
    )
    holders = [("t1", 0, "seller"), ("t1", 1, "buyer"), ("t2", 0, "other"), ("new", 0, "third")]
    found = ledgers(held(given_), rows=usage, holders=holders, sold=sold)
    for name in ("operations_expected", "opening_operations_expected"):
        whole = {s: found.filter(scope=s)[name].sum() for s in ("tenant", "training_run", "owner")}
        assert len(set(whole.values())) == 1


@limited
@given(stated, metered)
def test_an_opening_never_lowers_what_was_metered(given_: list[Told], usage: Opened) -> None:
    before, after = ledgers(held([]), rows=usage), ledgers(held(given_), rows=usage)
    both = before.filter(scope="tenant").join(after.filter(scope="tenant"), on="id", suffix="_on")
    assert both.height == before.filter(scope="tenant").height
    for name in ("operations_low", "operations_expected", "operations_high", "accelerator_hours"):
        # Bounds are sums of fractions: 1e-12 is what their rounding may take.
        assert (both[f"{name}_on"] >= both[name] * (1 - 1e-12)).all()
    for scope in ("tenant", "training_run", "owner"):
        each = after.filter(scope=scope)
        assert (each["operations_low"] <= each["operations_expected"]).all()
        assert (each["operations_expected"] <= each["operations_high"]).all()
