"""The parts of the validation page: judged runs, sums, simulated telemetry, plots."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from detector.calibration.cases import CASES
from detector.calibration.judged import baselines, judge
from detector.calibration.simulated import Assumed, assumed, runs
from detector.calibration.sums import by_owner, portfolios, sums_of
from detector.calibration.svg import Point, bars, scatter
from detector.calibration.trials import estimated, usage_of
from detector.correlated import Correlations
from features.prior import flat
from tests.support.usage_rows import small_catalogue

PEAK = 1e15


def case(number: int, share: float = 0.3, hours: float = 2.0) -> dict[str, object]:
    device_hours = hours * 8
    return dict.fromkeys(CASES) | {
        "population": "benchmark",
        "case_id": f"run-{number}",
        "owner": f"owner-{number % 3}",
        "group": f"owner-{number % 3}",
        "configuration": f"system-{number}",
        "sku": "H100",
        "generation": "hopper",
        "devices": 8.0,
        "age_hours": hours,
        "device_hours": device_hours,
        "operations": share * device_hours * 3600 * PEAK,
        "peak_16bit": PEAK,
        "share": share,
    }


CASES_MADE = pl.DataFrame([case(n, 0.2 + 0.02 * n) for n in range(9)], schema=CASES)
CATALOGUE = small_catalogue()


def test_a_run_is_estimated_by_the_product_at_the_share_of_the_prior() -> None:
    found = estimated(usage_of(CASES_MADE), CATALOGUE, flat(0.1, 0.3, 0.5))
    spent = 16 * 3600 * PEAK
    assert found["case_id"].to_list() == [f"run-{n}" for n in range(9)]
    for name, share in (("low", 0.1), ("expected", 0.3), ("high", 0.5)):
        assert found[name].to_list() == pytest.approx([share * spent] * 9)


def test_a_run_of_months_is_metered_in_events_of_a_month() -> None:
    long = pl.DataFrame([case(1, hours=2000.0)], schema=CASES)
    usage = usage_of(long)
    assert usage.height == 3
    hours = (usage["end"] - usage["start"]).dt.total_milliseconds().sum() / 3_600_000
    assert hours == 2000.0


def test_a_prior_that_knows_the_answer_beats_every_constant() -> None:
    folds = [
        (CASES_MADE.filter(case_id=name), flat(share / 2, share, share * 2))
        for name, share in CASES_MADE.select("case_id", "share").iter_rows()
    ]
    judged = judge(folds, CATALOGUE)
    assert judged.score().median_error.estimate == pytest.approx(0.0, abs=1e-6)
    assert judged.score().coverage.estimate == 1.0
    assert all(each.gain.low > 0.0 for each in baselines(judged))


def test_sums_are_narrower_when_errors_are_apart_and_cover_what_they_hold() -> None:
    judged = judge([(CASES_MADE, flat(0.1, 0.3, 0.6))], CATALOGUE)
    apart = sums_of("apart", by_owner(judged), Correlations(0.0, 0.0))
    alike = sums_of("alike", by_owner(judged), Correlations(1.0, 1.0))
    assert apart.ratio < alike.ratio == pytest.approx(alike.plain_ratio)
    assert (alike.count, alike.coverage.estimate) == (3, 1.0)


def test_portfolios_take_developers_whole_and_are_drawn_the_same_each_time() -> None:
    judged = judge([(CASES_MADE, flat(0.1, 0.3, 0.6))], CATALOGUE)
    drawn = portfolios(judged, 2, seed=1)
    assert drawn.group_by("portfolio").len()["len"].unique().to_list() == [6]
    assert drawn.equals(portfolios(judged, 2, seed=1))


KINDS = pl.DataFrame(
    {
        "sku": ["H100-SXM5-80GB", "A100-SXM4-80GB", "B200-SXM"],
        "family": ["hopper", "ampere", "blackwell"],
        "peak_16bit": [1e15, 3e14, 2e15],
        "peak_fp8": [2e15, None, 4e15],
        "tdp_w": [700.0, 400.0, 1000.0],
    }
)
DRAWN = Assumed(pl.Series([0.75, 1.0]), 0.5)


def test_simulated_runs_do_not_execute_more_than_their_pipes_can() -> None:
    made = runs(KINDS, DRAWN, seed=5)
    widest = made.join(KINDS, on="sku").with_columns(
        most=pl.coalesce("peak_fp8", "peak_16bit") * pl.col("devices") * 900
    )
    assert widest.filter(pl.col("executed") > pl.col("most")).is_empty()
    assert made.filter(pl.col("operations") > pl.col("executed")).is_empty()
    assert made.equals(runs(KINDS, DRAWN, seed=5))
    assert not made.equals(runs(KINDS, DRAWN, seed=6))


def test_no_simulated_run_works_at_8_bit_on_a_chip_without_such_a_pipe() -> None:
    always, never = (
        runs(KINDS, Assumed(pl.Series([1.0]), share), seed=5).select("sku", "precision").unique()
        for share in (1.0, 0.0)
    )
    assert sorted(always.rows()) == [
        ("A100-SXM4-80GB", "bf16"),
        ("B200-SXM", "fp8"),
        ("H100-SXM5-80GB", "fp8"),
    ]
    assert never["precision"].unique().to_list() == ["bf16"]


def test_the_share_of_8_bit_runs_is_that_of_published_ones_that_could() -> None:
    published = [
        case(n) | {"population": "published", "stated_bits": bits, "sku": sku}
        for n, bits, sku in (
            (0, 8, "H100-SXM5-80GB"),
            (1, 16, "B200-SXM"),
            (2, None, "B200-SXM"),
            (3, 16, "A100-SXM4-80GB"),
        )
    ]
    made = pl.DataFrame([*published, case(4) | {"stated_bits": 8}], schema=CASES)
    assert assumed(made, pl.Series([1.0]), KINDS).stated_8bit_ratio == pytest.approx(1 / 3)


def test_plots_are_the_same_each_time_and_escape_what_they_are_given() -> None:
    points = [Point(1e20, 2e20, 1e20, 4e20, "a & b"), Point(1e22, 1e22, 5e21, 3e22, "c")]
    drawn = scatter("<plot>", "x", "y", points)
    assert drawn == scatter("<plot>", "x", "y", points)
    assert "&lt;plot&gt;" in drawn
    assert "a &amp; b" in drawn
    assert drawn.count("<circle") == 2
    assert bars("t", "x", [("one", 0.1, -0.2, 0.3)]).count("<circle") == 1


def test_the_usual_prior_is_taken_where_a_fold_gives_it() -> None:
    lower = replace(flat(0.1, 0.3, 0.5), ceiling=0.2, high_ceiling=0.2)
    found = estimated(usage_of(CASES_MADE), CATALOGUE, lower)
    assert found["expected"].to_list() == pytest.approx([0.2 * 16 * 3600 * PEAK] * 9)
