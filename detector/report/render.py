"""A report as a page: HTML, one file, nothing loaded from outside.

Templates come in as text, so that this stays a pure function; every value is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from detector.documents import operations_text, share_text
from detector.facts import Curve
from detector.ownership.svg import ownership_figure
from detector.policy.model import Pack
from detector.report import words
from detector.report.document import Report
from detector.report.missing import ELEMENTS
from detector.report.picture import HEIGHT, WIDTH, draw
from detector.report.templating import Filters, template

#: The templates that a caller reads from ``detector/report/templates`` and passes in by name.
HTML: Final = "report.html.j2"
TEMPLATES: Final = (HTML,)
NOTHING_EXPLAINED: Final[Mapping[str, str]] = MappingProxyType({})


def render_html(
    report: Report,
    curve: Curve,
    pack: Pack,
    templates: Mapping[str, str],
    explanations: Mapping[str, str] = NOTHING_EXPLAINED,
) -> str:
    """Write the report as a single HTML page with its picture inside.

    ``curve`` is the one the report was made from; an empty one leaves the picture out.
    ``explanations`` say by rule id what each rule sees and mistakes; those of the report's rules
    are printed.
    """
    page = template(HTML, templates, "detector/report/templates", _FILTERS)
    return page.render(_scene(report, curve, pack, explanations))


def _unbroken(operations: float) -> str:
    return operations_text(operations).replace(" ", "\N{NO-BREAK SPACE}")


_FILTERS: Final[Filters] = (
    ("operations", _unbroken),
    ("percent", words.percent_words),
    ("share", share_text),
    ("count", words.count_words),
    ("day", words.date_words),
    ("instant", words.instant_words),
)


def _scene(
    report: Report, curve: Curve, pack: Pack, explanations: Mapping[str, str]
) -> dict[str, object]:
    crossed_at, chart = report.crossed_at, report.ownership
    subject = report.subject_name or report.subject_id
    first_start: datetime = report.observed.first_start
    status, meaning = words.LEGAL_STATUS[pack.legal_status]
    return {
        "report": report,
        "pack": pack,
        "status": status,
        "status_meaning": pack.banner or meaning,
        "person_status": words.PERSON_STATUS[report.person_status],
        "scope": words.SCOPES[report.scope],
        "basis": words.BASES[report.basis],
        "subject": subject,
        "missing": [(name, *words.ELEMENT_WORDS[name]) for name in report.missing],
        "element_count": len(ELEMENTS),
        "reasons": _grouped(report),
        "picture": draw(curve, first_start, report.threshold_operations, crossed_at),
        "ownership": None if chart is None else ownership_figure(chart, subject),
        "size": (WIDTH, HEIGHT),
        "explained": [(rule, explanations.get(rule, "")) for rule in report.rule_ids],
    }


def _grouped(report: Report) -> dict[str, list[str]]:
    """The sentences of evidence by what they are about, in the order a reader asks."""
    groups = {
        "trigger": "Why this report",
        "correction": "Why this version",
        "person_status": "Why this person status",
        "ownership": "What else is told of the owners",
        "operations": "How the operations were counted",
        "training": "Why this counts as training",
        "note": "What else was found",
    }
    sentences = {
        title: [reason.because for reason in report.evidence if reason.about == about]
        for about, title in groups.items()
    }
    return {title: found for title, found in sentences.items() if found}
