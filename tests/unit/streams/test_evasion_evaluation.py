"""The evaluation of disguises: cases as feature rows, strengths within a budget, tables."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest

from detector.calibration.scores import Interval
from streams.simulation.evasion import DISGUISES
from streams.training.evasion import page
from streams.training.evasion.cases import PIECES_PLAYED, hide, judged_trainings, measured
from streams.training.evasion.line import Fronts, Told, people, plain_training
from streams.training.evasion.recall import (
    COST_RATIO,
    Recall,
    affordable_strength,
    share_found,
    worst,
)

FOUND = {
    "all counters": Interval(0.5, 0.25, 0.75),
    "power alone": Interval(0.25, 0.1, 0.5),
    "allocation alone": Interval(1.0, 0.75, 1.0),
}
MIXED = Recall("mixed_serving", 0.3, True, 0.18, 1.0, FOUND, 40)
OVER = Recall("mixed_serving", 1.0, False, 1.0, 1.0, dict.fromkeys(FOUND, Interval(0, 0, 0)), 40)
PLAIN = Recall("none", 0.0, True, 0.0, 1.0, dict.fromkeys(FOUND, Interval(0, 0, 0)), 40)


def test_a_case_shows_as_one_row_a_job_and_keeps_what_it_was() -> None:
    plain = judged_trainings(3, 2)
    cases = hide(plain, "account_splitting", [0.2, 1.0], 3)
    rows = measured(cases, 3)
    assert rows.group_by("case").len().sort("case").rows() == [(0, 2), (1, PIECES_PLAYED)]
    assert rows["is_training"].to_list() == [True] * 8
    assert rows.group_by("case").agg(pl.col("weight").sum()).sort("case")["weight"].to_list() == (
        pytest.approx([1.0, 1.0])
    )
    assert rows["family"].unique().to_list() == ["account_splitting"]


def test_the_affordable_strength_costs_no_more_than_the_budget_and_the_next_does() -> None:
    trainings = judged_trainings(3, 4)
    strength = affordable_strength(trainings, "duty_cycle_padding")
    costs = [
        max(case.cost for case in hide(trainings, "duty_cycle_padding", [each] * 4, 1))
        for each in (strength, strength + 0.05)
    ]
    assert costs[0] <= COST_RATIO < costs[1]


def test_what_costs_nothing_is_affordable_at_full_strength() -> None:
    trainings = judged_trainings(3, 2)
    assert affordable_strength(trainings, "counter_tampering") == 1.0


def test_a_case_is_found_where_half_of_its_operations_are_called_training() -> None:
    called = pl.DataFrame(
        {
            "case": [0, 0, 1, 1],
            "operations": [1.0, 3.0, 1.0, 3.0],
            "is_called": [False, True, True, False],
        }
    )
    assert share_found(called, 2).estimate == 0.5
    assert share_found(called.clear(), 2).estimate == 0.0


def test_the_worst_is_looked_for_among_what_is_affordable_and_disguised() -> None:
    assert worst([PLAIN, MIXED, OVER], "power alone") == MIXED


def test_the_tables_name_the_worst_and_what_is_under_the_goal() -> None:
    assert page.verdict([PLAIN, MIXED, OVER]).splitlines()[1] == (
        "- power alone: the worst is mixed serving, 0.25 at strength 0.30 and 18% extra computing. "
        "Under 90%: mixed serving (0.25)."
    )
    assert page.recalls([MIXED]).splitlines()[-1] == (
        "| mixed serving | 0.30 | 18% | 1 | 40 | 0.50 (0.25 to 0.75) | 0.25 (0.10 to 0.50) "
        "| 1.00 (0.75 to 1.00) |"
    )
    assert len(page.disguises().splitlines()) == 2 + len(DISGUISES)


def test_the_picture_has_a_row_a_disguise_and_the_same_text_every_time() -> None:
    drawn = page.picture([PLAIN, MIXED, OVER])
    assert drawn == page.picture([PLAIN, MIXED, OVER])
    assert drawn.count("<circle") == 2 * len(page.DRAWN)


def test_what_the_line_says_is_counted_by_how_loud_it_is() -> None:
    lines = [
        Told("none", 0.0, 0.0, ("tenant",), (), 1.0),
        Told("region_hop", 1.0, 0.02, ("tenant",), ("threshold-passed",), 0.8),
        Told("counters_off", 1.0, 0.0, (), ("telemetry-silent",), 0.5),
        Told("counter_tampering", 1.0, 0.0, (), (), 0.1),
    ]
    assert page.outcome(lines).splitlines() == [
        "- Of 3 disguised trainings, 1 are reported, 1 more have a finding of medium severity or "
        "higher, 1 neither.",
        "- Findings alone: counters off (1.00).",
        "- Neither: counter tampering (1.00).",
        "- Counted least: counter tampering at strength 1.00, 0.10 of the true operations.",
    ]
    assert page.told(lines[1:2]).splitlines()[-1] == (
        "| region hop | 1.00 | 2% | 0.80 | tenant | threshold-passed |"
    )
    slightly_less = Told("counters_off", 0.5, -1e-9, (), (), 1.0)
    assert page.told([slightly_less]).splitlines()[-1] == (
        "| counters off | 0.50 | 0% | 1.00 | - | - |"
    )


def test_a_front_and_its_company_are_where_the_front_is_and_the_owner_is_told_in_the_truth() -> (
    None
):
    plain = plain_training()
    tenant_id = plain.pieces[0].tenant_id
    (customer,) = people(replace(plain, fronted=frozenset({tenant_id})), Fronts("US", "US"))
    assert (customer.owner_countries, customer.structure) == (("KZ",), "front")
    told = json.dumps([record.data for record in customer.records])
    assert "KZ" not in told
    assert "AE" not in told
    (owned,) = people(plain, Fronts("US", "US"))
    assert "KZ" in json.dumps([record.data for record in owned.records])
