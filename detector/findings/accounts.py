"""Findings on tenants that stand together: accounts of one hand, resellers, possible owners.

They are views over the tenants' totals, assembled over all parts of the state. No total, owner or
report changes by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import polars as pl

from detector.facts import Interval, Scope
from detector.findings.groups import group_facts, total
from detector.findings.linked import groups
from detector.linkage import Marks
from detector.linked import Link, LinkedRuns
from detector.meaning import Meaning
from detector.parties import Parties
from detector.related import Members, PossibleOwner, Reseller
from detector.rules import Case, Finding, apply
from detector.rules.accounts import RULES as ACCOUNT_RULES
from detector.rules.resellers import RULES as RESELLER_RULES
from detector.subjects import interval_of
from detector.who.accounts import HELD, account_links, held
from detector.who.open_stakes import customer_during, open_stake, started
from detector.who.ownership import Holding
from detector.who.resellers import resellers
from detector.who.standing import BENEFICIAL_OWNER_SHARE_GE
from detector.who.traits import account_traits

_NOTHING: Final = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Seen:
    """Who everybody is, and the instant at which they are looked at."""

    parties: Parties
    as_of: datetime


@dataclass(frozen=True)
class _Sums:
    """Rows of ``totals.csv`` of some tenants, by tenant: of a large cloud's few are asked for."""

    rows: Mapping[str, Mapping[str, Any]]
    seen: Seen
    meaning: Meaning

    def of(self, totals: pl.DataFrame, names: Iterable[str]) -> _Sums:
        """Read the rows of these tenants; whoever was not metered has none."""
        asked = pl.Series("id", sorted(names), dtype=pl.String)
        found = totals.filter(pl.col("scope") == "tenant", pl.col("id").is_in(asked.implode()))
        return replace(self, rows={row["id"]: row for row in found.iter_rows(named=True)})

    def training(self, tenant: str) -> Interval:
        row = self.rows.get(tenant)
        return interval_of(row, "training_operations") if row is not None else _NOTHING

    def members(self, tenants: Iterable[str]) -> Members:
        return tuple((tenant, self.training(tenant)) for tenant in sorted(tenants))


def account_findings(
    totals: pl.DataFrame, marks: Marks, links: Sequence[Link], seen: Seen, meaning: Meaning
) -> Iterator[Finding]:
    """Give the findings on tenants that stand together; at most one a rule and subject.

    ``totals``: TOTALS rows of everybody; ``marks`` and ``links``: of their workloads.
    """
    nobody = _Sums({}, seen, meaning)
    for found, linked in _accounts(totals, marks, links, nobody):
        members = [tenant for tenant, _ in linked.members]
        yield from _judged(found, ("tenant", members[0]), members, accounts=linked)
    sold = resellers(seen.parties.histories, seen.as_of)
    chains = {name for each in sold for name in (each.tenant_id, *each.customers)}
    sums = nobody.of(totals, chains)
    for reseller in sold:
        yield from _of_reseller(reseller, sums)
    for found, possible in _possible_owners(totals, nobody):
        names = [tenant for tenant, _ in possible.members]
        yield from _judged(found, ("owner", possible.owner_id), names, possible_owner=possible)


def _accounts(
    totals: pl.DataFrame, marks: Marks, links: Sequence[Link], nobody: _Sums
) -> Iterator[tuple[_Sums, LinkedRuns]]:
    """Give groups of accounts that come near a threshold and that no one owner holds.

    Sure links are put together first; doubtful ones add what those have not told yet.
    """
    meaning = nobody.meaning
    figures = meaning.accounts
    least = meaning.limits.hugging_ratio_min * meaning.least_limit(is_biological=True)
    bounds = ("training_operations_expected", "training_operations_high")
    metered = totals.select("scope", "id", *bounds).filter(scope="tenant")
    busy = metered.filter(pl.any_horizontal(pl.col(bounds) > 0))
    if sum(busy["training_operations_expected"].cast(pl.Float64)) < least:
        return
    found = _linked_accounts(totals, marks, links, busy["id"].to_list(), nobody)
    sums = nobody.of(totals, {name for link in found for name in (link.run_a, link.run_b)})
    training = {tenant: sums.training(tenant) for tenant in sums.rows}
    owners = _owners(nobody.seen.parties.holders)
    told: set[str] = set()
    for score in (figures.score_sure, figures.score_min):
        close = [link for link in found if link.score >= score]
        for linked in groups(close, training, figures.score_sure):
            names = [tenant for tenant, _ in linked.members]
            if _total(linked.members).expected < least or told & set(names):
                continue
            if set.intersection(*(owners.get(tenant, set()) for tenant in names)):
                continue
            told |= set(names)
            yield sums, linked


def _linked_accounts(
    totals: pl.DataFrame, marks: Marks, links: Sequence[Link], busy: list[str], nobody: _Sums
) -> Sequence[Link]:
    """Weigh what busy accounts share: traits of their records, images, data, and linked runs."""
    parties, figures = nobody.seen.parties, nobody.meaning.accounts
    traits = account_traits(parties.histories, parties.accesses, figures.address_words)
    customers = len(traits.keys() | set(totals.filter(scope="tenant")["id"]))
    values = pl.concat([held(traits), _images(marks), _data(totals, customers)])
    return account_links(values, links, busy, customers, figures)


