"""Contract: whose totals a tenant's hours are: 25 %, paths that add, cycles, control, nobody."""

from __future__ import annotations

from typing import Final

import pytest

from tests.support.provider import (
    BODS,
    TENANT,
    Json,
    Ran,
    entity,
    event,
    hour,
    interest,
    person,
    replay,
    usage,
)

#: Of each tenant: who holds how many percent of what. Organisations are those that somebody holds
#: a stake in; whoever else holds one is a person, but for ``top``.
STAKES: Final[dict[str, list[tuple[str, str, float]]]] = {
    # a quarter is enough, and less is not
    "quarter": [("ann", "quarter", 25), ("bob", "quarter", 24.9), ("cid", "quarter", 50.1)],
    # 50 % of two quarters is a quarter; 49 % of them is not
    "paths": [
        ("left", "paths", 25),
        ("right", "paths", 25),
        ("dee", "paths", 50),
        ("eve", "left", 50),
        ("eve", "right", 50),
        ("fay", "left", 49),
        ("fay", "right", 49),
    ],
    # gil holds 0.5 / (1 - 0.25) = 2/3, hal 0.25 / (1 - 0.25) = 1/3
    "ring": [("gil", "ring", 50), ("loop", "ring", 50), ("ring", "loop", 50), ("hal", "loop", 50)],
    # ida holds 0.35 x 0.5 / (1 - 0.175) = 21 %
    "small": [
        ("jan", "small", 65),
        ("coil", "small", 35),
        ("small", "coil", 50),
        ("ida", "coil", 50),
    ],
    "faceless": [("top", "faceless", 100)],
    # twice the same owner: her hours are of both
    "first": [("kim", "first", 25)],
    "second": [("kim", "second", 100)],
}
OWNERS: Final = {
    "quarter": {"ann", "cid"},
    "paths": {"dee", "eve"},
    "ring": {"gil", "hal"},
    "small": {"jan"},
    "faceless": {"top"},
    "first": {"kim"},
    "second": {"kim"},
}
HOURS: Final = 6


def _statements() -> list[Json]:
    stakes = [stake for told in STAKES.values() for stake in told]
    owned = {subject for _, subject, _ in stakes} | {"top"}
    people = {holder for holder, _, _ in stakes} - owned
    return [
        *(entity(each, f"Company {each}", "FR") for each in sorted(owned)),
        *(person(each, f"Person {each}", "FR") for each in sorted(people)),
        *(interest(f"{who}-in-{what}", who, what, share) for who, what, share in stakes),
    ]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    told = [event(f"b{n}", BODS, 0, each) for n, each in enumerate(_statements())]
    for tenant in STAKES:
        record = {"tenant_id": tenant, "customer_record_id": tenant, "valid_from": hour(0)}
        told.append(event(f"c-{tenant}", TENANT, 0, record))
    work = [usage(f"u-{t}", 0, HOURS, tenant_id=t, resource_id=t, job_id="j") for t in STAKES]
    return replay(tmp_path_factory.mktemp("shares"), [*told, *work])


@pytest.mark.parametrize("tenant", list(STAKES))
def test_the_hours_of_a_tenant_are_those_of_each_beneficial_owner_and_of_nobody_else(
    ran: Ran, tenant: str
) -> None:
    rows = [row for row in ran.totals if row["scope"] == "owner"]
    assert {row["id"] for row in rows if tenant in row["tenant_ids"].split(";")} == OWNERS[tenant]


def test_no_share_divides_an_operation_and_tenants_of_one_owner_add_up(ran: Ran) -> None:
    columns = ("accelerator_hours", "peak_operations", "operations_expected")
    of_tenant = {
        tenant: [int(ran.total("tenant", tenant)[name]) for name in columns] for tenant in STAKES
    }
    for tenant, owners in OWNERS.items():
        for owner in owners - {"kim"}:
            row = ran.total("owner", owner)
            assert [int(row[name]) for name in columns] == of_tenant[tenant]
    both = ran.total("owner", "kim")
    assert both["tenant_ids"] == "first;second"
    sums = [sum(pair) for pair in zip(of_tenant["first"], of_tenant["second"], strict=True)]
    assert [int(both[name]) for name in columns] == sums
    assert sums[0] == 2 * HOURS
