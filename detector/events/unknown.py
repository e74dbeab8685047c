"""Names of fields that an event carries and its model does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

from detector.events.fields import EventModel


def unknown_fields(
    model: type[EventModel], value: Mapping[str, Any], prefix: str, also: Collection[str] = ()
) -> Iterator[str]:
    """Give the dotted name of every unknown field; a model that allows extras knows them all."""
    if model.model_config.get("extra") == "allow":
        return
    known, children = _fields(model)
    for name, item in value.items():
        if name in also:
            continue
        if name not in known:
            yield prefix + printable(name)
        elif isinstance(item, dict) and name in children:
            yield from unknown_fields(children[name], item, f"{prefix}{name}.")


def printable(name: str) -> str:
    """Make a name from outside safe to print and to write as UTF-8."""
    return name if name.isprintable() else name.encode("unicode_escape").decode("ascii")


@lru_cache(maxsize=64)
def _fields(model: type[EventModel]) -> tuple[frozenset[str], dict[str, type[EventModel]]]:
    children: dict[str, type[EventModel]] = {}
    for name, field in model.model_fields.items():
        for option in (field.annotation, *get_args(field.annotation)):
            if isinstance(option, type) and issubclass(option, EventModel):
                children[name] = option
    return frozenset(model.model_fields), children
