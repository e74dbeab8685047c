"""Which modules are broken on purpose, and which tests have to notice it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_UNIT: Final = "tests.unit.detector.test_"
_ARITHMETIC: Final = (
    *(_UNIT + each for each in ("interests", "cycles", "outbound", "fifty_percent", "four_tests")),
    *(
        _UNIT + each
        for each in ("answers", "flips", "proportion", "control", "open_stakes", "listed_owners")
    ),
    *(_UNIT + each for each in ("ownership", "standing", "ownership_over_time")),
    "tests.property.test_four_tests_laws",
    "tests.property.test_ownership_laws",
)
_HEADQUARTERS: Final = tuple(_UNIT + each for each in ("status", "status_clauses", "four_tests"))

#: Module below ``detector/who`` -> the tests that are called for it, the quickest first.
KILLERS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "answers",
            "cascade",
            "control",
            "cycles",
            "flips",
            "four_tests",
            "interests",
            "listed",
            "open_stakes",
            "outbound",
            "ownership",
            "proportion",
            "shares",
            "stakes",
            "standing",
        ),
        _ARITHMETIC,
    ),
}
