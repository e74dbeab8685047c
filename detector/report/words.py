"""Figures, instants and codes in plain English for a person who reads a report.

Only presentation: nothing here is a threshold or a decision.
"""

from __future__ import annotations

from calendar import month_name
from datetime import date, datetime
from typing import Final

from detector.documents import percent_text
from detector.report.document import Element

_SIZES: Final = ((1e15, "quadrillion"), (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def percent_words(ratio: float | None) -> str:
    """Write a probability in whole percent, never as certainty; unknown is ``unknown``."""
    return "unknown" if ratio is None else percent_text(ratio)


def count_words(count: float) -> str:
    """Write a count, of hours or tokens say, with three digits: ``412``, ``70 million``."""
    for size, word in _SIZES:
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}" if count >= 100 else f"{count:.3g}"


def date_words(day: date | datetime) -> str:
    """Write a date as ``3 March 2026``; of an instant, its UTC date."""
    return f"{day.day} {month_name[day.month]} {day.year}"


def instant_words(instant: datetime | None) -> str:
    """Write a UTC instant to the minute; one that has not come is ``not yet``."""
    if instant is None:
        return "not yet"
    return f"{date_words(instant)}, {instant:%H:%M} UTC"


LEGAL_STATUS: Final = {
    "in_force": ("In force", "This instrument is in force."),
    "proposed": (
        "Proposed rule, not in force",
        "No law obliges a provider to file this report today. It follows the form that the "
        "proposal describes.",
    ),
    "guidance": ("Guidance", "Published guidance. It explains duties; it makes none of its own."),
    "codified_unenforced": (
        "Codified, not enforced",
        "The text still stands in the code, but the authority has said it does not enforce it.",
    ),
    "revoked": ("Revoked", "This instrument was revoked. The report is kept for information."),
    "bill": ("Bill, not law", "This is a bill. No law obliges a provider to file this report."),
    "voluntary": ("Voluntary", "A voluntary commitment. No law obliges a provider to file this."),
}

PERSON_STATUS: Final = {
    "us": "a US person",
    "foreign": "a foreign person",
    "undetermined": "a person whose status is undetermined",
}

SCOPES: Final = {
    "training_run": "training run",
    "tenant": "tenant",
    "owner": "owner",
    "cluster": "cluster",
}

BASES: Final = {
    "statute": "one AI model, as the text of the rule asks",
    "house_policy": "the sum over all training of this tenant or owner, a house policy "
    "stricter than the text, which speaks of one AI model",
}

#: What each element of 7.308(d)(1) is, and where to get it when it is not at hand.
ELEMENT_WORDS: Final[dict[Element, tuple[str, str]]] = {
    "name": ("Full legal name, and every trading name", "customer record"),
    "ultimate_beneficial_owner": ("Ultimate beneficial owner", "customer or ownership register"),
    "address": ("Street address; principal place of business", "customer record"),
    "request_origin": ("Where the training request comes from", "access log or customer"),
    "jurisdiction": ("Jurisdiction of organisation", "customer or company register"),
    "beneficial_owners": ("Names of all beneficial owners", "customer or ownership register"),
    "payment": ("Means and source of payment", "billing"),
    "email": ("E-mail address", "customer record"),
    "telephone": ("Telephone number", "customer record"),
    "ip_addresses": ("IP addresses with date and time of each access", "access log"),
    "operations_estimate": ("Estimated number of operations", "metering"),
    "start_date": ("Start of the training", "metering; the customer, for work before it"),
    "completion_date": ("Anticipated completion of the training", "customer"),
    "training_practices": ("Training practices: model size, tokens, precision", "customer"),
    "accelerator_model": ("Model of the primary accelerators", "metering"),
    "weight_security": ("How the weights are stored and protected", "only the customer"),
    "incidents": (
        "Security incidents of the last four years that touched weights or source code",
        "only the customer",
    ),
}
