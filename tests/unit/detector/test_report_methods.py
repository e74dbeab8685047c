"""Sentences about each method, side by side, and about what the customer declares."""

from __future__ import annotations

from detector.facts import MethodEstimate
from detector.report.methods import NAMES, side_by_side
from features.describe import BASES
from tests.support.subjects import customer, declaration, subject


def test_every_method_that_can_speak_has_its_sentence_and_so_has_a_declaration() -> None:
    facts = subject(
        estimates=(
            MethodEstimate("counters", 1000.0, 7e23, 8.4e23, 1.9e24, 0.25),
            MethodEstimate("allocation", 4000.0, 1e24, 3e24, 6e24, 0.75),
        )
    )
    silent = declaration(
        declaration_id="d-2", planned_operations=None, parameters=None, active_parameters=None
    )
    record = customer(declarations=(declaration(), silent))
    assert list(side_by_side(facts, (record,))) == [
        "By pipe counters alone, of 1,000 accelerator-hours: 8.4 × 10²³ operations, between "
        "7 × 10²³ and 1.9 × 10²⁴.",
        "By the allocation alone, of 4,000 accelerator-hours: 3 × 10²⁴ operations, between 10²⁴ "
        "and 6 × 10²⁴.",
        "The customer declares 9 × 10²⁵ operations (d-1): compared with what was metered, never "
        "taken for it.",
    ]


def test_every_basis_has_a_name() -> None:
    assert tuple(NAMES) == BASES
