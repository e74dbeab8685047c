"""What accounts could share without saying so: values of their records and accesses, normalised.

Two spellings of one thing become one value: ``+49 (30) 555`` and ``004930555``, ``A.Lee+gpu@X.com``
and ``a.lee@x.com``, ``1 Harbour Road`` and ``Harbour Rd. 1``. Nothing is guessed beyond spelling.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from detector.who.account_figures import Kind
from detector.who.records import TenantHistory

Trait = tuple[Kind, str]
Access = tuple[Mapping[str, Any], datetime]

#: Fewer digits or letters than this are no telephone number and no name.
PHONE_DIGITS_MIN: Final = 7
NAME_LETTERS_MIN: Final = 3
#: Addresses this close are one network: 256 of IPv4, one site of IPv6.
_NETWORK_BITS: Final = {4: 24, 6: 48}


def account_traits(
    histories: Mapping[str, TenantHistory],
    accesses: Mapping[str, Iterable[Access]],
    address_words: Mapping[str, str],
) -> dict[str, set[Trait]]:
    """Give the values of each tenant, of all its records and accesses over all time.

    What a reseller's own records say too is taken from its customers: that is no secret.
    """
    found: dict[str, set[Trait]] = {
        tenant: {
            trait for held in history.held for trait in record_traits(held.record, address_words)
        }
        for tenant, history in histories.items()
    }
    for tenant, events in accesses.items():
        found.setdefault(tenant, set()).update(access_traits(data for data, _ in events))
    sellers = {
        tenant: {
            held.record["reseller_tenant_id"]
            for held in history.held
            if held.record.get("reseller_tenant_id") not in {None, tenant}
        }
        for tenant, history in histories.items()
    }
    return {
        tenant: traits.difference(*(found.get(each, ()) for each in sellers.get(tenant, ())))
        for tenant, traits in found.items()
    }


def record_traits(record: Mapping[str, Any], address_words: Mapping[str, str]) -> Iterator[Trait]:
    """Give the values of one tenant record: how it pays, how it is reached, where it is."""
    payment = record.get("payment") or {}
    if payment.get("identifier_hash"):
        yield "payment", payment["identifier_hash"]
    payer = plain(payment.get("payer_name") or "")
    if len(payer) >= NAME_LETTERS_MIN:
        yield "payer", payer
    yield from _email(record.get("email") or "")
    digits = "".join(each for each in record.get("phone") or "" if each.isdecimal()).lstrip("0")
    if len(digits) >= PHONE_DIGITS_MIN:
        yield "phone", digits
    address = record.get("address") or {}
    if plain(address.get("street") or ""):
        yield "address", _address(address, address_words)


def access_traits(accesses: Iterable[Mapping[str, Any]]) -> Iterator[Trait]:
    """Give the values of accesses. A network that hides who is behind it names nobody."""
    for access in accesses:
        if access.get("principal_hash"):
            yield "principal", access["principal_hash"]
        if access.get("is_anonymizer"):
            continue
        network = _network(access.get("source_ip") or "")
        if network is not None:
            yield "network", network
        if access.get("asn") is not None:
            yield "provider", str(access["asn"])


def plain(text: str) -> str:
    """Give a text in small letters without accents and marks, words one space apart."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(each for each in folded if not unicodedata.combining(each))
    return " ".join("".join(each if each.isalnum() else " " for each in kept).split())


def _email(text: str) -> Iterator[Trait]:
    local, at, domain = text.strip().casefold().rpartition("@")
    if at and local and domain:
        yield "email", f"{local.partition('+')[0]}@{domain}"
        yield "email_domain", domain


def _address(address: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Street and house number in any order, then city and country."""
    street = sorted(words.get(word, word) for word in plain(address["street"]).split())
    rest = [plain(address.get(name) or "") for name in ("city", "country")]
    return ", ".join([" ".join(street), *rest])


def _network(text: str) -> str | None:
    """Give the network of an address, None where it is none or private to somebody."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        return None
    return str(ip_network((address, _NETWORK_BITS[address.version]), strict=False))
