"""The utilisation prior as data: what the shipped file says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from detector.errors import PolicyError
from detector.policy.utilisation import parse_utilisation
from features.prior import shares

SHIPPED = (
    Path(__file__).parents[3] / "detector" / "policy" / "reference" / "utilisation.toml"
).read_text(encoding="utf-8")


def edited(section: str, old: str, new: str) -> str:
    at = SHIPPED.index(f"[{section}]")
    return SHIPPED[:at] + SHIPPED[at:].replace(old, new, 1)


def test_the_shipped_prior_is_in_order_for_whatever_is_metered() -> None:
    prior = parse_utilisation(SHIPPED).prior()
    generations = [None, "hopper", "blackwell", "tpu", "ampere", "not yet built"]
    axes = {
        "generation": generations,
        "devices": [None, 1.0, 8.0, 512.0, 1e5],
        "age_hours": [None, 0.01, 1.0, 20.0, 100.0, 1e4],
        "stated_bits": [None, 4, 8, 16, 32, 64],
        "service_class": [None, "vm"],
        "is_eight_bit_open": [None, True],
    }
    frame = pl.DataFrame({"generation": generations})
    for name, values in list(axes.items())[1:]:
        frame = frame.join(pl.DataFrame({name: values}), how="cross")
    found = frame.select(**shares(prior))
    assert found.filter(
        ~(
            (pl.col("prior_low") > 0.0)
            & (pl.col("prior_low") <= pl.col("prior_expected"))
            & (pl.col("prior_expected") <= pl.col("prior_high"))
            & (pl.col("prior_expected") <= prior.most_expected)
            & (pl.col("prior_high") <= prior.high_ceiling)
        )
    ).is_empty()


def test_months_on_many_devices_are_expected_to_reach_a_fifth_to_a_half_of_the_peak() -> None:
    prior = parse_utilisation(SHIPPED).prior()
    row = pl.DataFrame(
        {
            "generation": ["ampere", "hopper", "unheard of"],
            "devices": [1024.0] * 3,
            "age_hours": [1000.0] * 3,
            "stated_bits": pl.Series([None] * 3, dtype=pl.Int32),
            "service_class": pl.Series([None] * 3, dtype=pl.String),
            "is_eight_bit_open": [True] * 3,
        }
    )
    expected = row.select(**shares(prior))["prior_expected"].to_list()
    assert all(0.2 < share < 0.5 for share in expected)


def test_a_curve_that_does_not_ascend_is_refused() -> None:
    broken = edited("old.device_hours", "knots = [[", "knots = [[9e9, 0.1], [")
    with pytest.raises(PolicyError, match=r"utilisation\.toml: old\.device_hours: .*ascend"):
        parse_utilisation(broken)


def test_shares_out_of_order_are_refused() -> None:
    broken = edited("algorithmic", "low = ", "low = 0.99 # ")
    with pytest.raises(PolicyError, match=r"utilisation\.toml: algorithmic: .*low <= expected"):
        parse_utilisation(broken)


def test_an_idle_power_above_the_busy_one_is_refused() -> None:
    broken = edited("wall", "idle_ratio = ", "idle_ratio = 0.95 # ")
    with pytest.raises(PolicyError, match=r"utilisation\.toml: wall: .*idle_ratio below"):
        parse_utilisation(broken)


def test_ages_out_of_order_are_refused() -> None:
    broken = SHIPPED.replace("young_until_hours = ", "young_until_hours = 500.0 # ", 1)
    with pytest.raises(PolicyError, match=r"young_until_hours below old_from_hours"):
        parse_utilisation(broken)
