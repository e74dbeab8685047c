"""Which modules are broken on purpose, and which tests have to notice it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_UNIT: Final = "tests.unit.detector.test_"
_ARITHMETIC: Final = (
    *(
        "answers",
        "flips",
        "proportion",
        "control",
        "parents",
        "shares",
        "interests",
        "cycles",
        "outbound",
    ),
    *("fifty_percent", "four_tests", "open_stakes", "listed_owners", "ownership", "standing"),
    "ownership_over_time",
)
_LAWS: Final = tuple(
    f"tests.property.test_{each}_laws" for each in ("headquarters", "four_tests", "ownership")
)
_MODULES: Final = (
    *("answers", "cascade", "control", "cycles", "flips", "four_tests", "interests", "listed"),
    *("open_stakes", "outbound", "ownership", "parents", "proportion", "shares", "stakes"),
    "standing",
)


#: The array solver: small arrays first, then drawn countries held to the exact code.
_BULK: Final = tuple(
    f"{_UNIT}bulk_{each}" for each in ("arrays", "pairs", "flow", "rings", "owners")
)
_BULK_MODULES: Final = (
    *("flow", "holdings", "order", "pairs", "ragged", "resolve", "ring", "rows", "spans", "table"),
)
#: How statements become links and stretches of time, and whose persons they are.
_STATEMENTS: Final = tuple(
    _UNIT + each
    for each in (
        *("graph", "places", "records", "segments", "spans", "status", "status_clauses"),
        *("descriptions", "persons", "descriptions_over_time", "ownership_over_time"),
    )
)
_STATEMENT_MODULES: Final = (
    *("descriptions", "graph", "persons", "places", "records", "segments", "spans", "status"),
)
#: Modules of ``detector/parties``; the others lie below ``detector/who``.
OF_PARTIES: Final = frozenset({"persons"})


def _own_first(module: str) -> tuple[str, ...]:
    """Give the tests of the arithmetic, a module's own before the others, laws last."""
    units = sorted(_ARITHMETIC, key=lambda each: each != module)
    return (*(_UNIT + each for each in units), *_LAWS)


#: Module -> the tests that are called for it.
KILLERS: Final[Mapping[str, tuple[str, ...]]] = {
    **{each: _own_first(each) for each in _MODULES},
    **{each: _STATEMENTS for each in _STATEMENT_MODULES},
    **{f"bulk/{each}": _BULK for each in _BULK_MODULES},
}
