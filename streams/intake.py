"""One decoded batch to what is committed: the state it adds, its names, records and refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from features.accumulate import Usage, accumulate, metered_time
from features.activity import Activity
from features.compute import HOUR_MS
from features.earlier import folded_before, in_doubt
from features.identity import Claimed, claim, names_to_look_up
from features.schema import ENVELOPE, INSTANT, RECORDS, REFUSED
from features.validate import future_reason, validate
from streams import effects
from streams.ports import Decoded, Rejected

USAGE_TYPE: Final = "trainwatch.usage.v1"
CORRECTION_TYPE: Final = "trainwatch.usage.correction.v1"
Lookup = Callable[[pl.DataFrame], pl.DataFrame]
Held = Callable[[], Iterable[tuple[pl.DataFrame, pl.DataFrame]]]


@dataclass(frozen=True)
class Arrival:
    """How knowledge stands when a batch arrives.

    ``knowledge_at``: the instant of knowledge so far, None before the first event. ``wall_at``: the
    real clock. ``follows_events``: knowledge is the running maximum of event ``time`` (a replay),
    else the wall clock. ``as_of``: valid events emitted after it are skipped.
    """

    knowledge_at: datetime | None
    wall_at: datetime
    follows_events: bool
    as_of: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What one batch comes to.

    ``delta`` is what the state gains, ``added`` at least its strands and coverage without what
    corrections take back.
    ``records`` are RECORDS with ``hour``; ``counts`` are by (group, name). ``newest_at`` is the
    latest ``time`` of a valid event, None where there was none. ``activity`` says who sent the
    accepted usage and corrections; ``withdrawn`` is what corrections took out of the usage.
    """

    delta: Usage
    added: Usage
    names: pl.DataFrame
    records: pl.DataFrame
    rejected: Sequence[Rejected]
    counts: Mapping[tuple[str, str], int]
    knowledge_at: datetime | None
    newest_at: datetime | None
    activity: Activity
    withdrawn: Usage


@dataclass(frozen=True)
class _Candidates:
    usage: pl.DataFrame
    corrections: pl.DataFrame
    records: pl.DataFrame


def take(decoded: Decoded, arrival: Arrival, lookup: Lookup, held: Held) -> Outcome:
    """Validate, date, identify and fold one batch; nothing is stored here.

    ``lookup`` gives stored names, ``held`` the strands and coverage of the state, part by part.
    """
    candidates, refused = _validated(decoded, arrival.wall_at)
    candidates, skipped = _until(candidates, arrival.as_of)
    dated, knowledge_at = _date(candidates, arrival)
    events = _with_known(
        pl.concat(
            [candidates.usage.select(list(ENVELOPE)), candidates.records.select(list(ENVELOPE))]
        ),
        dated,
    )
    corrections = _with_known(candidates.corrections, dated)
    stored = lookup(names_to_look_up(events, corrections))
    corrections = _with_folded(events, corrections, stored, decoded, held)
    claimed = claim(events, corrections, stored)
    folded = effects.effects(decoded, candidates.usage, claimed, dated)
    delta = accumulate(folded)
    added = metered_time(folded.filter(pl.col("sign") > 0)) if claimed.taken_back else delta
    records = (
        effects.of(candidates.records, claimed.accepted["ordinal"])
        .join(dated.select("ordinal", "hour"), on="ordinal", how="left")
        .select(*RECORDS, "hour")
    )
    late = [*refused.iter_rows(named=True), *claimed.refused.iter_rows(named=True)]
    rejected = [*decoded.rejected, *(_reject(decoded, row) for row in late)]
    rejected.sort(key=lambda each: each.ordinal)  # so that dead letters do not tell the batch cuts
    counts = _counts(decoded, candidates, claimed, rejected, skipped)
    newest = dated["time"].max()
    return Outcome(
        delta,
        added,
        claimed.names,
        records,
        rejected,
        counts,
        knowledge_at,
        newest if isinstance(newest, datetime) else None,
        effects.told_by(decoded, candidates.usage, claimed),
        effects.withdrawn(decoded, candidates.usage, claimed, dated),
    )


def _with_folded(
    events: pl.DataFrame,
    corrections: pl.DataFrame,
    stored: pl.DataFrame,
    decoded: Decoded,
    held: Held,
) -> pl.DataFrame:
    """Say of each correction whether the state holds its original, whose name was let go."""
    ends = decoded.originals.select("ordinal", original_end="end")
    doubted = in_doubt(events, corrections.join(ends, on="ordinal", how="left"), stored)
    quoted = effects.of(decoded.originals, doubted["ordinal"])
    folded = folded_before(quoted, held()) if quoted.height else ()
    return corrections.with_columns(is_folded=pl.col("ordinal").is_in(list(folded)))


