"""Whether the interval of a sum covers: submitters' own runs, and drawn portfolios of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.judged import Judged
from detector.calibration.scores import Interval, binomial
from detector.correlated import Correlations, spared, squares

PORTFOLIOS: Final = 400
PORTFOLIO_RUNS: Final = (3, 10, 30)
DISTANCES: Final = ("down", "up")


@dataclass(frozen=True)
class Sums:
    """Coverage of sums. ``ratio``: median of high over low, beside the plain sum of bounds'."""

    name: str
    count: int
    coverage: Interval
    below_count: int
    above_count: int
    ratio: float
    plain_ratio: float


def sums_of(name: str, members: pl.DataFrame, correlations: Correlations) -> Sums:
    """Sum runs per portfolio as the ledger does and say how many sums hold the truth.

    ``members``: (portfolio, home, operations, low, expected, high); ``home`` is the tenant.
    """
    whole = members.with_row_index("workload").with_columns(
        down=(pl.col("expected") - pl.col("low")).cast(pl.Int128),
        up=(pl.col("high") - pl.col("expected")).cast(pl.Int128),
    )
    apart = squares(whole, ["portfolio"], DISTANCES)
    totals = whole.group_by("portfolio").agg(pl.col("operations", "low", "expected", "high").sum())
    summed = totals.join(apart, on="portfolio").select(
        truth=pl.col("operations"),
        low=pl.col("expected") - (pl.col("down") - spared("down", correlations)).cast(pl.Float64),
        high=pl.col("expected") + (pl.col("up") - spared("up", correlations)).cast(pl.Float64),
        plain=pl.col("high") / pl.col("low"),
    )
    below = summed.filter(pl.col("truth") < pl.col("low")).height
    above = summed.filter(pl.col("truth") > pl.col("high")).height
    ratio = summed.select((pl.col("high") / pl.col("low")).median()).item()
    return Sums(
        name,
        summed.height,
        binomial(summed.height - below - above, summed.height),
        below,
        above,
        float(ratio),
        float(summed.select(pl.col("plain").median()).item()),
    )


def by_owner(judged: Judged) -> pl.DataFrame:
    """Give every owner's own runs: its systems or models are its tenants."""
    return judged.cases.select(
        "operations", "low", "expected", "high", portfolio="owner", home="configuration"
    )


def portfolios(judged: Judged, size: int, seed: int) -> pl.DataFrame:
    """Draw portfolios of so many developers' runs, a developer drawn whole."""
    random = np.random.default_rng(seed)
    owners = judged.cases["owner"].unique().sort().to_list()
    drawn = [
        {"portfolio": str(number), "owner": owner}
        for number in range(PORTFOLIOS)
        for owner in random.choice(owners, size=min(size, len(owners)), replace=False)
    ]
    return (
        pl.DataFrame(drawn)
        .join(judged.cases, on="owner", how="inner")
        .select("portfolio", "operations", "low", "expected", "high", home="owner")
    )
