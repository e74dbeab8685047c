"""Whose name is whose: which events are new, which repeat, which contradict what came first.

A usage event or record claims its own name. A correction claims its name, the void of its original
(with the payload the original must have) and the payload that a correction of itself must name.
Everything here is a function of the batch in arrival order and of the names claimed before.

A name is kept for the horizon from the instant of knowledge at which it was claimed. That is the
event's own ``time`` where events come in order, and later where they come late: so a backlog that
is older than the horizon, or a shuffled one, still knows its repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Any, Final

import polars as pl

from features.schema import ENVELOPE, INSTANT, NAMES, REFUSED

DEDUP_HORIZON: Final = timedelta(days=35)
#: A void is kept so much longer than other names: so late may the event come that it voids.
VOID_KEPT: Final = timedelta(days=400)
_NAME: Final = ("name_hi", "name_lo")
_OTHER_PAYLOAD: Final = (
    "expected the payload that first came with this source and id; found another payload"
)


class Claim(IntEnum):
    """What a stored name stands for."""

    EVENT = 0
    VOID = 1
    EFFECT = 2


@dataclass(frozen=True)
class Claimed:
    """The outcome of one batch, by ``ordinal``.

    ``accepted``: (ordinal, has_effect); an original that came after its correction is accepted
    without effect. ``taken_back``: ordinals of corrections whose original was folded before and
    must be subtracted. ``refused``: REFUSED rows, reason ``conflicting_replay``. ``names``: NAMES
    to store with the effect.
    """

    accepted: pl.DataFrame
    duplicates: pl.Series
    refused: pl.DataFrame
    taken_back: tuple[int, ...]
    names: pl.DataFrame


def names_to_look_up(events: pl.DataFrame, corrections: pl.DataFrame) -> pl.DataFrame:
    """List the (kind, name_hi, name_lo) that ``claim`` must know; one that repeats, repeatedly."""
    originals = corrections.select(name_hi="original_name_hi", name_lo="original_name_lo").unique()
    own = pl.concat([events.select(_NAME), corrections.select(_NAME), originals])
    frames = [own.select(pl.lit(Claim.EVENT, pl.UInt8).alias("kind"), *_NAME)]
    frames.append(own.select(pl.lit(Claim.VOID, pl.UInt8).alias("kind"), *_NAME))
    frames.append(originals.select(pl.lit(Claim.EFFECT, pl.UInt8).alias("kind"), *_NAME))
    return pl.concat(frames)


def claim(events: pl.DataFrame, corrections: pl.DataFrame, stored: pl.DataFrame) -> Claimed:
    """Decide every event of a batch.

    ``events``: usage and records, ENVELOPE columns plus ``known_at`` (the instant of knowledge at
    arrival). ``corrections``: CORRECTIONS plus ``known_at`` and ``is_folded`` (whether the state
    holds the original though its name was let go). ``stored``: NAMES rows for
    ``names_to_look_up``; rows older than the horizon at an event's arrival do not count for it.
    """
    touched = pl.concat(
        [
            corrections.select(_NAME),
            corrections.select(name_hi="original_name_hi", name_lo="original_name_lo"),
            _repeated_past_horizon(events),
        ]
    ).unique()
    if touched.height == 0:
        return _claim_together(events, stored)
    apart = events.join(touched, on=_NAME, how="semi")
    simple = _claim_together(events.join(touched, on=_NAME, how="anti"), stored)
    return _join(simple, _claim_in_order(apart, corrections, stored))


def _repeated_past_horizon(events: pl.DataFrame) -> pl.DataFrame:
    """Names that come again in the batch when their first claim is past the horizon."""
    first = pl.col("known_at").min()
    is_long = events.select(pl.col("known_at").max() - first > DEDUP_HORIZON).item()
    if not is_long:
        return events.select(_NAME).clear()
    spans = events.group_by(_NAME).agg(span=pl.col("known_at").max() - first)
    return spans.filter(pl.col("span") > DEDUP_HORIZON).select(_NAME)


def _claim_together(events: pl.DataFrame, stored: pl.DataFrame) -> Claimed:
    """All events that no correction of this batch names.

    Most names come once and were never heard of, which one half of the name tells already.
    """
    is_known = pl.col("name_lo").is_duplicated()
    if stored.height:
        is_known |= pl.col("name_lo").is_in(stored["name_lo"].implode())
    known = events.select(is_known).to_series()
    if not known.any():
        return _all_new(events)
    return _join(_all_new(events.filter(~known)), _claim_simple(events.filter(known), stored))


def _all_new(events: pl.DataFrame) -> Claimed:
    return Claimed(
        events.select("ordinal", has_effect=pl.lit(value=True)),
        pl.Series("ordinal", [], dtype=pl.Int64),
        pl.DataFrame(schema=REFUSED),
        (),
        events.select(
            pl.lit(Claim.EVENT, pl.UInt8).alias("kind"), *_NAME, "payload_digest", time="known_at"
        ),
    )


def _claim_simple(events: pl.DataFrame, stored: pl.DataFrame) -> Claimed:
    """Events whose names repeat, here or in what is stored: one pass over columns."""
    rows = events.select(*ENVELOPE, "known_at")
    for kind, name in ((Claim.EVENT, "seen"), (Claim.VOID, "voided")):
        rows = _with_stored(rows, stored, kind, name)
    leader = pl.col("payload_digest").first().over(_NAME, order_by="ordinal")
    if not rows.select(pl.struct(_NAME).is_duplicated().any()).item():
        leader = pl.col("payload_digest")
    rows = rows.with_columns(holds=pl.coalesce("seen", "voided", leader))
    same = pl.col("payload_digest") == pl.col("holds")
    is_first = pl.col("ordinal") == pl.col("ordinal").min().over(_NAME)
    matching = rows.filter(same)
    if matching.select(pl.struct(_NAME).is_duplicated().any()).item():
        matching = matching.with_columns(is_first=is_first)
    else:
        matching = matching.with_columns(is_first=pl.lit(value=True))
    new = matching.filter(pl.col("seen").is_null() & pl.col("is_first"))
    repeats = matching.filter(pl.col("seen").is_not_null() | ~pl.col("is_first"))
    return Claimed(
        new.select("ordinal", has_effect=pl.col("voided").is_null()),
        repeats["ordinal"],
        rows.filter(~same).select("ordinal", *_conflict()),
        (),
        new.select(
            pl.lit(Claim.EVENT, pl.UInt8).alias("kind"), *_NAME, "payload_digest", time="known_at"
        ),
    )


def _with_stored(rows: pl.DataFrame, stored: pl.DataFrame, kind: Claim, name: str) -> pl.DataFrame:
    """Add the payload that a stored claim of this kind holds, null where none counts."""
    known = stored.filter(pl.col("kind") == int(kind))
    if known.height == 0:
        return rows.with_columns(pl.lit(None, pl.UInt64).alias(name))
    latest = (
        known.sort("time")
        .unique(_NAME, keep="last")
        .select(*_NAME, stored_digest="payload_digest", stored_time="time")
    )
    alive = pl.col("stored_time") >= pl.col("known_at") - DEDUP_HORIZON
    return (
        rows.join(latest, on=_NAME, how="left")
        .with_columns(pl.when(alive).then("stored_digest").alias(name))
        .drop("stored_digest", "stored_time")
    )


def _conflict() -> tuple[pl.Expr, pl.Expr]:
    return pl.lit("conflicting_replay").alias("reason"), pl.lit(_OTHER_PAYLOAD).alias("detail")


@dataclass
class _Register:
    """Claims as they stand while a few events are taken in arrival order."""

    held: dict[tuple[int, int, int], tuple[int, Any]]
    accepted: list[tuple[int, bool]] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)
    added: list[tuple[int, int, int, int, Any]] = field(default_factory=list)

    def digest(self, kind: Claim, name: tuple[int, int], row: Mapping[str, Any]) -> int | None:
        found = self.held.get((int(kind), *name))
        if found is None or found[1] < row["known_at"] - DEDUP_HORIZON:
            return None
        return found[0]

    def let_go(self, original: tuple[int, int], row: Mapping[str, Any]) -> bool:
        """Whether a name past its horizon tells that the original came, and none that it went.

        Of a corrected correction it is the replacement that was folded, not its payload.
        """
        claims = (self.held.get((int(kind), *original)) for kind in (Claim.EFFECT, Claim.EVENT))
        found = next((each for each in claims if each is not None), None)
        is_void = (int(Claim.VOID), *original) in self.held
        return found is not None and found[0] == row["original_digest"] and not is_void

    def hold(self, kind: Claim, name: tuple[int, int], digest: int, row: Mapping[str, Any]) -> None:
        since = row["known_at"] + (VOID_KEPT if kind is Claim.VOID else timedelta(0))
        self.held[(int(kind), *name)] = (digest, since)
        self.added.append((int(kind), *name, digest, since))

    def refuse(self, row: Mapping[str, Any], detail: str) -> None:
        self.refused.append((row["ordinal"], "conflicting_replay", detail))


def _claim_in_order(
    events: pl.DataFrame, corrections: pl.DataFrame, stored: pl.DataFrame
) -> Claimed:
    """Corrections and what they touch, one by one: rare, and each may decide the next."""
    held = {
        (r["kind"], r["name_hi"], r["name_lo"]): (r["payload_digest"], r["time"])
        for r in stored.sort("time").iter_rows(named=True)
    }
    register = _Register(held)
    for row in _in_arrival_order(events, corrections):
        if row.get("original_id") is None:
            _take_event(register, row)
        else:
            _take_correction(register, row)
    added = pl.DataFrame(register.added, schema={**NAMES, "time": INSTANT}, orient="row")
    return Claimed(
        pl.DataFrame(
            register.accepted, schema={"ordinal": pl.Int64, "has_effect": pl.Boolean}, orient="row"
        ),
        pl.Series("ordinal", register.duplicates, dtype=pl.Int64),
        pl.DataFrame(register.refused, schema=REFUSED, orient="row"),
        tuple(register.taken_back),
        added.unique(("kind", *_NAME), keep="last", maintain_order=True),
    )


def _in_arrival_order(
    events: pl.DataFrame, corrections: pl.DataFrame
) -> Iterator[Mapping[str, Any]]:
    rows = [*events.iter_rows(named=True), *corrections.iter_rows(named=True)]
    return iter(sorted(rows, key=lambda row: row["ordinal"]))


def _take_event(register: _Register, row: Mapping[str, Any]) -> None:
    name = (row["name_hi"], row["name_lo"])
    seen = register.digest(Claim.EVENT, name, row)
    voided = register.digest(Claim.VOID, name, row)
    holds = seen if seen is not None else voided
    if holds is not None and holds != row["payload_digest"]:
        register.refuse(row, _OTHER_PAYLOAD)
    elif seen is not None:
        register.duplicates.append(row["ordinal"])
    else:
        register.hold(Claim.EVENT, name, row["payload_digest"], row)
        register.accepted.append((row["ordinal"], voided is None))


def _take_correction(register: _Register, row: Mapping[str, Any]) -> None:
    name = (row["name_hi"], row["name_lo"])
    original = (row["original_name_hi"], row["original_name_lo"])
    seen = register.digest(Claim.EVENT, name, row)
    if seen is not None:
        if seen == row["payload_digest"]:
            register.duplicates.append(row["ordinal"])
        else:
            register.refuse(row, _OTHER_PAYLOAD)
        return
    if register.digest(Claim.VOID, original, row) is not None:
        register.refuse(row, "expected an event not yet corrected; found a second correction of it")
        return
    effect = register.digest(Claim.EFFECT, original, row)
    first = register.digest(Claim.EVENT, original, row)
    holds = effect if effect is not None else first
    if holds is not None and holds != row["original_digest"]:
        register.refuse(row, "expected `original` as it was first sent; found another payload")
        return
    voided = register.digest(Claim.VOID, name, row)
    if voided is not None and voided != row["replacement_digest"]:
        register.refuse(row, "expected the replacement that its correction names; found another")
        return
    is_folded = first is not None or row["is_folded"] or register.let_go(original, row)
    register.hold(Claim.EVENT, name, row["payload_digest"], row)
    register.hold(Claim.VOID, original, row["original_digest"], row)
    if row["replacement_digest"] is not None:
        register.hold(Claim.EFFECT, name, row["replacement_digest"], row)
    register.accepted.append((row["ordinal"], voided is None))
    if is_folded:
        register.taken_back.append(row["ordinal"])


def _join(one: Claimed, other: Claimed) -> Claimed:
    return Claimed(
        pl.concat([one.accepted, other.accepted]),
        pl.concat([one.duplicates, other.duplicates]),
        pl.concat([one.refused, other.refused]),
        one.taken_back + other.taken_back,
        pl.concat([one.names, other.names]),
    )
