"""Finds the part of a state that one subject depends on, and explains the subject from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Final

import polars as pl

from detector.explain.compose import Explained, explain
from detector.explain.held import Beside
from detector.explain.scene import Opened, Setting, lay_open
from detector.facts import Scope
from detector.ledger import UNATTRIBUTED
from detector.meaning import Meaning
from detector.parties import Parties
from features.accumulate import empty, merge, restrict
from features.compute import cold_bucket
from features.signatures import commons
from streams.shards import shards
from streams.standing import last_moment, usages
from streams.store import Reader
from streams.watch import Registry

SCOPES: Final[tuple[Scope, ...]] = ("training_run", "tenant", "owner", "cluster")
#: Strands laid open at once for one subject, some gigabytes of cells at the most.
STRANDS_MAX: Final = 200_000
#: Strands of everybody that are laid open to look for links.
BESIDE_MAX: Final = 20_000
#: Ids offered where the one asked for is not there, and ids compared to find them.
SUGGESTIONS: Final = 5
COMPARED_MAX: Final = 20_000


class SubjectError(Exception):
    """The subject asked for cannot be explained. One line: what, where, what to do."""


@dataclass(frozen=True)
class Asked:
    """What a person asks: an id as in totals.csv, and its scope where several have it."""

    subject_id: str
    scope: Scope | None = None


def explain_subject(store: Reader, meaning: Meaning, now: datetime, asked: Asked) -> Explained:
    """Explain one subject of a store, as everything in it is known.

    Raises:
        SubjectError: No scope has the id, several have it, or too much would be laid open.
    """
    opened, scope = open_for(store, meaning, now, asked)
    explained = explain(opened, scope, asked.subject_id, _beside(store, opened))
    if explained is None:
        raise _unknown(asked, opened.ids(scope))
    return explained


def open_for(store: Reader, meaning: Meaning, now: datetime, asked: Asked) -> tuple[Opened, Scope]:
    """Lay open the part of a store that a subject depends on, and find the subject's scope.

    Raises:
        SubjectError: See ``explain_subject``.
    """
    hour, moment = last_moment(store, now)
    records = store.records()
    parties = Registry(records, meaning).parties_at(hour, moment.as_of)
    names = _names(store, parties)
    tenants = _tenants(names, parties, asked)
    if not tenants:
        raise _unknown(asked, _every_id(names, parties))
    connected = _connected(store, records, tenants)
    state = [restrict(usage, connected) for usage in usages(store)]
    strands = sum(part.strands.height for part in state)
    if strands > STRANDS_MAX:
        raise SubjectError(
            f"{asked.subject_id}: expected a subject of {STRANDS_MAX:,} strands of usage at the "
            f"most, got {strands:,}; ask for one tenant or one run of it"
        )
    usage = merge([empty(), *state], hour, cold_bucket(moment.newest_hour))
    opened = lay_open(Setting(usage, hour, moment, parties, meaning))
    return opened, _scope(opened, asked)


def _beside(store: Reader, opened: Opened) -> Beside:
    """Open everybody, for how telling a likeness is depends on all that is metered.

    Where that is too much, links are looked for among what is opened already.
    """
    everyone = pl.concat([usage.strands for usage in usages(store)])
    if everyone.height > BESIDE_MAX:
        return Beside(opened, commons(everyone), is_whole=False)
    setting = opened.setting
    cold = cold_bucket(setting.moment.newest_hour)
    whole = merge([empty(), *usages(store)], setting.hour, cold)
    return Beside(lay_open(replace(setting, usage=whole)), commons(everyone), is_whole=True)


def _names(store: Reader, parties: Parties) -> pl.DataFrame:
    """Give (tenant_id, cluster_id, run) of all strands and openings, each once.

    One strand or opening may name two runs: that of its job and that of its data.
    """
    columns = ("tenant_id", "cluster_id", "job_id", "data_ref")
    stated = parties.openings.select(pl.lit(None, pl.String).alias("cluster_id"), pl.all())
    parts = [usage.strands.select(columns).unique() for usage in usages(store)]
    named = pl.concat([stated.select(columns), *parts]).unique()
    return pl.concat(
        [named.select("tenant_id", "cluster_id", run=key) for key in _run_keys()]
    ).unique()


def _run_keys() -> tuple[pl.Expr, pl.Expr]:
    """Give the names that a strand's job and data could give its run (features.stitch)."""
    tenant = pl.col("tenant_id").str.replace_all("%", "%25", literal=True)
    part = tenant.str.replace_all("/", "%2F", literal=True)
    return pl.format("job/{}/{}", part, "job_id"), pl.format("data/{}", "data_ref")


