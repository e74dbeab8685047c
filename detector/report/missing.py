"""Which elements of a 7.308(d)(1) report are not at hand, element by element.

An element is at hand when the provider's own records or meters hold it for every customer whose
tenant the report names. Nothing is guessed, and a blank in one record is missing for the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, get_args

from detector.facts import CustomerFacts, Declaration, SubjectFacts
from detector.report.document import Element

ELEMENTS: Final[tuple[Element, ...]] = get_args(Element)
#: Nothing, or a country by its code, ISO 3166-1 alpha-2: alone it is no address.
_NO_ADDRESS: Final = re.compile("([A-Z]{2})?")


def missing_elements(
    facts: SubjectFacts, customers: Sequence[CustomerFacts]
) -> tuple[Element, ...]:
    """Name the elements not at hand, in the order of the text of 7.308(d)(1).

    A tenant without any customer record lacks every element that such a record would give.
    """
    held = {customer.tenant_id: customer for customer in customers}
    records = [held.get(tenant, CustomerFacts(tenant)) for tenant in facts.tenant_ids]
    return tuple(name for name in ELEMENTS if not _is_at_hand(name, facts, records))


def _is_at_hand(name: Element, facts: SubjectFacts, records: Sequence[CustomerFacts]) -> bool:
    if name in _FROM_METERS:
        return _FROM_METERS[name](facts)
    return bool(records) and all(_FROM_RECORDS[name](record) for record in records)


def _owners_are_known(record: CustomerFacts) -> bool:
    """An individual without other owners owns the account; an organisation must disclose all.

    What tops a chain and has no beneficial owner, such as a state, has nobody to name.
    """
    if record.kind == "individual" and not record.owners:
        return record.name is not None
    return (
        record.is_ownership_disclosed
        and (bool(record.without_owners) or any(owner.is_person for owner in record.owners))
        and all(owner.name for owner in record.owners)
    )


def _ultimate_owner_is_known(record: CustomerFacts) -> bool:
    """At least one natural person at the top is known by name, or that nobody is to be named."""
    if record.kind == "individual" and not record.owners:
        return record.name is not None
    if record.is_ownership_disclosed and record.without_owners:
        return True
    return any(owner.is_person and owner.name for owner in record.owners)


def _any_declaration(holds: Callable[[Declaration], bool]) -> Callable[[CustomerFacts], bool]:
    return lambda record: any(holds(declaration) for declaration in record.declarations)


def _practices_are_described(declaration: Declaration) -> bool:
    """How the AI model is trained: its size, the length of the training, and the arithmetic."""
    size = declaration.parameters is not None or declaration.active_parameters is not None
    return size and declaration.tokens is not None and declaration.precision is not None


_FROM_METERS: Final[dict[Element, Callable[[SubjectFacts], bool]]] = {
    "operations_estimate": lambda facts: facts.training.high > 0,
    "start_date": lambda facts: bool(facts.accelerator_hours) and not facts.openings,
    "accelerator_model": lambda facts: bool(facts.accelerators),
}

_FROM_RECORDS: Final[dict[Element, Callable[[CustomerFacts], bool]]] = {
    "name": lambda record: bool(record.name),
    "ultimate_beneficial_owner": _ultimate_owner_is_known,
    "address": lambda record: _NO_ADDRESS.fullmatch(record.address or "") is None,
    "request_origin": lambda record: (
        bool(record.use_locations) or any(access.country for access in record.accesses)
    ),
    # jurisdiction of organisation: a natural person has none
    "jurisdiction": lambda record: bool(record.jurisdiction) or record.kind == "individual",
    "beneficial_owners": _owners_are_known,
    "payment": lambda record: bool(record.payment_means and record.payment_identifier_hash),
    "email": lambda record: bool(record.email),
    "telephone": lambda record: bool(record.telephone),
    "ip_addresses": lambda record: bool(record.accesses),
    "completion_date": _any_declaration(lambda declaration: declaration.planned_end is not None),
    "training_practices": _any_declaration(_practices_are_described),
    "weight_security": _any_declaration(lambda declaration: bool(declaration.weight_security)),
    "incidents": _any_declaration(lambda declaration: bool(declaration.incidents)),
}
