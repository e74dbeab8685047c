"""One level of the solver for many records: what comes down, how good it is, what is asked of the
exact code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from detector.who.bulk.flow import flow
from detector.who.bulk.pairs import EXACT, NEAREST, ROUNDED, SOLVED, Pairs
from detector.who.bulk.rows import Entries, Rows, themselves
from detector.who.interests import RANK

NO, POSSIBLE, YES = RANK["no"], RANK["possible"], RANK["yes"]
S, A, B, T = range(4)  # a source, two companies that it may have, the one that is asked about


class Held(NamedTuple):
    """What a party has in T directly; ``total`` is declared over chains."""

    party: int
    low: float
    high: float
    quality: int = EXACT
    control: int = NO
    total: tuple[float, float] | None = None


class Has(NamedTuple):
    """What S has in a company above T, or in T: the answer."""

    low: float
    high: float
    quality: int = EXACT
    control: int = NO


def pairs_into_t(held: Sequence[Held]) -> Pairs:
    totals = [each.total or (0.0, 0.0) for each in held]
    return Pairs(
        party=np.array([each.party for each in held], dtype=np.int64),
        subject=np.full(len(held), T),
        low=np.array([each.low for each in held]),
        high=np.array([each.high for each in held]),
        quality=np.array([each.quality for each in held], dtype=np.int8),
        has_direct=np.array([each.high > 0 for each in held]),
        total_low=np.array([low for low, _ in totals]),
        total_high=np.array([high for _, high in totals]),
        has_total=np.array([each.total is not None for each in held]),
        control=np.array([each.control for each in held], dtype=np.int8),
    )


def told(above: dict[int, Has], held: Sequence[Held]) -> tuple[list[Has], list[tuple[int, int]]]:
    """Give what sources have in T, and for which pairs of source and node the exact code spoke."""
    rows, asked = Rows(4), list[tuple[int, int]]()
    rows.write(themselves(np.array([S])))
    for node, has in above.items():
        at = np.array([node])
        numbers = (np.array([has.low]), np.array([has.high]))
        marks = (np.array([has.quality], np.int8), np.array([has.control], np.int8))
        rows.write(Entries(at, np.array([S]), *numbers, *marks))

    def exactly(source: int, node: int) -> tuple[float, float, int]:
        asked.append((source, node))
        return 0.125, 0.875, POSSIBLE

    found = flow(rows, pairs_into_t(held), np.arange(len(held), dtype=np.int64), exactly)
    assert set(found.node.tolist()) <= {T}
    columns = (found.low, found.high, found.quality, found.control)
    return [Has(*each) for each in zip(*(c.tolist() for c in columns), strict=True)], asked


BY_EXACT = Has(0.125, 0.875, NEAREST, POSSIBLE)
TINY = 2.0**-40


@pytest.mark.parametrize(
    ("has", "held", "expected"),
    [
        pytest.param(Has(0.5, 0.5), Held(A, 0.25, 0.5), Has(0.125, 0.25), id="exact parts"),
        pytest.param(
            Has(2 * TINY, 0.5), Held(A, 0.5, 0.5), Has(TINY, 0.25), id="as fine as can be"
        ),
        pytest.param(
            Has(TINY, 0.5), Held(A, 0.5, 0.25), Has(TINY / 2, 0.125, ROUNDED), id="a low too fine"
        ),
        pytest.param(
            Has(0.25, 0.25 + TINY),
            Held(A, 0.5, 0.5),
            Has(0.125, 0.125 + TINY / 2, ROUNDED),
            id="a high too fine",
        ),
        pytest.param(
            Has(0.5, 0.5, NEAREST), Held(A, 0.25, 0.25), Has(0.125, 0.125, ROUNDED), id="nearest"
        ),
        pytest.param(
            Has(0.5, 0.5),
            Held(A, 0.25, 0.25, NEAREST),
            Has(0.125, 0.125, ROUNDED),
            id="nearest in the pair",
        ),
        pytest.param(
            Has(0.5, 0.5, SOLVED),
            Held(A, 0.25, 0.25, NEAREST),
            Has(0.125, 0.125, SOLVED),
            id="out of a ring",
        ),
        pytest.param(
            Has(0.5, 0.5, SOLVED), Held(A, 0.0, 0.0, NEAREST), Has(0.0, 0.0), id="nothing is exact"
        ),
        pytest.param(
            Has(0.5, 1.0, NEAREST),
            Held(A, 0.5, 1.0),
            Has(0.25, 1.0, ROUNDED),
            id="the whole is not nothing",
        ),
    ],
)
def test_a_product_is_as_good_as_its_parts_and_as_fine_as_floats_hold(
    has: Has, held: Held, expected: Has
) -> None:
    found, asked = told({A: has}, [held])
    # A sum that is near the share of an owner is the exact code's, which is tested below.
    assert found == [expected if not asked else BY_EXACT]
    assert asked == ([(S, T)] if abs(expected.low - 0.25) < 1e-9 > expected.quality else [])


@pytest.mark.parametrize(
    ("above", "held", "expected"),
    [
        pytest.param({}, [Held(S, 0.3, 0.4, NEAREST)], Has(0.3, 0.4, NEAREST), id="a single part"),
        pytest.param(
            {A: Has(0.5, 0.5)},
            [Held(S, 0.125, 0.125, NEAREST), Held(A, 0.5, 0.5)],
            Has(0.375, 0.375, ROUNDED),
            id="a sum of a nearest number",
        ),
        pytest.param(
            {A: Has(0.5, 0.5)},
            [Held(S, 0.125, 0.125), Held(A, 0.5, 0.5)],
            Has(0.375, 0.375),
            id="a sum of exact numbers",
        ),
        pytest.param(
            {A: Has(0.75, 1.0), B: Has(1.0, 1.0)},
            [Held(S, 0.25, 0.5), Held(A, 0.5, 0.5), Held(B, 0.5, 0.5)],
            Has(1.0, 1.0, EXACT, POSSIBLE),
            id="never more than the whole",
        ),
        pytest.param(
            {A: Has(0.5, 0.5)},
            [Held(S, 0.0, 0.0, total=(0.3, 0.4)), Held(A, 0.5, 1.0)],
            Has(0.3, 0.4),
            id="a total inside what the chains leave open",
        ),
        pytest.param(
            {A: Has(0.5, 0.5)},
            [Held(S, 0.0, 0.0, total=(0.125, 0.2)), Held(A, 0.75, 1.0)],
            Has(0.375, 0.375),
            id="chains that say more than the total",
        ),
        pytest.param(
            {A: Has(0.5, 0.5)},
            [Held(S, 0.125, 0.125), Held(A, 0.5, 0.5, total=(0.75, 0.75))],
            Has(0.375, 0.375),
            id="a total of somebody else",
        ),
    ],
)
def test_parts_add_up_and_a_declared_total_is_held_against_them(
    above: dict[int, Has], held: list[Held], expected: Has
) -> None:
    assert told(above, held) == ([expected], [])


@pytest.mark.parametrize(
    ("above", "held", "expected"),
    [
        pytest.param({}, [Held(S, 0.5, 0.5)], POSSIBLE, id="half may be control"),
        pytest.param({}, [Held(S, 0.5, 0.75)], POSSIBLE, id="half at least may be control"),
        pytest.param({}, [Held(S, 0.375, 0.5)], POSSIBLE, id="half at most may be control"),
        pytest.param({}, [Held(S, 0.5 + TINY, 0.75)], YES, id="more than half is control"),
        pytest.param({}, [Held(S, 0.375, 0.5 - TINY)], NO, id="less than half is none"),
        pytest.param({}, [Held(S, 0.0, 0.0, total=(0.375, 0.5))], POSSIBLE, id="half in total"),
        pytest.param({}, [Held(S, 0.0, 0.0, total=(0.5, 0.5))], POSSIBLE, id="a total of half"),
        pytest.param({}, [Held(S, 0.0, 0.0, total=(0.625, 0.75))], YES, id="a total of more"),
        pytest.param({}, [Held(S, 0.0, 0.0, control=POSSIBLE)], POSSIBLE, id="a seat"),
        pytest.param({}, [Held(S, 0.0, 0.0, control=YES)], YES, id="an appointment"),
        pytest.param(
            {A: Has(0.0, 0.0, control=POSSIBLE)}, [Held(A, 0.0, 0.0, control=YES)], POSSIBLE,
            id="an appointment by one that may be controlled",
        ),
        pytest.param(
            {A: Has(0.0, 0.0, control=YES)}, [Held(A, 0.0, 0.0, control=POSSIBLE)], POSSIBLE,
            id="a seat of one that is controlled",
        ),
        pytest.param(
            {A: Has(0.0, 0.0)}, [Held(A, 0.0, 0.0, control=YES)], NO,
            id="an appointment by one that is not controlled",
        ),
        pytest.param(
            {A: Has(0.0, 0.0, control=YES), B: Has(0.0, 0.0, control=YES)},
            [Held(A, 0.25, 0.25), Held(B, 0.375, 0.375)], YES,
            id="more than half through two that are controlled",
        ),
        pytest.param(
            {A: Has(0.0, 0.0, control=YES), B: Has(0.0, 0.0, control=POSSIBLE)},
            [Held(A, 0.25, 0.25), Held(B, 0.375, 0.375)], POSSIBLE,
            id="more than half if both are controlled",
        ),
        pytest.param(
            {A: Has(0.0, 0.0, control=YES), B: Has(0.0, 0.0)},
            [Held(A, 0.25, 0.25), Held(B, 0.375, 0.375)], NO,
            id="the other one is not controlled",
        ),
    ],
)  # fmt: skip
def test_control_comes_by_more_than_half_or_by_an_interest(
    above: dict[int, Has], held: list[Held], expected: int
) -> None:
    found, asked = told(above, held)
    assert ([each.control for each in found], asked) == ([expected], [])


HALVES = {A: Has(0.25, 0.25, control=YES), B: Has(0.25, 0.25, control=YES)}


@pytest.mark.parametrize(
    ("above", "held", "is_asked"),
    [
        pytest.param({A: Has(0.5, 1.0)}, [Held(A, 0.5, 0.75, NEAREST)], True, id="the low"),
        pytest.param({A: Has(0.25, 0.5)}, [Held(A, 0.5, 0.5, NEAREST)], True, id="the high"),
        pytest.param({A: Has(0.5, 1.0)}, [Held(A, 0.5 + 1e-9, 0.75, NEAREST)], True, id="near"),
        pytest.param({A: Has(0.5, 1.0)}, [Held(A, 0.5 + 3e-9, 0.75, NEAREST)], False, id="apart"),
        pytest.param({A: Has(0.5, 1.0)}, [Held(A, 0.5, 0.75)], False, id="known exactly"),
        pytest.param({}, [Held(S, 0.25, 0.25, NEAREST)], False, id="on its right side"),
        pytest.param({A: Has(0.5, 1.0)}, [Held(A, 0.5, 0.75, SOLVED)], True, id="from a ring"),
        pytest.param(
            HALVES, [Held(A, 0.3, 0.3, NEAREST), Held(B, 0.2, 0.3, NEAREST)], True,
            id="a sure half in parts",
        ),
        pytest.param(
            HALVES, [Held(A, 0.2, 0.3, NEAREST), Held(B, 0.2, 0.2, NEAREST)], True,
            id="a possible half in parts",
        ),
        pytest.param(
            HALVES, [Held(A, 0.2, 0.2, NEAREST), Held(B, 0.2, 0.2, NEAREST)], False,
            id="less than half in parts",
        ),
        pytest.param(HALVES, [Held(A, 0.25, 0.25), Held(B, 0.25, 0.25)], False, id="exact parts"),
        pytest.param(HALVES, [Held(A, 0.5, 0.5, NEAREST)], False, id="one part"),
    ],
)  # fmt: skip
def test_the_exact_code_is_asked_where_rounding_could_decide_and_nowhere_else(
    above: dict[int, Has], held: list[Held], is_asked: bool
) -> None:
    found, asked = told(above, held)
    assert asked == ([(S, T)] if is_asked else [])
    assert (found == [BY_EXACT]) is is_asked


def test_nothing_comes_down_without_pairs() -> None:
    assert told({}, []) == ([], [])
