"""Links as arrays for many records at once: floats with their quality, and sums of each pair."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pytest

from detector.who.bulk.pairs import (
    EXACT,
    NEAREST,
    ROUNDED,
    SOLVED,
    Pairs,
    Stakes,
    number,
    pairs_of,
    stakes_of,
)
from tests.support.holdings import day
from tests.support.statements import entity, graph_of, person, relationship

NEXT_TO_NOTHING = Fraction(1, 10**20)


def test_qualities_stand_in_order() -> None:
    assert SOLVED < ROUNDED < NEAREST < EXACT


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (Fraction(0), (0.0, EXACT)),
        (Fraction(1), (1.0, EXACT)),
        (Fraction(3, 4), (0.75, EXACT)),
        (Fraction(5, 1024), (5 / 1024, EXACT)),
        (Fraction(5, 2048), (5 / 2048, NEAREST)),
        (Fraction(1, 3), (1 / 3, NEAREST)),
        (Fraction(3, 7), (3 / 7, NEAREST)),
        (Fraction(1, 4), (0.25, EXACT)),
        (Fraction(1, 4) - NEXT_TO_NOTHING, (0.25 - 2.0**-55, NEAREST)),
        (Fraction(1, 4) + NEXT_TO_NOTHING, (0.25 + 2.0**-54, NEAREST)),
        (Fraction(1, 2) - NEXT_TO_NOTHING, (0.5 - 2.0**-54, NEAREST)),
        (Fraction(1, 2) + NEXT_TO_NOTHING, (0.5 + 2.0**-53, NEAREST)),
    ],
)
def test_a_share_is_the_nearest_float_and_never_a_threshold_that_it_is_not(
    fraction: Fraction, expected: tuple[float, int]
) -> None:
    assert number(fraction) == expected


def test_links_are_laid_out_without_parties_that_are_not_named() -> None:
    interests = [
        {
            "type": "shareholding",
            "share": {"minimum": 12.5, "maximum": 33},
            "startDate": "2020-01-01",
        },
        {
            "type": "appointmentOfBoard",
            "directOrIndirect": "indirect",
            "share": {"minimum": 11, "maximum": 50},
            "endDate": "2021-01-01",
        },
    ]
    graph = graph_of(
        *(person("P"), entity("T")),
        relationship("r", "P", "T", interests),
        relationship("u", {"reason": "unknown"}, "T", interests),
    )
    instants: dict[object, int] = {day("2020-01-01"): 0, day("2021-01-01"): 1}
    found = stakes_of(graph.links_into["T"], {"P": 4, "T": 7}, instants)
    assert {each.name: getattr(found, each.name).tolist() for each in fields(Stakes)} == {
        "party": [4, 4],
        "subject": [7, 7],
        "type": [0, 1],
        "is_indirect": [False, True],
        "low": [0.125, 0.11],
        "high": [0.33, 0.5],
        "quality": [NEAREST, NEAREST],
        "control": [0, 2],
        "starts": [0, -1],
        "ends": [2, 1],
    }


class Stake(NamedTuple):
    """One link from 1 to 2."""

    low: float
    high: float
    quality: int = EXACT
    type: int = 0
    is_indirect: bool = False
    control: int = 0
    party: int = 1
    subject: int = 2


def pooled(*links: Stake) -> Pairs:
    columns = {name: [getattr(each, name) for each in links] for name in Stake._fields}
    open_ended = np.zeros(len(links), dtype=np.int64)
    return pairs_of(
        Stakes(
            party=np.array(columns["party"], dtype=np.int64),
            subject=np.array(columns["subject"], dtype=np.int64),
            type=np.array(columns["type"], dtype=np.int64),
            is_indirect=np.array(columns["is_indirect"], dtype=bool),
            low=np.array(columns["low"], dtype=np.float64),
            high=np.array(columns["high"], dtype=np.float64),
            quality=np.array(columns["quality"], dtype=np.int8),
            control=np.array(columns["control"], dtype=np.int8),
            starts=open_ended,
            ends=open_ended,
        )
    )


def told(pairs: Pairs) -> list[dict[str, object]]:
    """Give each pair by itself."""
    columns = {each.name: getattr(pairs, each.name).tolist() for each in fields(Pairs)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def pair(
    low: float,
    high: float,
    quality: int = EXACT,
    control: int = 0,
    total: tuple[float, float] | None = None,
    *,
    is_direct: bool = True,
) -> dict[str, object]:
    total_low, total_high = total or (0.0, 0.0)
    return {
        **{"party": 1, "subject": 2, "low": low, "high": high, "quality": quality},
        **{"has_direct": is_direct, "total_low": total_low, "total_high": total_high},
        **{"has_total": total is not None, "control": control},
    }


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param([Stake(0.1, 0.2, NEAREST)], pair(0.1, 0.2, NEAREST), id="one stays itself"),
        pytest.param(
            [Stake(0.125, 0.25), Stake(0.25, 0.5)], pair(0.375, 0.75), id="of one type they add"
        ),
        pytest.param(
            [Stake(0.125, 0.25), Stake(0.25, 0.5, NEAREST)],
            pair(0.375, 0.75, ROUNDED),
            id="a sum with a nearest number is rounded",
        ),
        pytest.param([Stake(0.75, 1.0)] * 2, pair(1.0, 1.0), id="never more than the whole"),
        pytest.param(
            [Stake(0.125, 0.5), Stake(0.25, 0.375, NEAREST, type=1)],
            pair(0.25, 0.5, NEAREST),
            id="of two types the larger in each bound",
        ),
        pytest.param(
            [Stake(0.125, 0.25, control=1), Stake(0.25, 0.5, control=2)],
            pair(0.375, 0.75, control=2),
            id="the surest control of one type",
        ),
        pytest.param(
            [Stake(0.125, 0.25, control=2), Stake(0.25, 0.5, type=1, control=1)],
            pair(0.25, 0.5, control=2),
            id="the surest control of several types",
        ),
        pytest.param(
            [Stake(0.125, 0.25, is_indirect=True)],
            pair(0.0, 0.0, total=(0.125, 0.25), is_direct=False),
            id="a total over chains is no direct share",
        ),
        pytest.param(
            [Stake(0.125, 0.25), Stake(0.5, 0.75, is_indirect=True)],
            pair(0.125, 0.25, total=(0.5, 0.75)),
            id="a total is never added",
        ),
        pytest.param(
            [Stake(0.125, 0.25), Stake(0.5, 0.75, NEAREST, is_indirect=True)],
            pair(0.125, 0.25, NEAREST, total=(0.5, 0.75)),
            id="a pair is as good as its total",
        ),
        pytest.param(
            [Stake(0.125, 0.25, NEAREST), Stake(0.5, 0.75, is_indirect=True)],
            pair(0.125, 0.25, NEAREST, total=(0.5, 0.75)),
            id="a pair is as good as its direct share",
        ),
    ],
)
def test_what_is_stated_between_one_pair_is_put_together(
    links: list[Stake], expected: dict[str, object]
) -> None:
    assert told(pooled(*links)) == [expected]


@pytest.mark.parametrize(
    "links",
    [
        pytest.param([Stake(0.0, 0.1), Stake(0.0, 0.2), Stake(0.0, 0.3)], id="the most"),
        pytest.param([Stake(0.1, 1.0), Stake(0.2, 1.0), Stake(0.3, 1.0)], id="the least"),
    ],
)
def test_a_sum_does_not_hang_on_the_order_of_links(links: list[Stake]) -> None:
    first = told(pooled(*links))
    assert all(told(pooled(*each)) == first for each in permutations(links))


def test_pairs_stand_by_subject_and_then_party() -> None:
    ends = [(3, 2), (1, 4), (1, 2)]
    found = pooled(*(Stake(0.5, 0.5, party=party, subject=subject) for party, subject in ends))
    assert list(zip(found.party.tolist(), found.subject.tolist(), strict=True)) == [
        *((1, 2), (3, 2), (1, 4)),
    ]
    assert told(pooled()) == []