def _images(marks: Marks) -> pl.DataFrame:
    """Give HELD rows of the images of workloads that may matter, counted over the whole cloud."""
    used = marks.signatures.select(
        pl.lit("image").alias("kind"), value="image_ids", tenant_id="tenant_ids"
    )
    each = used.explode("value", empty_as_null=False).explode("tenant_id", empty_as_null=False)
    naming = marks.commons.filter(pl.col("image_id").is_null())["tenant_count"].sum()
    return (
        each.drop_nulls()
        .unique()
        .join(marks.commons, left_on="value", right_on="image_id", how="inner")
        .with_columns(crowd="tenant_count", population=pl.lit(naming))
        .select(pl.col(name).cast(kind) for name, kind in HELD.items())
    )


def _data(totals: pl.DataFrame, customers: int) -> pl.DataFrame:
    """Give HELD rows of the runs that several tenants share by their data."""
    shared = totals.filter(
        pl.col("scope") == "training_run",
        pl.col("id") != "unattributed",
        pl.col("tenant_ids").str.contains(";", literal=True),
    )
    listed = shared.select(
        pl.lit("data").alias("kind"), value="id", tenant_id=pl.col("tenant_ids").str.split(";")
    )
    return (
        listed.with_columns(crowd=pl.col("tenant_id").list.len(), population=pl.lit(customers))
        .explode("tenant_id", empty_as_null=False)
        .select(pl.col(name).cast(kind) for name, kind in HELD.items())
    )


def _owners(holders: pl.DataFrame) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    rows = holders.filter(~pl.col("is_below_test")).select("tenant_id", "owner_id")
    for tenant, owner in rows.iter_rows():
        owners.setdefault(tenant, set()).add(owner)
    return owners


def _of_reseller(reseller: Reseller, sums: _Sums) -> Iterator[Finding]:
    names = sorted({reseller.tenant_id, *reseller.customers})
    whole = replace(reseller, members=sums.members(names))
    if reseller.cycle or _total(whole.members).expected > 0:
        yield from _judged(sums, ("tenant", reseller.tenant_id), names, reseller=whole)


def _owned(parties: Parties) -> tuple[dict[str, dict[str, Sequence[Holding]]], dict[str, set[str]]]:
    """Give by owner the tenants that they may own, and by which shares, and those that they do."""
    possible: dict[str, dict[str, Sequence[Holding]]] = {}
    for tenant, held_ in parties.possible_holdings.items():
        for holding in held_:
            each = possible.setdefault(holding.owner_id, {})
            each[tenant] = [*each.get(tenant, ()), holding]
    sure: dict[str, set[str]] = {}
    for tenant, owners in _owners(parties.holders).items():
        for owner in owners & possible.keys():
            sure.setdefault(owner, set()).add(tenant)
    return possible, sure


def _possible_owners(totals: pl.DataFrame, nobody: _Sums) -> Iterator[tuple[_Sums, PossibleOwner]]:
    """Give the people who may own tenants, with all that they own or may own."""
    possible, sure = _owned(nobody.seen.parties)
    sums = nobody.of(
        totals, {tenant for of in (*possible.values(), *sure.values()) for tenant in of}
    )
    least = sums.meaning.least_limit(is_biological=True)
    for owner, of in sorted(possible.items()):
        members = sums.members({*of, *sure.get(owner, ())})
        if _total(members).expected >= least:
            yield sums, _possible_owner(owner, of, members, sums.seen)


def _possible_owner(
    owner: str, of: Mapping[str, Sequence[Holding]], members: Members, seen: Seen
) -> PossibleOwner:
    shares = [holding for each in of.values() for holding in each]
    book = seen.parties.book
    found = [
        open_stake(book.graph, record_id, each, seen.as_of)
        for tenant, held_ in sorted(of.items())
        for each in [max(held_, key=started)]
        for record_id in [customer_during(book.histories[tenant], each, seen.as_of)]
        if record_id is not None
    ]
    return PossibleOwner(
        owner_id=owner,
        name=shares[0].name,
        members=members,
        possible_tenant_ids=tuple(sorted(of)),
        share_ratio_min=min(each.share_min for each in shares),
        share_ratio_max=max(each.share_max for each in shares),
        owner_ratio=float(BENEFICIAL_OWNER_SHARE_GE),
        called=book.graph.called(owner, seen.as_of),
        stakes=tuple(dict.fromkeys(stake for stake, _ in found)),
        flips=tuple(dict.fromkeys(flip for _, flips in found for flip in flips)),
    )


def _judged(
    sums: _Sums,
    subject: tuple[Scope, str],
    names: Sequence[str],
    **of: Any,  # noqa: ANN401 - what the rules are to look at
) -> Iterator[Finding]:
    rows = [sums.rows[name] for name in names if name in sums.rows]
    facts = group_facts(subject, rows, names, sums.seen.parties, sums.seen.as_of)
    packs, limits = sums.meaning.policy.packs, sums.meaning.limits
    case = Case(facts, (), packs, limits, sums.meaning.countries, **of)
    yield from apply(case, (*ACCOUNT_RULES, *RESELLER_RULES))


def _total(members: Members) -> Interval:
    return total(training for _, training in members)
