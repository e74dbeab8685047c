"""Fitting and scoring the prior: what is made up must be found again, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from detector.calibration.cases import (
    CASES,
    Sample,
    benchmark_cases,
    ordinary_cases,
    published_cases,
    sample,
)
from detector.calibration.choice import choose, folds_of, residuals
from detector.calibration.correlation import correlation
from detector.calibration.fitting import young_widths
from detector.calibration.names import resolve
from detector.calibration.regression import Form, fit
from detector.calibration.scores import binomial, resampled, score
from detector.calibration.widths import few_of, quantile, rounds_width, widths
from features.prior import flat, shares

FORM = Form(0.01, 0.01, 0.6, (10.0, 1000.0), (1.0, 100.0))


def made(count: int = 200, hours_slope: float = 0.1, devices_slope: float = -0.1) -> Sample:
    random = np.random.default_rng(1)
    generation = np.array(["one", "two"] * (count // 2))
    hours, devices = random.uniform(1.0, 3.0, count), random.uniform(0.0, 2.0, count)
    share = -0.5 + 0.1 * (generation == "two") + hours_slope * (hours - 1) + devices_slope * devices
    groups = np.array([f"g{i % 20}" for i in range(count)])
    return Sample(share, hours, devices, generation, groups, np.ones(count))


def test_a_line_without_noise_is_found_again() -> None:
    line = fit(made(), FORM)
    assert np.abs(line.predict(made()) - made().log_share).max() < 0.005
    two_over_one = line.generations["two"] - line.generations["one"]
    assert two_over_one == pytest.approx(0.1, abs=0.001)


def test_a_run_far_from_all_others_does_not_move_the_line() -> None:
    clean = made()
    shares_with_failure = clean.log_share.copy()
    shares_with_failure[0] -= 2.0
    line = fit(replace(clean, log_share=shares_with_failure), FORM)
    assert np.abs(line.predict(clean) - clean.log_share).max() < 0.01


def test_more_hours_never_lower_the_share_and_more_devices_never_raise_it() -> None:
    line = fit(made(hours_slope=-0.1, devices_slope=0.1), FORM)
    assert line.hours_steps.tolist() == [0.0]
    assert line.device_steps.tolist() == [0.0]


def test_the_fitted_line_and_the_product_say_the_same() -> None:
    cases = made()
    line = fit(cases, FORM)
    base = flat(0.1, 0.2, 0.4)
    regime = replace(
        base.old,
        centre=line.centre,
        generations=line.generations,
        device_hours=line.device_hours_curve(),
        devices=line.devices_curve(),
    )
    prior = replace(base, young=regime, old=regime, ceiling=10.0, high_ceiling=10.0)
    frame = pl.DataFrame(
        {
            "generation": cases.generation,
            "devices": 10**cases.log_devices,
            "age_hours": 10 ** (cases.log_hours - cases.log_devices),
            "stated_bits": pl.Series([None] * len(cases), dtype=pl.Int32),
            "service_class": pl.Series([None] * len(cases), dtype=pl.String),
            "is_eight_bit_open": pl.Series([None] * len(cases), dtype=pl.Boolean),
        }
    )
    product = frame.select(shares(prior)["prior_expected"].log10()).to_series().to_numpy()
    assert np.abs(product - line.predict(cases)).max() < 1e-9


def test_a_case_is_judged_by_a_line_that_did_not_see_its_group() -> None:
    cases = made()
    shifted = cases.log_share + 0.3 * (cases.group == "g0")
    errors = residuals(replace(cases, log_share=shifted), FORM, None)
    assert errors[cases.group == "g0"] == pytest.approx(0.3, abs=0.02)


def test_every_group_is_left_out_once() -> None:
    groups = np.array(["b", "a", "c", "a"])
    whole = np.sum(folds_of(groups, None), axis=0)
    assert whole.tolist() == [1, 1, 1, 1]
    assert len(folds_of(groups, 2)) == 2


def test_the_form_that_predicts_best_is_chosen() -> None:
    stiff = replace(FORM, generation_ridge=1e6, curve_ridge=1e6)
    assert choose(made(), [stiff, FORM]) == FORM


def test_widths_leave_out_the_tails_they_name() -> None:
    errors = np.linspace(-1.0, 1.0, 1001)
    found = widths(errors, np.array(["one"] * 1001), np.ones(1001))
    assert (round(found.below, 2), round(found.above, 2)) == (0.84, 0.96)
    assert (errors < -found.below).mean() == pytest.approx(0.08, abs=0.002)
    assert (errors > found.above).mean() == pytest.approx(0.02, abs=0.002)


def test_a_generation_of_few_configurations_is_named() -> None:
    generations = np.array(["many"] * 9 + ["few"] * 4)
    assert few_of(generations, np.ones(13)) == {"few"}
    assert few_of(generations, np.full(13, 0.1)) == {"few", "many"}


def test_a_quantile_lies_between_cases() -> None:
    assert quantile(np.array([3.0, 1.0, 2.0]), 0.5, np.ones(3)) == 2.0
    assert quantile(np.array([1.0, 2.0]), 0.5, np.array([1.0, 1.0])) == 1.5


def test_errors_of_one_part_that_are_alike_are_told_from_those_that_are_not() -> None:
    random = np.random.default_rng(3)
    common = np.repeat(random.normal(size=100), 4)
    owners = [f"o{i // 4}" for i in range(400)]
    parts = [f"p{i}" for i in range(400)]
    alike = correlation(common, owners, parts, is_same_part=False, seed=1)
    apart = correlation(random.normal(size=400), owners, parts, is_same_part=False, seed=1)
    assert alike.estimate == pytest.approx(1.0)
    assert apart.low < 0.0 < apart.high < 0.4
    assert (alike.owner_count, alike.pair_count) == (100, 600)


def test_a_score_counts_what_lies_past_each_end() -> None:
    truth = np.array([0.0, 0.0, 0.0, 0.0])
    bounds = np.array([[-0.1, 0.1, -0.3, -0.1], [0.0, 0.2, -0.2, 0.1], [0.1, 0.3, -0.1, 0.2]])
    found = score(truth, bounds, np.array(["a", "a", "b", "c"]))
    assert (found.below_count, found.above_count, found.coverage.estimate) == (1, 1, 0.5)
    assert found.median_error.estimate == pytest.approx(0.15)
    assert (found.case_count, found.group_count) == (4, 3)


def test_the_binomial_interval_is_exact() -> None:
    found = binomial(90, 100)
    assert (round(found.low, 4), round(found.high, 4)) == (0.8238, 0.951)
    assert binomial(0, 10).low == 0.0
    assert binomial(10, 10).high == 1.0


def test_drawing_groups_again_is_wider_than_drawing_cases() -> None:
    values = np.repeat(np.random.default_rng(5).normal(size=20), 10)
    whole = resampled(values, np.repeat([f"g{i}" for i in range(20)], 10), seed=1)
    single = resampled(values, np.array([f"g{i}" for i in range(200)]), seed=1)
    assert whole.high - whole.low > 2 * (single.high - single.low)


ACCELERATORS = pl.DataFrame(
    {
        "alias_key": ["h100-sxm5-80gb", "h100", "h200-nvl-141gb", "h200-sxm-141gb", "gaudi 2"],
        "sku": ["H100-SXM5-80GB", "H100-SXM5-80GB", "H200-NVL-141GB", "H200-SXM-141GB", "Gaudi2"],
        "family": ["hopper", "hopper", "hopper", "hopper", "gaudi2"],
        "peak_16bit": [1e15, 1e15, 8e14, 1e15, 4e14],
        "tdp_w": [700.0, 700.0, 600.0, 700.0, 600.0],
    }
)


def test_a_spelling_means_the_kind_with_most_words_in_common() -> None:
    names = ["NVIDIA H200-NVL-141GB", "NVIDIA H100-SXM-80GB", "Intel(R) Gaudi(R) 2 AI Accelerator"]
    assert resolve([*names, "Abacus"], ACCELERATORS) == {
        names[0]: "H200-NVL-141GB",
        names[1]: "H100-SXM5-80GB",
        names[2]: "Gaudi2",
    }


def test_benchmark_runs_become_cases() -> None:
    row = pl.DataFrame(
        {
            "run_id": ["r", "s"],
            "round": ["v1", "v1"],
            "submitter": ["A", "A"],
            "system": ["x", "x"],
            "benchmark": ["gpt", "resnet"],
            "accelerators": [8, 8],
            "accelerator_model": ["NVIDIA H100", "NVIDIA H100"],
            "duration_s": [3600.0, 3600.0],
            "train_flop_6nd": [1.44e19, None],
        }
    )
    found = benchmark_cases(row, ACCELERATORS)
    assert found.schema == CASES
    columns = ("case_id", "generation", "age_hours", "device_hours", "share")
    assert found.select(columns).rows() == [("r", "hopper", 1.0, 8.0, 0.5)]


def test_published_runs_become_cases_only_with_metered_hours_and_operations_of_their_own() -> None:
    row = {
        "model": "M",
        "developer": "D",
        "publication_date": "2024-05-06",
        "chip_sku": "H100-SXM5-80GB",
        "chip_count": 100,
        "wall_clock_hours": None,
        "chip_hours": 1000.0,
        "hours_kind": "metered",
        "precision": "fp8",
        "independent_flop": 3.6e21,
        "compute_6nd_flop": 3.6e21,
        "published_flop_basis": "a rate x time",
        "implied_utilisation_16bit_basis": 1.0,
        "confidence": "high",
    }
    rate = {"published_flop_basis": "developer (measured rate x time)"}
    by_stage = {"published_flop_basis": "6ND per growth stage"}
    rows = pl.DataFrame(
        [
            row,
            {**row, "model": "N", "hours_kind": "assumed"},
            {**row, "model": "O", "compute_6nd_flop": None, **rate},
            {**row, "model": "P", "compute_6nd_flop": None, **by_stage},
        ]
    )
    found = published_cases(rows, ACCELERATORS)
    columns = ("case_id", "age_hours", "stated_bits", "share")
    assert found.select(columns).rows() == [("M", 10.0, 8, 1.0), ("P", 10.0, 8, 1.0)]
    assert found["told_on"].unique().to_list() == [date(2024, 5, 6)]


def test_every_configuration_weighs_one() -> None:
    row = dict.fromkeys(CASES, None) | {
        "population": "benchmark",
        "configuration": "x",
        "share": 0.5,
        "device_hours": 10.0,
        "group": "g",
        "generation": "hopper",
    }
    cases = pl.DataFrame([row, row, {**row, "configuration": "y"}], schema=CASES)
    assert sample(cases).weight.tolist() == [0.5, 0.5, 1.0]


def test_the_word_of_few_cases_is_believed_in_part() -> None:
    cases = made(202)
    generation = np.array(["one"] * 200 + ["new"] * 2)
    low = replace(cases, generation=generation, log_share=np.array([-0.5] * 200 + [-0.8] * 2))
    line = fit(low, replace(FORM, generation_ridge=4.0, curve_ridge=1e6))
    effect = line.generations["new"] - line.generations["one"]
    assert -0.15 < effect < -0.05


def test_a_round_that_was_not_seen_may_lie_as_far_either_way() -> None:
    errors = np.concatenate([np.full(50, -0.2), np.linspace(-0.1, 0.1, 950)])
    one = np.array(["one"] * 1000)
    assert rounds_width(errors, one, np.ones(1000)) == pytest.approx(0.0947, abs=0.001)
    assert rounds_width(-errors, one, np.ones(1000)) == rounds_width(errors, one, np.ones(1000))


def test_rows_of_a_throughput_table_become_short_runs() -> None:
    rows = pl.DataFrame({"GPU": ["h100", "abacus"], "# GPUs": [8, 8], "MFU": [40.0, 50.0]})
    found = ordinary_cases(rows, ACCELERATORS)
    assert found.schema == CASES
    columns = ("population", "generation", "devices", "age_hours", "device_hours", "share")
    assert found.select(columns).rows() == [
        ("ordinary", "hopper", 8.0, 1.0, 8.0, 0.4),
        ("ordinary", "hopper", 8.0, 8.0, 64.0, 0.4),
    ]


def test_the_low_end_of_short_runs_reaches_the_least_of_ordinary_work() -> None:
    random = np.random.default_rng(7)
    row = dict.fromkeys(CASES, None) | {"population": "benchmark", "generation": "one"}
    tuned = pl.DataFrame(
        [
            row
            | {
                "case_id": str(n),
                "configuration": str(n),
                "group": f"g{n % 10}",
                "round": f"r{n % 3}",
                "share": float(10 ** random.normal(-0.3, 0.02)),
                "device_hours": 16.0,
                "devices": 8.0,
            }
            for n in range(60)
        ],
        schema=CASES,
    )
    least = tuned.head(1).with_columns(share=pl.lit(0.25), population=pl.lit("ordinary"))
    line = fit(sample(tuned), FORM)
    found = young_widths(tuned, line, least)
    distance = float(line.predict(sample(least))[0]) - np.log10(0.25)
    assert found.below == pytest.approx(distance)
    assert found.above < 0.1
    assert young_widths(tuned, line, least.clear()).below < 0.1
