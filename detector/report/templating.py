"""Templates given as text, made ready once: a value that is missing is an error, never a blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from jinja2 import Environment, StrictUndefined, Template

from detector.errors import DetectorError

Filters = tuple[tuple[str, Callable[..., str]], ...]


def template(
    name: str, templates: Mapping[str, str], folder: str, filters: Filters, *, is_html: bool
) -> Template:
    """Give the template of this name from those handed in.

    ``templates``: texts by file name; ``folder``: where they are kept, for the error; ``filters``:
    what may follow a bar in them, by name. With ``is_html`` every value is escaped.
    Raises DetectorError where the name is not among them.
    """
    if name not in templates:
        raise DetectorError(
            f"templates: expected {name}, got {', '.join(sorted(templates)) or 'none'}; "
            f"read it from {folder}"
        )
    return _compiled(templates[name], filters, is_html=is_html)


@lru_cache(maxsize=16)  # compiling one takes a hundred times as long as filling it in
def _compiled(text: str, filters: Filters, *, is_html: bool) -> Template:
    environment = Environment(
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(filters)
    return environment.from_string(text)