def _validated(decoded: Decoded, now: datetime) -> tuple[_Candidates, pl.DataFrame]:
    usage, refused = validate(decoded.usage, now)
    if not decoded.corrections.height and not decoded.records.height:
        return _Candidates(usage, decoded.corrections, decoded.records), refused
    _, bad_replacements = validate(decoded.replacements, now)
    # The original was judged by its own time when it came; here only its shape is in question.
    _, bad_originals = validate(decoded.originals.with_columns(time=pl.col("end")), now)
    bad = pl.concat([bad_replacements, bad_originals]).unique("ordinal", keep="first")
    late = [
        _from_future(frame.join(bad, on="ordinal", how="anti"), now)
        for frame in (decoded.corrections, decoded.records)
    ]
    kept = [
        frame.join(pl.concat([bad, *late]), on="ordinal", how="anti")
        for frame in (decoded.corrections, decoded.records)
    ]
    return _Candidates(usage, kept[0], kept[1]), pl.concat([refused, bad, *late])


def _from_future(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    text = pl.format(
        "expected time at most a day past the clock; found {}",
        pl.col("time").dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ"),
    )
    found = frame.filter(future_reason(pl.col("time"), now))
    return found.select("ordinal", reason=pl.lit("in_the_future"), detail=text).cast(REFUSED)


def _until(candidates: _Candidates, as_of: datetime | None) -> tuple[_Candidates, Counter[str]]:
    skipped: Counter[str] = Counter()
    if as_of is None:
        return candidates, skipped
    later = pl.col("time") > pl.lit(as_of).cast(INSTANT)
    skipped[USAGE_TYPE] = candidates.usage.filter(later).height
    skipped[CORRECTION_TYPE] = candidates.corrections.filter(later).height
    skipped.update(candidates.records.filter(later)["type"].to_list())
    kept = _Candidates(
        candidates.usage.filter(~later),
        candidates.corrections.filter(~later),
        candidates.records.filter(~later),
    )
    return kept, skipped


def _date(candidates: _Candidates, arrival: Arrival) -> tuple[pl.DataFrame, datetime | None]:
    """Give each event the instant of knowledge at its arrival, and the hour that first knows it."""
    frames = (candidates.usage, candidates.corrections, candidates.records)
    times = pl.concat([frame.select("ordinal", "time") for frame in frames]).sort("ordinal")
    if arrival.follows_events:
        known = pl.col("time").cum_max()
        if arrival.knowledge_at is not None:
            known = pl.max_horizontal(known, pl.lit(arrival.knowledge_at).cast(INSTANT))
    else:
        wall = max(arrival.wall_at, arrival.knowledge_at or arrival.wall_at)
        known = pl.lit(wall).cast(INSTANT)
    dated = times.with_columns(known_at=known).with_columns(
        hour=(pl.col("known_at").dt.epoch("ms") // HOUR_MS + 1).cast(pl.Int32)
    )
    last = dated["known_at"].last() if dated.height else None
    return dated, last if isinstance(last, datetime) else arrival.knowledge_at


def _with_known(frame: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(effects.dated(frame, dated, "known_at"))


def _reject(decoded: Decoded, row: Mapping[str, object]) -> Rejected:
    ordinal = int(str(row["ordinal"]))
    return Rejected(
        ordinal,
        str(row["reason"]),
        str(row["detail"]),
        decoded.provenance.raw_of(ordinal),
        decoded.provenance.origin_of(ordinal),
    )


def _counts(
    decoded: Decoded,
    candidates: _Candidates,
    claimed: Claimed,
    rejected: Sequence[Rejected],
    skipped: Counter[str],
) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    counts["events", "read"] = decoded.read
    counts["events", "accepted"] = claimed.accepted.height
    counts["events", "duplicate"] = claimed.duplicates.len()
    counts["events", "rejected"] = len(rejected)
    counts["events", "skipped"] = skipped.total()
    for reason, number in Counter(r.reason for r in rejected).items():
        counts["rejected", reason] = number
    for name, number in skipped.items():
        counts["skipped", name] = number
    for name, number in decoded.unknown_fields.items():
        counts["unknown_field", name] = number
    for group, ordinals in (
        ("accepted", claimed.accepted["ordinal"]),
        ("duplicate", claimed.duplicates),
    ):
        counts[group, USAGE_TYPE] = int(effects.is_of(candidates.usage, ordinals).sum())
        counts[group, CORRECTION_TYPE] = int(effects.is_of(candidates.corrections, ordinals).sum())
        chosen = effects.of(candidates.records, ordinals)
        for name, number in chosen.group_by("type").len().iter_rows():
            counts[group, name] = number
    return {key: number for key, number in counts.items() if number}
