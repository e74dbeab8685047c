"""Templates given as text, made ready once: a value that is missing is an error, never a blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from detector.errors import DetectorError

#: What no page needs and a customer's name may hold: it breaks a page, or turns a line around.
_HIDDEN: Final = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "�",
)

Filters = tuple[tuple[str, Callable[..., str]], ...]


def template(name: str, templates: Mapping[str, str], folder: str, filters: Filters) -> Template:
    """Give the template of this name from those handed in.

    ``templates``: texts by file name; ``folder``: where they are kept, for the error; ``filters``:
    what may follow a bar in them, by name. Every value is escaped; a mark stands
    for what would break a page or turn a line around, as a right-to-left override does.
    Raises DetectorError where the name is not among them.
    """
    if name not in templates:
        raise DetectorError(
            f"templates: expected {name}, got {', '.join(sorted(templates)) or 'none'}; "
            f"read it from {folder}"
        )
    return _compiled(templates[name], filters)


@lru_cache(maxsize=16)  # compiling one takes a hundred times as long as filling it in
def _compiled(text: str, filters: Filters) -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters.update(filters)
    return environment.from_string(text)


def _finalize(value: object) -> object:
    return value.translate(_HIDDEN) if isinstance(value, str) else value
