"""An explanation as a picture (SVG) and as a page (HTML with the picture inside).

Templates come in as text, so that this stays a pure function; every value is escaped, and nothing
is loaded from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import Template

from detector.explain import glossary, held, phrases
from detector.explain.document import Explanation
from detector.explain.picture import Drawing
from detector.ownership.svg import ownership_svg
from detector.report import words
from detector.report.templating import Filters, template

SVG: Final = "explain.svg.j2"
HTML: Final = "explain.html.j2"
#: The templates that a caller reads from ``detector/explain/templates`` and passes in by name.
TEMPLATES: Final = (SVG, HTML)
_FILTERS: Final[Filters] = (
    ("operations", glossary.operations_text),
    ("count", words.count_words),
    ("percent", words.percent_words),
    ("ratio", glossary.ratio_words),
    ("instant", words.instant_words),
    ("day", words.date_words),
    ("run_words", phrases.run),
    ("threshold_words", phrases.threshold),
)


def render_svg(drawing: Drawing, templates: Mapping[str, str]) -> str:
    """Write the picture by itself."""
    return _template(SVG, templates).render(drawing=drawing)


def render_ownership(told: Explanation) -> str | None:
    """Draw who stands behind the subject; None where no customer is on file."""
    chart = told.who.ownership
    return None if chart is None else ownership_svg(chart, told.who.name or told.subject_id)


def render_page(told: Explanation, drawing: Drawing, templates: Mapping[str, str]) -> str:
    """Write the page: the same sections as the text, with the picture."""
    return _template(HTML, templates).render(
        told=told,
        figures=told.figures,
        phrases=phrases,
        glossary=glossary,
        picture=render_svg(drawing, templates),
        ownership=render_ownership(told),
        rows=(
            ("training", told.figures.training_operations),
            ("all work", told.figures.operations),
        ),
        held=list(held.told(told)),
        declared=[phrases.declared(d, told.figures.training_operations) for d in told.declared],
    )


def _template(name: str, templates: Mapping[str, str]) -> Template:
    return template(name, templates, "detector/explain/templates", _FILTERS)
