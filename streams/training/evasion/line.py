"""A foreign training of a few times the threshold, in disguise, through the whole line.

Each disguise and strength is a small cloud of its own: some ordinary customers, and a training of
``TRUE_OPERATIONS`` by a foreign person, replayed as files are. What is told of its accounts counts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from detector.meaning import Meaning
from streams.clock import SystemClock
from streams.files import FileSource, find_inputs
from streams.replay import replay
from streams.simulation.background import customers, tenant_id_of, workloads
from streams.simulation.cloud import END_MS, Cloud
from streams.simulation.draw import draw_workload
from streams.simulation.evasion import DISGUISES, Training, cost_ratio, disguise, operations
from streams.simulation.evasion.plan import kept, seen
from streams.simulation.families import families, family, node
from streams.simulation.mess import Mess
from streams.simulation.people import Customer, Holding, Party, access, holding, party, tenant
from streams.simulation.workload import DAY_MS, Limits

DAYS: Final = 65
TRUE_OPERATIONS: Final = 3e26
WINDOW: Final = (END_MS - DAYS * DAY_MS, END_MS)
STRENGTHS: Final = (0.5, 1.0)
SEED: Final = 47_000
ORDINARY: Final = 12
#: Devices of a resource: whole fabric blocks, so that a run of tens of thousands stays small.
BLOCK: Final = 4096
TENANT: Final = "t-veil"
#: Where the companies that hold the accounts are, and the fronts.
ABROAD: Final = "AE"
AT_HOME: Final = "US"
_WORTH: Final = ("medium", "high", "critical")
_FIGURES: Final = {"tensor": 0.46, "gpu_util": 0.98, "sm": 0.8, "power": 0.86, "nvlink": 0.3}


@dataclass(frozen=True)
class Fronts:
    """Where fronts and their companies are, and from where they are paid for and signed in to."""

    country: str
    used_from: str


#: Disguises with fronts are played again with fronts that are persons of the United States, whom no
#: report is about: once they leave no trace, once the owner abroad pays and signs in.
FRONTS_AT_HOME: Final = {
    f"fronts in {AT_HOME}": Fronts(AT_HOME, AT_HOME),
    f"fronts in {AT_HOME}, paid and used from {ABROAD}": Fronts(AT_HOME, ABROAD),
}


@dataclass(frozen=True)
class Told:
    """What the line says of one disguised training.

    ``reports``: scopes of the reports that stand; ``findings``: rules of medium severity or more;
    ``seen``: expected training operations of its accounts, over the true ones.
    """

    disguise: str
    strength: float
    cost: float
    reports: tuple[str, ...]
    findings: tuple[str, ...]
    seen: float


def plain_training(seed: int = SEED) -> Training:
    """Give the training before any disguise: ``TRUE_OPERATIONS`` in about thirty days."""
    rng = np.random.default_rng([seed, 31])
    drawn = draw_workload(rng, family("pretraining"), TENANT, "veil", Limits(WINDOW, 2_000))
    fixed = replace(
        drawn,
        hardware=node("B200-SXM"),
        device_count=33 * BLOCK,
        resource_device_count=BLOCK,
        vantage="host",
        telemetry="full",
        cadence_ms=DAY_MS,
        duty_ratio=1.0,
        start_ms=WINDOW[0] + 5 * DAY_MS,
        end_ms=WINDOW[0] + 30 * DAY_MS,
        service_class="bare_metal",
        purchase_option="reserved",
        cluster_id="fabric-veil",
        data_ref="ref-veil",
        job_id="job-veil",
        precision=None,
    )
    return Training((kept(seen(fixed, **_FIGURES), TRUE_OPERATIONS, WINDOW),), WINDOW)


def through_the_line(
    meaning: Meaning, names: Sequence[str] = (), strengths: Sequence[float] = STRENGTHS
) -> Iterator[Told]:
    """Play the plain training and each disguise at each strength; give what is told of it."""
    plain = plain_training()
    yield play(plain, plain, "none", 0.0, meaning)
    for name in names or tuple(DISGUISES):
        for strength in strengths:
            rng = np.random.default_rng([SEED, 32, list(DISGUISES).index(name)])
            hidden = disguise(plain, name, strength, rng)
            yield play(plain, hidden, name, strength, meaning)
            for words, fronts in FRONTS_AT_HOME.items() if hidden.fronted else ():
                yield play(plain, hidden, f"{name}, {words}", strength, meaning, fronts)


def play(
    plain: Training,
    hidden: Training,
    name: str,
    strength: float,
    meaning: Meaning,
    fronts: Fronts = Fronts(ABROAD, ABROAD),
) -> Told:
    """Replay a cloud with the hidden training in it, and give what is told of its accounts."""
    with tempfile.TemporaryDirectory(prefix="trainwatch-evasion-") as folder:
        events, out = Path(folder) / "events.ndjson", Path(folder) / "out"
        with events.open("wb") as file:
            file.writelines(_cloud(hidden, fronts).blocks())
        source = FileSource(find_inputs([events], out))
        result = replay(source, out, meaning, SystemClock(), lambda _a, _b: None)
    own = {piece.tenant_id for piece in hidden.pieces}
    standing = {v.report.report_id: v.report for v in result.versions}
    reports = {r.scope for r in standing.values() if r.standing and own & set(r.tenant_ids)}
    findings = {
        f.rule_id for f in result.whole.findings if f.severity in _WORTH and own & set(f.tenant_ids)
    }
    totals = result.whole.totals.filter(scope="tenant").rows(named=True)
    expected = sum(row["training_operations_expected"] for row in totals if row["id"] in own)
    return Told(
        name,
        strength,
        cost_ratio(plain, hidden),
        tuple(sorted(reports)),
        tuple(sorted(findings)),
        expected / operations(hidden),
    )


def _cloud(training: Training, fronts: Fronts) -> Cloud:
    rng = np.random.default_rng([SEED, 33])
    ids = tuple(tenant_id_of(number) for number in range(ORDINARY))
    ordinary = workloads(rng, ids, 1.0, Limits(WINDOW, 200, 512), families())
    everyone = (*customers(rng, ORDINARY, WINDOW, 0.0), *people(training, fronts))
    tidy = Mess(duplicate_ratio=0.0, late_ratio=0.0, overlap_ratio=0.0)
    return Cloud(SEED, WINDOW[0], (*training.pieces, *ordinary), everyone, mess=tidy)


def people(training: Training, fronts: Fronts) -> tuple[Customer, ...]:
    """Give who holds the accounts: one foreign owner, or a front of its own that nobody links."""
    at = training.window[0] - DAY_MS
    owner = Party("veil-owner", "Ilyas Omarov", "KZ", is_person=True)
    tenants = sorted({piece.tenant_id for piece in training.pieces})
    return tuple(
        _customer(number, tenant_id, owner, at, fronts if tenant_id in training.fronted else None)
        for number, tenant_id in enumerate(tenants)
    )


def _customer(
    number: int, tenant_id: str, owner: Party, at: int, fronts: Fronts | None
) -> Customer:
    word, where = tenant_id.removeprefix("t-"), fronts or Fronts(ABROAD, ABROAD)
    country = where.country
    company = Party(f"{word}-company", f"Veil Computing {number}", country)
    front = Party(f"{word}-front", f"Front Person {number}", country, is_person=True)
    known = owner if fronts is None else front
    payment = {
        "means": "invoice",
        "identifier_hash": f"pay-{word}",
        "payer_name": company.name,
        "country": where.used_from,
    }
    records = (
        party(known, at),
        party(company, at),
        holding(Holding(company.record_id, known, 100.0), at),
        tenant(tenant_id, company, at, payment=payment),
        access(tenant_id, 1, at + 2 * DAY_MS, where.used_from, source_ip=f"203.0.{number}.7"),
    )
    return Customer(
        tenant_id,
        owner.country,
        (owner.record_id,),
        (owner.country,),
        records,
        "plain" if fronts is None else "front",
    )
