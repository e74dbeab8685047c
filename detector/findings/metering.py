"""Findings on tenants whose counters are missing where those of others are not.

A view over the tenants' totals, assembled over all parts of the state: only the whole tells what
the provider's meters see of everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import fsum
from typing import Final

import polars as pl

from detector.facts import SubjectFacts
from detector.findings.groups import group_facts
from detector.meaning import Meaning
from detector.parties import Parties
from detector.related import Metering
from detector.rules import Case, Finding, apply
from detector.rules.withheld import RULES

_SEEN: Final = pl.col("accelerator_hours") * (1.0 - pl.col("silent_ratio"))
_SPAN_SECONDS: Final = (pl.col("last_end") - pl.col("first_start")).dt.total_milliseconds() / 1000


def metering_findings(
    totals: pl.DataFrame, parties: Parties, as_of: datetime, meaning: Meaning
) -> Iterator[Finding]:
    """Give the findings on tenants in the dark; at most one a rule and tenant.

    ``totals``: TOTALS rows of everybody, in the order of scope and id.
    """
    limits = meaning.limits
    is_dark = pl.col("silent_ratio") >= limits.silent_ratio_min
    told = totals.select("scope", "accelerator_hours", "silent_ratio", seen=_SEEN).filter(
        pl.col("scope") == "tenant",
        pl.col("accelerator_hours") > 0,
        pl.col("silent_ratio").is_not_null(),  # of an opening alone nothing was metered
    )
    hours, seen = fsum(told["accelerator_hours"]), fsum(told["seen"])
    metered = told.filter(~is_dark).height
    for row in totals.filter(is_dark, _is_worth_a_look(meaning)).iter_rows(named=True):
        own = row["accelerator_hours"] * (1.0 - row["silent_ratio"])
        rest = hours - row["accelerator_hours"]
        facts = replace(
            group_facts(("tenant", row["id"]), [row], (row["id"],), parties, as_of),
            silent_ratio=row["silent_ratio"],
        )
        metering = Metering(_mean(facts), (seen - own) / rest if rest > 0 else 0.0, metered)
        yield from apply(_case(facts, metering, parties, meaning), RULES)


def _is_worth_a_look(meaning: Meaning) -> pl.Expr:
    """Keep tenants that were held long, and could pass a threshold within the days ahead."""
    least_seconds = timedelta(days=meaning.limits.withheld_days_min).total_seconds()
    horizon_seconds = timedelta(days=meaning.limits.forecast.horizon_days).total_seconds()
    rate = pl.col("peak_operations").cast(pl.Float64) / _SPAN_SECONDS
    is_held = (pl.col("scope") == "tenant") & (pl.col("accelerator_hours") > 0)
    return (
        is_held
        & (least_seconds <= _SPAN_SECONDS)
        & (rate * horizon_seconds > meaning.least_limit())
    )


def _case(facts: SubjectFacts, metering: Metering, parties: Parties, meaning: Meaning) -> Case:
    return Case(
        facts,
        parties.customers(facts.tenant_ids),
        meaning.policy.packs,
        meaning.limits,
        meaning.countries,
        metering=metering,
    )


def _mean(facts: SubjectFacts) -> float:
    """Give the accelerators held on average over all of the work."""
    span_hours = (facts.last_end - facts.first_start) / timedelta(hours=1)
    return facts.accelerator_hours / span_hours
