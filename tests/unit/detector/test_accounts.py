"""What accounts share: spelling, how rare it is, what it weighs, and whom nothing links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from detector.linked import Link
from detector.who.account_figures import AccountFigures, parse_account_figures
from detector.who.accounts import account_links, held
from detector.who.records import TenantHistory
from detector.who.traits import Trait, access_traits, account_traits, record_traits
from tests.support.subjects import ROOT

WORDS = {"road": "rd"}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def figures() -> AccountFigures:
    return parse_account_figures((ROOT / "detector/who/accounts.toml").read_text(encoding="utf-8"))


def crowd(count: int, *shared: Trait) -> dict[str, set[Trait]]:
    """Give tenants with a card and a number of their own each, and what all of them share."""
    return {
        f"c{n}": {("payment", f"card-{n}"), ("phone", f"phone-{n}"), *shared} for n in range(count)
    }


def scored(
    traits: dict[str, set[Trait]], figures: AccountFigures, *runs: Link
) -> dict[tuple[str, str], float]:
    found = account_links(held(traits), runs, set(traits), len(traits), figures)
    return {(link.run_a, link.run_b): link.score for link in found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "+49 (30) 555-0100"}, {"phone": "0049 30 5550100"}),
        ({"email": "A.Lee+gpu@X.example"}, {"email": " a.lee@x.example"}),
        (
            {"address": {"street": "1 Harbour Road", "city": "Köln", "country": "DE"}},
            {"address": {"street": "Harbour Rd., 1", "city": "KOLN", "country": "DE"}},
        ),
        ({"payment": {"payer_name": "Acme, Inc."}}, {"payment": {"payer_name": "ACME  Inc"}}),
    ],
    ids=["phone", "email", "address", "payer"],
)
def test_two_spellings_of_one_thing_are_one_value(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert set(record_traits(one, WORDS)) == set(record_traits(other, WORDS)) != set()


def test_a_city_without_a_street_and_a_short_number_are_no_value() -> None:
    record = {"address": {"city": "Paris"}, "phone": "110", "email": "nobody", "payment": None}
    assert set(record_traits(record, WORDS)) == set()


def test_accesses_give_networks_and_principals_but_not_behind_an_anonymizer() -> None:
    accesses: list[dict[str, Any]] = [
        {"source_ip": "198.51.100.7", "asn": 64500, "principal_hash": "p"},
        {"source_ip": "2001:db8:1:2::3"},
        {"source_ip": "::ffff:203.0.113.9"},
        {"source_ip": "192.0.2.1", "asn": 64501, "is_anonymizer": True, "principal_hash": "q"},
        {"source_ip": "not an address"},
        {"source_ip": "127.0.0.1"},
    ]
    assert set(access_traits(accesses)) == {
        ("network", "198.51.100.0/24"),
        ("network", "2001:db8:1::/48"),
        ("network", "203.0.113.0/24"),
        ("provider", "64500"),
        ("principal", "p"),
        ("principal", "q"),
    }


def test_what_a_reseller_says_too_is_no_secret_of_its_customers() -> None:
    card = {"payment": {"identifier_hash": "its-account"}}
    told: dict[str, dict[str, Any]] = {
        "seller": {"tenant_id": "seller", **card},
        "one": {"tenant_id": "one", "reseller_tenant_id": "seller", **card},
        "two": {"tenant_id": "two", "reseller_tenant_id": "seller", "phone": "5550100", **card},
    }
    histories = {name: TenantHistory.of([(record, NOON)]) for name, record in told.items()}
    assert account_traits(histories, {}, WORDS) == {
        "seller": {("payment", "its-account")},
        "one": set(),
        "two": {("phone", "5550100")},
    }


def test_a_card_that_two_of_a_thousand_share_links_them(figures: AccountFigures) -> None:
    shells: dict[str, set[Trait]] = {"a": {("payment", "x")}, "b": {("payment", "x")}}
    (score,) = scored({**crowd(1000), **shells}, figures).values()
    assert 0.9 < score < 0.95
    (link,) = account_links(held({**crowd(998), **shells}), (), {"a", "b"}, 1000, figures)
    assert link.evidence == (
        "they pay with the same instrument (2 of 1000 customers do; by chance 1 in 500000)",
    )


@pytest.mark.parametrize(
    "shared",
    [
        ("email_domain", "mail.example"),
        ("provider", "64500"),
        ("address", "virtual office"),
        ("image", "public"),
        ("payment", "market place"),
    ],
    ids=lambda trait: str(trait[0]),
)
def test_what_sixty_share_links_nobody(figures: AccountFigures, shared: Trait) -> None:
    assert scored({**crowd(940), **crowd(60, shared)}, figures) == {}


def test_a_card_that_forty_share_links_them_all(figures: AccountFigures) -> None:
    shells: dict[str, set[Trait]] = {f"shell-{n}": {("payment", "x")} for n in range(40)}
    scores = scored({**crowd(960), **shells}, figures)
    assert len(scores) == 40 * 39 // 2
    assert min(scores.values()) > 0.9


def test_what_an_office_gives_at_once_counts_once_and_a_card_beside_it_adds(
    figures: AccountFigures,
) -> None:
    place: set[Trait] = {("address", "1 rd"), ("network", "198.51.100.0/24")}
    assert scored({**crowd(1000), "a": place, "b": place}, figures) == {}
    phone: set[Trait] = {*place, ("phone", "5550100")}
    only: set[Trait] = {("phone", "5550100")}
    alone = scored({**crowd(1000), "a": only, "b": only}, figures)
    assert scored({**crowd(1000), "a": phone, "b": phone}, figures) == alone
    card: set[Trait] = {*phone, ("payment", "x")}
    (score,) = scored({**crowd(1000), "a": card, "b": card}, figures).values()
    assert score > 0.99 > alone[("a", "b")]


def test_a_larger_cloud_makes_no_more_of_a_value_that_as_many_share(
    figures: AccountFigures,
) -> None:
    shells: dict[str, set[Trait]] = {"a": {("phone", "x")}, "b": {("phone", "x")}}
    scores = [
        scored({**{n: {("phone", n)} for n in crowd(size)}, **shells}, figures)[("a", "b")]
        for size in (500, 5000)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.01)


def test_work_alone_links_no_accounts_and_adds_to_what_does(figures: AccountFigures) -> None:
    run = Link("r1", "r2", ("a", "b"), "side_by_side", 0.97, ("both run the image i",))
    domain: set[Trait] = {("email_domain", "x.example")}
    assert scored({**crowd(1000), "a": set(), "b": set()}, figures, run) == {}
    alone = scored({**crowd(1000), "a": domain, "b": domain}, figures)
    both = scored({**crowd(1000), "a": domain, "b": domain}, figures, run)
    assert both[("a", "b")] > 0.97
    assert both[("a", "b")] > alone.get(("a", "b"), 0.0)


def test_the_order_of_tenants_changes_nothing(figures: AccountFigures) -> None:
    traits = {**crowd(50, ("phone", "5550100")), **crowd(3, ("payment", "x"), ("email", "y"))}
    backwards = dict(reversed(list(traits.items())))
    assert scored(traits, figures) == scored(backwards, figures) != {}
