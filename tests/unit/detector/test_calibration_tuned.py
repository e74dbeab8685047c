"""How far the high end of long runs must reach for tuned work with the pauses of long ones."""

from __future__ import annotations

import polars as pl
import pytest

from detector.calibration.cases import CASES
from detector.calibration.tuned import Held, tuned_above, tuned_page, with_tuned
from features.prior import flat

PAUSES = pl.DataFrame({"owner": ["a"] * 10, "pause_ratio": [1.0] + [0.5] * 9})
PRIOR = flat(0.1, 0.2, 0.4)


def short(*told: tuple[str, str, float]) -> pl.DataFrame:
    rows = [
        {"generation": name, "configuration": system, "share": share, "devices": 8.0}
        for name, system, share in told
    ]
    return pl.DataFrame(rows, schema_overrides={"share": pl.Float64}).select(
        pl.col(name).cast(dtype) if name in rows[0] else pl.lit(None, dtype).alias(name)
        for name, dtype in CASES.items()
    )


def test_nine_in_ten_of_tuned_runs_with_their_pauses_lie_below_the_high_end() -> None:
    found = tuned_above(short(("new", "s", 0.8), ("old", "t", 0.1)), PAUSES, PRIOR)
    assert 0.301 < found["new"] < 0.602
    assert found == {"new": pytest.approx(0.452, abs=0.01), "old": 0.0}


def test_repeats_of_one_configuration_weigh_one() -> None:
    once = short(("new", "s", 0.8), ("new", "t", 0.2))
    often = short(("new", "s", 0.8), *[("new", "t", 0.2)] * 50)
    paused = pl.DataFrame({"owner": ["a"], "pause_ratio": [1.0]})
    assert tuned_above(once, paused, PRIOR)["new"] > 0.55
    assert tuned_above(often, paused, PRIOR)["new"] > 0.55


def test_without_tuned_runs_or_known_pauses_long_runs_speak_alone() -> None:
    runs = short(("new", "s", 0.8))
    assert with_tuned(PRIOR, runs.clear(), PAUSES) == PRIOR
    assert with_tuned(PRIOR, runs, PAUSES.clear()) == PRIOR
    assert with_tuned(PRIOR, runs, PAUSES).old.tuned.keys() == {"new"}


def test_the_page_tells_what_is_held_and_how_wide_it_makes_the_interval() -> None:
    lines = tuned_page([Held("hopper", 55, 0.9, 0.67, 0.5, 6.7, 4.8)]).splitlines()
    assert lines[-1] == "| hopper | 55 | 0.90 | 0.67 | 0.50 | 6.7 | 4.8 |"
