"""What power per accelerator says of the share of its peak, beside the prior.

Power tells idle from busy and little between: the share follows it by an exponent that is data, and
no reading shows a device less or more busy than limits that are data too.
"""

from __future__ import annotations

import polars as pl

from features.physics import Physics
from features.prior import Power, Prior


def power_shares(prior: Prior, physics: Physics) -> dict[str, pl.Expr]:
    """Give ``power_share_low``, ``_expected``, ``_high`` and ``power_busy``; null without power.

    ``power_busy``: the power above idling, over what the prior's expected work draws above it.

    Reads what ``shares`` gives, ``power_ratio`` (watts per accelerator over its rated watts) and
    ``is_wall_power`` (read at the plug, with host, fans and losses in it).
    """
    ratio = pl.col("power_ratio")
    is_wall = pl.col("is_wall_power").fill_null(value=False)
    wall, board = (_response(each, ratio, physics) for each in (prior.wall, prior.board))
    busy, response, most = (
        pl.when(is_wall).then(one).otherwise(other) for one, other in zip(wall, board, strict=True)
    )
    expected = (pl.col("prior_expected") * response).clip(upper_bound=prior.ceiling)
    high = pl.col("prior_high") * pl.max_horizontal(response, most)
    return {
        "power_busy": busy,
        "power_share_low": pl.col("prior_low") * pl.min_horizontal(response, busy),
        "power_share_expected": expected,
        "power_share_high": high.clip(upper_bound=prior.high_ceiling),
    }


def _response(power: Power, ratio: pl.Expr, physics: Physics) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Give how busy a power ratio shows the device to be, what that does, and the most of it."""
    least = physics.least_busy_ratio
    span = power.reference_ratio - power.idle_ratio
    busy = ((ratio - power.idle_ratio) / span).clip(least, physics.most_busy_ratio)
    # Near idle the share falls in proportion, however flat it is near full load.
    response = pl.min_horizontal(busy.pow(power.exponent), busy * 2.0)
    full = power.full_ratio - power.idle_ratio
    most = ((ratio - power.idle_ratio) / full).clip(least, 1.0)
    return busy, response, most
