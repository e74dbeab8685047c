"""What each method says by itself, in sentences: shown beside the figure that binds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from detector.documents import operations_text
from detector.facts import CustomerFacts, SubjectFacts
from detector.thresholds.forecast import declared_operations

#: What each basis of an estimate is called in a sentence.
NAMES: Final = {
    "counters": "pipe counters",
    "utilisation": "use",
    "power": "power",
    "allocation": "the allocation",
    "silence": "silence",
    "contradiction": "figures at odds",
}


def side_by_side(facts: SubjectFacts, customers: Sequence[CustomerFacts]) -> Iterator[str]:
    """Give one sentence a method, whichever binds, and one a declaration with an amount."""
    for each in facts.estimates:
        low, expected, high = map(operations_text, (each.low, each.expected, each.high))
        yield (
            f"By {NAMES[each.method]} alone, of {each.accelerator_hours:,.0f} accelerator-hours: "
            f"{expected} operations, between {low} and {high}."
        )
    for record in sorted(customers, key=lambda each: each.tenant_id):
        for said in sorted(record.declarations, key=lambda each: each.declaration_id):
            operations = declared_operations(said)
            if operations is not None:
                yield (
                    f"The customer declares {operations_text(operations)} operations "
                    f"({said.declaration_id}): compared with what was metered, never taken for it."
                )
