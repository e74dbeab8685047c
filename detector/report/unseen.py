"""What a report says of the work that no meter saw: since when it is metered, what was stated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detector.documents import instant_text, operations_text, share_text
from detector.facts import OpeningFacts, SubjectFacts
from detector.report.words import count_words

_BASES: Final = {
    "customer": "on the customer's word, by the larger of its operations and its hours",
    "provider_estimate": "by the provider's own estimate",
    "other_provider": "by another provider's statement",
    None: "on a basis that was not told",
}


def unseen_sentences(facts: SubjectFacts) -> Iterator[str]:
    """Say since when the figures are metered, what was stated, and how much was silent."""
    if facts.metered_since is None:
        yield "As far as is known now, nothing of these tenants was metered."
    elif not facts.openings:
        yield (
            f"These tenants are metered since {instant_text(facts.metered_since)}; what was done "
            "before is in no figure."
        )
    else:
        yield f"These tenants are metered since {instant_text(facts.metered_since)}."
    for opening in facts.openings:
        yield _stated(opening)
    if facts.silent_ratio > 0:
        yield (
            f"{share_text(facts.silent_ratio)} of the metered device time came without telemetry: "
            "no metering is not no training."
        )
    if facts.unmetered_hours > 0:
        yield (
            f"{count_words(facts.unmetered_hours)} accelerator-hours on the bill of these tenants "
            "were seen by no meter of the provider; they count as wide as an allocation."
        )


def _stated(opening: OpeningFacts) -> str:
    """Say what an opening adds, on whose word, and that nobody knows who held the tenant before."""
    return (
        f"For work of tenant {opening.tenant_id} before {instant_text(opening.at)}, which was not "
        f"metered, {operations_text(opening.operations.expected)} operations count "
        f"{_BASES[opening.basis]}, for whoever held the tenant last before that instant. What an "
        "earlier holder did of it is not known."
    )
