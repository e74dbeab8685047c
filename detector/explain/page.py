"""An explanation as a picture (SVG) and as a page (HTML with the picture inside).

Templates come in as text, so that this stays a pure function; every value is escaped, and nothing
is loaded from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from detector.errors import DetectorError
from detector.explain import glossary, phrases
from detector.explain.document import Explanation
from detector.explain.picture import Drawing
from detector.ownership.svg import ownership_svg
from detector.report import words

SVG: Final = "explain.svg.j2"
HTML: Final = "explain.html.j2"
#: The templates that a caller reads from ``detector/explain/templates`` and passes in by name.
TEMPLATES: Final = (SVG, HTML)
_FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "operations": glossary.operations_text,
    "count": words.count_words,
    "percent": words.percent_words,
    "ratio": glossary.ratio_words,
    "instant": words.instant_words,
    "day": words.date_words,
    "run_words": phrases.run,
    "threshold_words": phrases.threshold,
}


def render_svg(drawing: Drawing, templates: Mapping[str, str]) -> str:
    """Write the picture by itself."""
    return _template(_text_of(SVG, templates)).render(drawing=drawing)


def render_ownership(told: Explanation) -> str | None:
    """Draw who stands behind the subject; None where no customer is on file."""
    chart = told.who.ownership
    return None if chart is None else ownership_svg(chart, told.who.name or told.subject_id)


def render_page(told: Explanation, drawing: Drawing, templates: Mapping[str, str]) -> str:
    """Write the page: the same sections as the text, with the picture."""
    return _template(_text_of(HTML, templates)).render(
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
        declared=[phrases.declared(d, told.figures.training_operations) for d in told.declared],
    )


def _text_of(name: str, templates: Mapping[str, str]) -> str:
    if name not in templates:
        raise DetectorError(
            f"templates: expected {name}, got {', '.join(sorted(templates)) or 'none'}; "
            "read it from detector/explain/templates"
        )
    return templates[name]


@lru_cache(maxsize=4)  # compiling one takes a hundred times as long as filling it in
def _template(text: str) -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment.from_string(text)
