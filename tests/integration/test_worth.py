"""Leaving out what no rule can speak of leaves out no finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detector.assess import REPORTED_SCOPES, State, assess_whole, ledgers
from detector.ledger import UNATTRIBUTED
from detector.meaning import Meaning
from detector.notices import both, notices, opening_notices
from detector.rules import Case, Finding, apply
from detector.subjects import Hour, View, subjects
from features.accumulate import empty, merge
from features.compute import cold_bucket, moments
from streams.metrics import Metrics
from streams.packaged import build_meaning, default_policies
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.simulation import build
from streams.standing import last_moment, usages
from streams.store import Reader, Store
from streams.watch import Registry
from tests.support.clocks import SetClock
from tests.support.provider import Json, lines, usage

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BUSIER_THAN_USED = {"gpu_util": 0.1, "tensor_active": 0.8}
FABRIC = {"cluster_id": "fabric", "site_id": "site", "job_id": "j"}


def filled(folder: Path, meaning: Meaning, blocks: Sequence[bytes]) -> Store:
    store = Store.open(folder / "store", durable=False)
    metrics = Metrics(SetClock(NOW).now, "test")
    service = Service(store, meaning, SetClock(NOW), metrics, Options(follows_events=True))
    for place, block in enumerate(blocks):
        service.take(Batch(blocks=(LineBlock(f"{place}.ndjson", 1, block),)))
    return store


def told(store: Reader, meaning: Meaning) -> list[Finding]:
    """Give the findings of the parts, as the program makes them."""
    at, moment = last_moment(store, NOW)
    usage = merge([empty(), *usages(store)], at, cold_bucket(moment.newest_hour))
    parties = Registry(store.records(), meaning).parties_at(at, moment.as_of)
    return in_order(assess_whole(State(usage, empty()), at, moment, parties, meaning).findings)


def everything(store: Reader, meaning: Meaning) -> list[Finding]:
    """Hold every rule against every subject."""
    at, moment = last_moment(store, NOW)
    usage = merge([empty(), *usages(store)], at, cold_bucket(moment.newest_hour))
    parties = Registry(store.records(), meaning).parties_at(at, moment.as_of)
    known = moments({at: moment.newest_hour})
    described, by_scope = ledgers(usage, known, {at: parties}, meaning)
    odd = both(notices(described, meaning.catalogue.names), opening_notices(by_scope["tenant"]))
    packs, limits, countries = meaning.policy.packs, meaning.limits, meaning.countries
    called = {at: Hour(moment.as_of, parties.who_is)}
    found = []
    for scope in REPORTED_SCOPES:
        view = View(scope, by_scope[scope], called, described.peaks, meaning.correlations)
        for _, facts in subjects(view):
            own = odd.get(facts.subject_id, ()) if scope == "tenant" else ()
            customers = parties.customers(facts.tenant_ids)
            if (scope, facts.subject_id) != ("training_run", UNATTRIBUTED):
                found += apply(Case(facts, customers, packs, limits, countries, own))
    return in_order(found)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: each.finding_id)


def node(name: str, tenant: str, **fields: Any) -> Json:
    return usage(name, 0, 1, **{"tenant_id": tenant, "resource_id": name, **fields})


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return build_meaning(default_policies())


def test_the_findings_are_those_of_every_rule_on_every_subject(
    tmp_path: Path, meaning: Meaning
) -> None:
    odd = [
        node("a", "odd", accelerator_count=8, telemetry=BUSIER_THAN_USED),
        node("b", "odd", accelerator="toaster", accelerator_count=2),
        node("c", "unattributed", accelerator="kettle", accelerator_count=2),
        node("d", "fast", accelerator_count=150_000, **FABRIC),
    ]
    blocks = [*build("demo", days=2, tenants=12).blocks(), lines(odd)]
    with filled(tmp_path, meaning, blocks) as store:
        found = told(store, meaning)
        assert found == everything(store, meaning)
    about = {(each.subject_id, each.rule_id) for each in found}
    assert {
        ("odd", "accelerator-unknown"),
        ("odd", "use-contradicted"),
        ("unattributed", "accelerator-unknown"),
        ("fast", "cluster-past-test"),
    } <= about


def test_an_hour_of_a_very_fast_cluster_is_found_however_few_its_operations(
    tmp_path: Path, meaning: Meaning
) -> None:
    halves = [
        node("a", "t", accelerator_count=80_000, **FABRIC),
        node("b", "t", accelerator_count=80_000, **FABRIC),
        node("c", "other", accelerator_count=20_000, **FABRIC | {"site_id": "elsewhere"}),
    ]
    with filled(tmp_path, meaning, [lines(halves)]) as store:
        found = told(store, meaning)
    assert sorted((each.rule_id, each.scope, each.subject_id) for each in found) == [
        ("cluster-past-test", "tenant", "t"),
        ("cluster-past-test", "training_run", "job/t/j"),
    ]