def _tenants(names: pl.DataFrame, parties: Parties, asked: Asked) -> frozenset[str]:
    """Give the tenants whose usage may count for the subject, in any scope asked for."""
    wanted = asked.subject_id
    is_wanted = {
        "tenant": pl.col("tenant_id") == wanted,
        "training_run": (pl.col("run") == wanted) | pl.lit(wanted == UNATTRIBUTED),
        "cluster": pl.col("cluster_id") == wanted,
    }
    found: set[str] = set()
    for scope, test in is_wanted.items():
        if asked.scope in (None, scope):
            found |= set(names.filter(test.fill_null(value=False))["tenant_id"])
    if asked.scope in (None, "owner"):
        found |= set(parties.holders.filter(owner_id=wanted)["tenant_id"])
    return frozenset(found)


def _connected(store: Reader, records: pl.DataFrame, tenants: frozenset[str]) -> set[str]:
    """Add whoever shares a resource, data or an owner: their usage decides whose time it is."""
    groups = shards(usages(store), records, rows_max=1)
    return {tenant for group in groups if not group.isdisjoint(tenants) for tenant in group}


def _scope(opened: Opened, asked: Asked) -> Scope:
    wanted = SCOPES if asked.scope is None else (asked.scope,)
    having = [scope for scope in wanted if asked.subject_id in opened.ids(scope)]
    if len(having) > 1:
        raise SubjectError(
            f"{asked.subject_id}: expected an id of one scope, got one of {', '.join(having)}; "
            "choose with --scope"
        )
    if not having:
        _refuse_part(opened, asked.subject_id)
        near = (each for scope in SCOPES for each in opened.ids(scope))
        raise _unknown(asked, near)
    return having[0]


def _refuse_part(opened: Opened, wanted: str) -> None:
    """Lead from the name of a job or of data to the run that it is part of."""
    named = [(key == wanted).fill_null(value=False) for key in _run_keys()]
    strands = opened.setting.usage.strands.filter(pl.any_horizontal(named)).select("strand")
    runs = opened.described.cells.join(strands, on="strand", how="semi")["workload"]
    if not runs.is_empty():
        run = runs.sort()[0]
        raise SubjectError(
            f"{wanted}: expected the name of a whole run, got a part of {run}; ask for {run}"
        )


def _every_id(names: pl.DataFrame, parties: Parties) -> Iterator[str]:
    for column in ("run", "tenant_id", "cluster_id"):
        yield from names[column].drop_nulls().unique().sort()
    yield from parties.holders["owner_id"].unique().sort()


def _unknown(asked: Asked, ids: Iterable[str]) -> SubjectError:
    """Offer ids that hold the one asked for, else those that look most like it."""
    wanted = asked.subject_id
    known = list(dict.fromkeys(ids))
    holding = [each for each in known if wanted.lower() in each.lower()]
    near = holding or get_close_matches(wanted, known[:COMPARED_MAX], SUGGESTIONS)
    told = ", ".join(near[:SUGGESTIONS])
    advice = f"did you mean {told}?" if told else "see the ids in totals.csv"
    scope = f" of scope {asked.scope}" if asked.scope is not None else ""
    return SubjectError(
        f"{wanted}: expected an id{scope} as in totals.csv, found nothing metered for it; {advice}"
    )
