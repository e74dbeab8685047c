"""Who sells on to whom: chains, rings, and attestations that end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from detector.related import Reseller
from detector.who.records import TenantHistory
from detector.who.resellers import resellers

TOLD_AT = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
VERIFIED = {"verification": {"status": "verified"}}


def found(**records: dict[str, Any]) -> tuple[Reseller, ...]:
    told = {name: {"tenant_id": name, **record} for name, record in records.items()}
    histories = {name: TenantHistory.of([(record, TOLD_AT)]) for name, record in told.items()}
    return resellers(histories, AS_OF)


def test_customers_of_a_chain_of_resellers_belong_to_each_of_them() -> None:
    assert found(
        top=VERIFIED,
        middle={"reseller_tenant_id": "top", **VERIFIED},
        end={"reseller_tenant_id": "middle"},
        other={},
    ) == (
        Reseller("middle", ("end",), "valid"),
        Reseller("top", ("end", "middle"), "valid"),
    )


def test_resellers_in_a_ring_are_told_with_the_ring_and_a_customer_hangs_below_it() -> None:
    ring = ("a", "b", "c")
    assert found(
        c={"reseller_tenant_id": "a"},
        a={"reseller_tenant_id": "b"},
        b={"reseller_tenant_id": "c"},
        end={"reseller_tenant_id": "b"},
    ) == (
        Reseller("a", ("b", "c", "end"), "missing", None, ring),
        Reseller("b", ("a", "c", "end"), "missing", None, ring),
        Reseller("c", ("a", "b", "end"), "missing", None, ring),
    )


def test_a_tenant_that_names_itself_is_a_ring_of_one() -> None:
    assert found(a={"reseller_tenant_id": "a"}) == (Reseller("a", (), "missing", None, ("a",)),)


@pytest.mark.parametrize(
    ("verification", "attestation", "ended"),
    [
        (None, "missing", None),
        ({"method": "documents"}, "missing", None),
        ({"status": "pending"}, "not verified", None),
        ({"status": "failed"}, "not verified", None),
        ({"status": "expired"}, "expired", None),
        ({"status": "verified", "expires_at": "2026-03-01T00:00:00Z"}, "expired", AS_OF),
        ({"status": "verified", "expires_at": "2026-03-01T00:00:01Z"}, "valid", None),
        ({"status": "verified"}, "valid", None),
    ],
)
def test_an_attestation_stands_until_its_end(
    verification: dict[str, str] | None, attestation: str, ended: datetime | None
) -> None:
    (only,) = found(a={"is_reseller": True, "verification": verification})
    assert (only.attestation, only.expired_at) == (attestation, ended)


def test_a_reseller_without_a_record_is_one_without_attestation() -> None:
    assert found(end={"reseller_tenant_id": "gone"}) == (Reseller("gone", ("end",), "missing"),)
