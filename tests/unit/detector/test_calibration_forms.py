"""Other forms of the prior of long runs, and how alike the runs of one developer are."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from detector.calibration.cases import CASES
from detector.calibration.forms import (
    CHIP,
    ELAPSED,
    FORMS,
    MIDDLE,
    NEWER_LESS,
    NEWER_MORE,
    Siblings,
    doubts,
    forms_page,
    siblings,
    tried,
)
from detector.calibration.judged import Judged
from detector.calibration.scores import Interval


def case(number: int, owner: str, share: float, sku: str = "H100") -> dict[str, object]:
    return dict.fromkeys(CASES) | {
        "population": "published",
        "case_id": f"run-{number}",
        "owner": owner,
        "group": owner,
        "configuration": f"run-{number}",
        "sku": sku,
        "generation": "hopper",
        "device_hours": 1e5,
        "age_hours": 500.0,
        "share": share,
    }


def made(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=CASES)


def test_a_run_is_foretold_by_its_own_developers_others_on_the_same_chip_alone() -> None:
    found = siblings(
        made(
            case(0, "a", 0.1),
            case(1, "a", 0.1),
            case(2, "a", 0.2),
            case(3, "a", 0.9, sku="A100"),
            case(4, "b", 0.9),
        )
    )
    assert (found.run_count, found.pair_count) == (3, 1)
    assert found.median_error.estimate == pytest.approx(0.1505, abs=1e-4)


def test_every_form_is_judged_and_none_gains_where_all_runs_are_alike() -> None:
    found = tried(made(*(case(n, f"d{n % 4}", 0.25) for n in range(12))))
    placed = [ELAPSED, NEWER_LESS, NEWER_MORE, CHIP, MIDDLE]
    assert [each.name for each in found] == [*FORMS, *placed]
    assert {(round(each.median_error, 9), round(each.gain.high, 9)) for each in found} == {(0, 0)}
    page = forms_page(found, Siblings(3, 1, Interval(0.15, 0.1, 0.2)))
    assert page.count("\n| ") == len(found) + 1
    assert "is off by 0.150\n[0.100, 0.200]" in page


def test_a_share_that_falls_with_the_date_is_found_by_the_form_that_lets_it_fall() -> None:
    rows = [
        case(n, f"d{n}", 10 ** (-0.4 - 0.1 * (n % 5))) | {"told_on": date(2019 + n % 5, 7, 1)}
        for n in range(40)
    ]
    means = {each.name: each.mean_error for each in tried(made(*rows))}
    first = means[next(iter(FORMS))]
    assert means[NEWER_LESS] < 0.7 * first
    assert means[NEWER_MORE] == pytest.approx(first, rel=0.1)


def test_a_kind_of_chip_tells_more_than_its_generation_where_kinds_differ() -> None:
    rows = [
        case(n, f"d{n}", 0.4 if n % 2 else 0.2, sku="H100" if n % 2 else "H800") for n in range(40)
    ]
    means = {each.name: each.mean_error for each in tried(made(*rows))}
    assert means[CHIP] < 0.5 * means[next(iter(FORMS))]


def test_the_error_is_told_apart_by_how_sure_the_truth_is() -> None:
    cases = made(*(case(n, f"d{n}", 0.25 if n < 3 else 0.5) for n in range(6)))
    cases = cases.with_columns(operations=pl.lit(1e21))
    sure = pl.Series(["high"] * 3 + ["low"] * 3)
    figures = (pl.col("operations") * factor for factor in (0.5, 1.0, 2.0))
    bounds = dict(zip(("low", "expected", "high"), figures, strict=True))
    half = pl.when(pl.col("confidence") == "low").then(0.1).otherwise(1.0)
    judged = Judged(
        cases.with_columns(confidence=sure)
        .with_columns(**bounds)
        .with_columns(expected=pl.col("expected") * half)
    )
    (high, low) = doubts(judged).splitlines()[-2:]
    assert high.startswith("| high | 3 | 0.000 [0.000, 0.000] |")
    assert low.startswith("| low | 3 | 1.000 [1.000, 1.000] |")
