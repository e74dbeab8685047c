"""A rule about places: a customer of the United States on paper, paid for or used from abroad.

Records of who owns a customer can be forged as a whole; who pays and who signs in is seen by the
provider itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from detector.facts import CustomerFacts
from detector.policy.tables import HOME, CountryTable
from detector.rules.rule import RED_FLAGS, Case, Hit, Rule, Value, is_large


def _places_at_odds(case: Case) -> Hit | None:
    """A large training of a United States person is paid for from abroad, or used from there.

    Payment counts by its country, sign-ins by the country of most of them; at home are the United
    States, the country of the customer's law and the places of use that it declared. Medium for
    both signs, low for one. Staff who travel, an access network whose country is wrong, and a
    parent abroad that pays look the same; a front who pays and signs in at home is missed, as is
    one whose countries nobody recorded. Nothing is added up by it and nobody's person status
    changes.
    """
    if case.facts.person_status.status != "us" or not is_large(case):
        return None
    paid = _united(_paid_from(each, case.countries) for each in case.customers)
    used = _united(_used_from(each, case.countries) for each in case.customers)
    if not paid and not used:
        return None
    signs = [f"paid for from {', '.join(paid)}"] * bool(paid)
    signs += [f"used mostly from {', '.join(used)}"] * bool(used)
    evidence: dict[str, Value] = {
        "payment_countries": paid,
        "access_countries": used,
        "signs": " and ".join(signs),
        "training_operations_expected": case.facts.training.expected,
    }
    return Hit("medium" if paid and used else "low", case.pack_in_force(RED_FLAGS), evidence)


def _united(each: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({country for country in each if country is not None}))


def _paid_from(customer: CustomerFacts, countries: CountryTable | None) -> str | None:
    return _abroad(customer, customer.payment_country, countries)


def _used_from(customer: CustomerFacts, countries: CountryTable | None) -> str | None:
    """Give the country that more than half of the sign-ins of known country came from."""
    counts: dict[str, int] = {}
    for access in customer.accesses:
        if access.country is not None:
            counts[access.country] = counts.get(access.country, 0) + access.access_count
    total = sum(counts.values())
    most = [country for country, count in counts.items() if 2 * count > total]
    return _abroad(customer, most[0], countries) if most else None


def _abroad(
    customer: CustomerFacts, place: str | None, countries: CountryTable | None
) -> str | None:
    """Give the place where it lies outside; a jurisdiction may be a part of a country (US-DE)."""
    if place is None or customer.jurisdiction is None:
        return None
    home = {HOME, customer.jurisdiction, *customer.use_locations}
    if countries is None:
        return None if place in home else place
    known = {countries.country(each) for each in home}
    return None if countries.country(place) in known else place


RULES: Final = (
    Rule(
        id="places-at-odds",
        title="United States on paper, paid for or used from abroad",
        basis=RED_FLAGS,
        severity="medium",
        scopes=("tenant",),
        when=_places_at_odds,
        because="By its records this is a United States person, and yet it is {signs}; its "
        "training operations expected are {training_operations_expected}. Ask who uses the "
        "computing and for whom, and who pays for it and why.",
    ),
)
