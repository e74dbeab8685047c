"""Shells, strangers, a reseller and a possible owner: tenants that stand together or do not."""

from __future__ import annotations

from typing import Any

from tests.support.contract_story import BUSY
from tests.support.provider import BODS, TENANT, Json, entity, event, hour, interest, person, usage

ACCESS = "trainwatch.access.v1"
NODES, STEP, UNTIL = 8, 6, 24


def trained(tenant: str, until: int = UNTIL, since: int = 0, **fields: Any) -> list[Json]:
    """Give some hours of training on eight nodes."""
    return [
        usage(
            f"{tenant}-{node}-{begin}",
            begin,
            begin + STEP,
            tenant_id=tenant,
            resource_id=f"{tenant}-node-{node}",
            accelerator_count=8,
            job_id="pretrain",
            cluster_id=f"fabric-{tenant}",
            service_class="managed_training",
            precision="bf16",
            telemetry=BUSY,
            **fields,
        )
        for begin in range(since, until, STEP)
        for node in range(NODES)
    ]


def customer(tenant: str, country: str = "FR", /, **fields: Any) -> list[Json]:
    """Give an organisation with one owner of its own, and the tenant record that names it."""
    records = [
        entity(f"{tenant}-inc", f"{tenant} Inc", country),
        person(f"{tenant}-owner", f"Owner of {tenant}", country),
        interest(f"{tenant}-share", f"{tenant}-owner", f"{tenant}-inc", 100),
    ]
    statements = [event(f"{tenant}-b{n}", BODS, 0, each) for n, each in enumerate(records)]
    return [*statements, record(tenant, 0, **fields)]


def record(tenant: str, time: float, **fields: Any) -> Json:
    """Give a tenant record that says where everybody is and how everybody is reached."""
    known: dict[str, Any] = {
        "tenant_id": tenant,
        "customer_record_id": f"{tenant}-inc",
        "name": f"{tenant} Inc",
        "email": f"desk@{tenant}.example",
        "phone": f"+33 1 {sum(tenant.encode()) * 7919 % 10**8:08}",
        "address": {"street": f"{tenant} road 1", "city": "Paris", "country": "FR"},
        "payment": {"means": "card", "identifier_hash": f"card-{tenant}"},
    }
    return event(f"{tenant}-t{time:g}", TENANT, time, {**known, **fields})


def access(tenant: str, **fields: Any) -> Json:
    """Give one access to a tenant."""
    return event(f"{tenant}-access", ACCESS, 1, {"tenant_id": tenant, **fields})


def shells() -> list[Json]:
    """Two shells that pay with one card and hide behind two names, among strangers."""
    card = {"means": "card", "identifier_hash": "card-9"}
    common = [
        each
        for number in range(40)
        for each in customer(f"stranger-{number}", email=f"s{number}@mail.example")
    ]
    return [
        *common,
        *customer("shell-a", payment=card, email="a@mail.example"),
        *customer("shell-b", payment=card, email="b@mail.example"),
        *trained("shell-a"),
        *trained("shell-b"),
        *trained("stranger-1"),
        *trained("stranger-2"),
    ]


def sold() -> list[Json]:
    """Two customers of one reseller, whose attestation ends on the first day."""
    ended = {"status": "verified", "expires_at": hour(10)}
    card = {"means": "invoice", "identifier_hash": "reseller-account"}
    through = {"reseller_tenant_id": "seller", "payment": card}
    return [
        *customer("seller", is_reseller=True, payment=card, verification=ended),
        *customer("end-a", **through),
        *customer("end-b", **through),
        *trained("end-a"),
        *trained("end-b"),
    ]


def perhaps() -> list[Json]:
    """A person who owns one customer and may own another: the share is not disclosed."""
    unknown = interest("perhaps-share", "sure-owner", "perhaps-inc", 0)
    (stated,) = unknown["recordDetails"]["interests"]
    stated["share"] = {"minimum": 10, "maximum": 40}
    return [
        *customer("sure"),
        *customer("perhaps")[:1],
        event("perhaps-b1", BODS, 0, unknown),
        record("perhaps", 0),
        *trained("sure"),
        *trained("perhaps"),
    ]


def in_order(events: list[Json]) -> list[Json]:
    """Give the events as a provider would send them."""
    return sorted(events, key=lambda each: str(each["time"]))


def sale(known_at: float) -> list[Json]:
    """A customer that was sold on 2 March, and trained for two days; the sale is told later."""
    sold_on, bought_on = {"endDate": "2026-03-02"}, {"startDate": "2026-03-02"}
    return [
        *customer("shop"),
        *trained("shop", 48),
        event("buyer", BODS, known_at, person("buyer", "Bo Buyer", "CN")),
        event("sold", BODS, known_at, _again("shop-share", "shop-owner", **sold_on)),
        event("bought", BODS, known_at, interest("bought", "buyer", "shop-inc", 100, **bought_on)),
    ]


def handed_on() -> list[Json]:
    """A training that a second customer with another owner goes on with from the third day."""
    return [
        *customer("shop"),
        *customer("next"),
        *trained("shop", 48, data_ref="checkpoint"),
        *trained("next", 60, 48, data_ref="checkpoint"),
    ]


def idle() -> list[Json]:
    """A customer of the United States; nothing was done while somebody else held its tenant."""
    return [
        *customer("shop", "US"),
        *customer("next", "FR"),
        *trained("shop", 24),
        record("shop", 52, valid_from=hour(30), customer_record_id="next-inc"),
        record("shop", 52.5, valid_from=hour(40)),
        *trained("shop", 72, 48),
    ]


def mistaken() -> list[Json]:
    """A customer that never was whose it was said to be: the register puts it right two days on."""
    right = {
        **_again("shop-share", "buyer"),
        "annotations": [{"motivation": "correcting", "statementPointerTarget": "/"}],
    }
    return [
        *customer("shop"),
        *trained("shop", 48),
        event("buyer", BODS, 52, person("buyer", "Bo Buyer", "CN")),
        event("right", BODS, 52, right),
    ]


def _again(record_id: str, owner: str, **dates: str) -> Json:
    told = interest(record_id, owner, "shop-inc", 100, **dates)
    return {**told, "statementId": f"again-{record_id}", "statementDate": "2026-03-03"}
