"""Which subjects some rule could speak of: the ordinary small ones need no facts.

A subject is left out only where no rule can speak of it. What a rule says of a notice alone needs
no facts either: see ``rules.told``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from detector.facts import Scope
from detector.ledger import UNATTRIBUTED
from detector.meaning import Meaning
from detector.parties import Parties
from detector.peaks import most_at_once, place_peaks
from features.pipeline import PEAKS

#: A subject below this share of every threshold is looked at only where its place matters.
WORTH_A_LOOK: Final = 0.01


def worth_a_look(
    scope: Scope, cells: pl.DataFrame, peaks: pl.DataFrame, parties: Parties, meaning: Meaning
) -> pl.DataFrame:
    """Keep the cells of subjects whose operations, capacity, place, owners or plans matter.

    ``cells``: one scope's (ledger.spread), at one hour of knowledge; ``peaks``: the pipeline's.
    """
    least = WORTH_A_LOOK * _least_threshold(meaning)
    sums = cells.group_by("id").agg(pl.col("operations_high", "training_operations_expected").sum())
    near = set(sums.filter(pl.col("operations_high") >= least)["id"])
    near |= _fast(cells, peaks, meaning)
    if scope == "tenant":
        training = sums.filter(pl.col("training_operations_expected") > 0)["id"]
        near |= {tenant for tenant in training if parties.has_headquarters(tenant)}
        near |= {tenant for tenant in sums["id"] if parties.has_listed_owners(tenant)}
        near |= parties.tenants_with_plans()
    if scope == "training_run":
        near.discard(UNATTRIBUTED)
    return cells.filter(pl.col("id").is_in(sorted(near)))


def _least_threshold(meaning: Meaning) -> float:
    """Give the smallest threshold for any AI model; one that does not report is a finding too."""
    return min(
        (
            threshold.operations
            for pack in meaning.policy.packs
            for threshold in pack.thresholds
            if not threshold.only_biological
        ),
        default=float("inf"),
    )


def _fast(cells: pl.DataFrame, peaks: pl.DataFrame, meaning: Meaning) -> set[str]:
    """Give the subjects that had an instrument's cluster figure in one place, however briefly.

    Where everything together never ran as fast, nobody did, and nothing has to be told apart.
    """
    legs = (pack.cluster for pack in meaning.policy.packs)
    least = min((leg.operations_per_second_ge for leg in legs if leg), default=float("inf"))
    if most_at_once(peaks) < least:
        return set()
    places = place_peaks(cells, peaks).select("id", "places").explode("places").unnest("places")
    return set(places.filter(pl.any_horizontal(pl.col(PEAKS) >= least))["id"])
