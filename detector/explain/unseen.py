"""What the figures of a subject do not hold: time before metering, silence, bills without meters.

No metering is not no training, so every sentence here names hours that the figures may miss or
that widen their interval.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from detector.completeness import completeness
from detector.explain import glossary
from detector.explain.scene import Opened, Scene
from detector.report.words import count_words, instant_words
from features.activity import silence, united
from features.completeness import metered
from features.compute import HOUR_MS

_HOURS = ("accelerator_hours", "unmetered_hours", "gap_hours", "guest_only_hours")


def unseen(opened: Opened, scene: Scene) -> tuple[str, ...]:
    """Say it in sentences; hours of meters and bills are those of the subject's tenants."""
    facts = scene.facts
    return (_since(scene), *_absent(scene), *_silent(scene), *_billed(opened, facts.tenant_ids))


def _since(scene: Scene) -> str:
    facts = scene.facts
    if facts.metered_since is None:
        return "Nothing was ever metered; what is counted was stated."
    since = facts.metered_since
    if facts.openings:
        return f"Before {instant_words(since)} nothing was metered; what is counted was stated."
    return f"Nothing is known of the time before {instant_words(since)}."


def _absent(scene: Scene) -> Iterator[str]:
    """Say for how much of the time between first and last no event covers anything."""
    spans = scene.cells.filter(pl.col("device_ms") > 0).select(
        from_hour=pl.col("start_ms") // HOUR_MS,
        until_hour=(pl.col("end_ms") - 1) // HOUR_MS + 1,
        whole=pl.lit(0),
    )
    if spans.is_empty():
        return
    covered = united(spans, ["whole"])
    begin, end = pl.col("from_hour"), pl.col("until_hour")
    length, held = covered.select(end.max() - begin.min(), held=(end - begin).sum()).row(0)
    absent = length - held
    if absent > 0:
        yield (
            f"In {count_words(absent)} of the {count_words(length)} hours from first to last no "
            "event covers anything: nothing is counted of them, whether nothing was held or it "
            "was not metered."
        )


def _silent(scene: Scene) -> Iterator[str]:
    if scene.facts.silent_ratio > 0:
        share = glossary.ratio_words(scene.facts.silent_ratio)
        yield f"For {share} of the device time no counter, use or power figure came."


def _billed(opened: Opened, tenant_ids: tuple[str, ...]) -> Iterator[str]:
    limits = opened.setting.meaning.limits
    described = opened.described
    where = metered(
        opened.setting.usage, described.levels, described.specs, limits.unmetered_hours_min
    )
    rows = completeness(where, silence(), limits).filter(
        pl.col("scope") == "tenant", pl.col("id").is_in(list(tenant_ids))
    )
    total, unmetered, gap, guest = (float(rows[name].sum()) for name in _HOURS)
    whose = "its tenant" if len(tenant_ids) == 1 else "its tenants"
    of_all = f"Of the {count_words(total)} accelerator hours of {whose},"
    if unmetered > 0:
        yield f"{of_all} {count_words(unmetered)} stand on the bill and no meter saw them."
    if gap > 0:
        yield (
            f"On {count_words(gap)} of these the provider's meters lost sight of resources that "
            "they saw at another time."
        )
    if guest > 0:
        yield f"{of_all} {count_words(guest)} were seen by the guest alone."
    ended = rows.filter("is_silent")["id"].to_list()
    if ended:
        yield f"The meters have gone silent while the bill goes on: {', '.join(ended)}."
