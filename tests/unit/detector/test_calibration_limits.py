"""What the runs at hand could show at all, and what a closer interval would leave out."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from detector.calibration.cases import CASES
from detector.calibration.judged import Judged
from detector.calibration.mixed import mixed, mixed_page
from detector.calibration.paired import paces, pairs, pairs_page
from detector.calibration.scores import Interval
from detector.calibration.sureness import sureness, sureness_page
from features.prior import Curve, flat


def judged(factors: list[float]) -> Judged:
    """Give runs of one owner each whose expected figure is so many times the truth."""
    rows = [
        dict.fromkeys(CASES)
        | {"case_id": f"run-{n}", "owner": f"o{n}", "group": f"o{n}", "operations": 1e20}
        | {"share": 0.3 * (1.0 + 0.01 * (n % 7))}
        for n in range(len(factors))
    ]
    expected = pl.Series("expected", factors) * 1e20
    return Judged(
        pl.DataFrame(rows, schema=CASES).with_columns(
            low=expected, expected=expected, high=expected
        )
    )


def test_half_the_gain_takes_four_times_the_owners() -> None:
    one, half = (sureness(Interval(gain, gain - 0.0196, gain + 0.0196), 10) for gain in (0.1, 0.05))
    assert [one.least, half.least] == pytest.approx([0.028, 0.028])
    assert (one.owners, half.owners) == (1, 4)
    assert sureness(Interval(0.014, -0.0056, 0.0336), 10).owners == 40


def test_no_number_of_owners_shows_a_gain_that_is_a_loss() -> None:
    assert sureness(Interval(-0.01, -0.03, 0.01), 10).owners is None
    assert sureness(Interval(0.0, -0.03, 0.03), 10).owners is None


def test_only_constants_that_are_not_surely_beaten_are_told() -> None:
    found = sureness_page([("good", judged([1.0] * 9)), ("bad", judged([3.0] * 9))])
    rows = [line for line in found.splitlines() if line.startswith(("| good", "| bad"))]
    assert [line.split(" | ")[0] for line in rows] == ["| bad"] * 4
    assert all(line.endswith("| none: it loses |") for line in rows)


def test_a_low_end_that_leaves_more_ordinary_work_out_leaves_more_tuned_work_out() -> None:
    tuned = judged([10 ** (n / 500 - 0.1) for n in range(101)])
    ordinary = judged([10 ** (n / 100 - 0.5) for n in range(101)])
    found = mixed(ordinary, tuned)
    assert [each.ordinary_below for each in found] == [0.0, 0.05, 0.10, 0.20, 0.30]
    assert [round(each.tuned_below * 101) for each in found] == [0, 0, 0, 0, 0]
    low = mixed(judged([1.0] * 10), tuned)[0]
    assert round(low.tuned_below * 101) == 50
    assert low.above is None
    assert low.held.estimate == pytest.approx(49 / 101)
    assert found[0].above == pytest.approx(0.1)
    assert found[0].held.estimate == pytest.approx(99 / 101)
    last = mixed_page([low]).splitlines()[-1]
    assert last.startswith("| 0% | 49.5% | 0.485 [")
    assert last.endswith("| **missed** | - |")


ROWS = pl.DataFrame(
    {
        "run_id": ["a", "b", "c", "d", "e"],
        "submitter": ["S", "S", "S", "T", "S"],
        "benchmark": ["vision", "vision", "vision", "vision", "speech"],
        "accelerators": [8, 80, 80, 8, 8],
        "accelerator_model": ["H100", "H100", "H100", "H100", "Abacus"],
        "duration_s": [1000.0, 200.0, 200.0, 1000.0, 10.0],
        "last_eval_count": [8000.0, 8000.0, 8000.0, None, 1.0],
    }
)
KINDS = pl.DataFrame({"alias_key": ["h100"], "sku": ["H100-SXM5-80GB"]})


def test_a_pace_is_of_one_accelerator_and_needs_a_count_and_a_known_kind() -> None:
    found = paces(ROWS, KINDS)
    assert found.select("case_id", "sku", "devices", "pace").rows() == [
        ("a", "H100-SXM5-80GB", 8.0, 1.0),
        ("b", "H100-SXM5-80GB", 80.0, 0.5),
        ("c", "H100-SXM5-80GB", 80.0, 0.5),
    ]


def test_power_is_asked_only_for_what_the_count_does_not_foretell() -> None:
    base = flat(0.1, 0.3, 0.5)
    falls = Curve(((8.0, 0.0), (80.0, -0.20103)), 0.0)
    prior = replace(base, young=replace(base.young, devices=falls))
    # Busy power above rest, 0.65 of rated power at 1 and half of that: 10 times 0.30103 in log10.
    metered = paces(ROWS, KINDS).with_columns(power_ratio=pl.Series([1.0, 0.675, 0.675]))
    (found,) = pairs(metered, prior)
    assert (found.benchmark, found.devices, found.run_count) == ("vision", (8, 80), 3)
    assert [found.seen, found.busy] == pytest.approx([-0.30103, -0.30103])
    assert found.foretold == pytest.approx(-0.20103)
    assert found.exponent == pytest.approx(0.1 / 0.30103)
    assert "| vision | 8 to 80 | 3 | -0.301 | -0.201 | -0.301 | +0.33 |" in pairs_page([found])


def test_a_benchmark_on_one_count_tells_nothing() -> None:
    alone = paces(ROWS, KINDS).filter(case_id="a").with_columns(power_ratio=pl.lit(1.0))
    assert pairs(alone, flat(0.1, 0.3, 0.5)) == []
