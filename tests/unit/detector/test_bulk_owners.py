"""Many records at once against each by itself: drawn graphs with a fixed seed, and worked cases."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from detector.who.bulk.holdings import owners_of_all
from detector.who.bulk.resolve import Exact, lay_out
from detector.who.graph import Statement
from detector.who.ownership import owners
from tests.support.statements import entity, graph_of, holding, person, relationship

PEOPLE = ("p0", "p1", "p2")
COMPANIES = ("c0", "c1", "c2", "c3", "c4")
RECORDS = (*COMPANIES, *PEOPLE)
NOBODY = "nobody named"
DATES = (None, None, None, "2020-01-01", "2021-01-01", "2022-01-01")
PERCENTS = (0, 5, 10, 12.5, 20, 25, 30, 33.3333, 40, 50, 50, 51, 60, 75, 90, 100)
TYPES = (*["shareholding"] * 4, "votingRights", "appointmentOfBoard", "boardChair")


def drawn(seed: int) -> list[Statement]:
    """Give a small country, with dates or without; rings anywhere, or one of two, or none."""
    random = Random(seed)
    found = [] if seed % 3 else [_held(random, seed, "c1", "c0"), _held(random, seed, "c0", "c1")]
    for at in range(random.randint(3, 12)):
        subject = random.randrange(len(COMPANIES))
        above = COMPANIES if seed % 3 == 1 else COMPANIES[max(subject, 1) + 1 :]
        party: str | dict[str, str] = random.choice((*PEOPLE, *above, *above, NOBODY))
        if party == NOBODY:
            party = {"reason": "unknown"}
        held = PEOPLE[0] if random.random() < 0.05 else COMPANIES[subject]
        found.append(_held(random, seed, party, held, at))
    return found


def _held(
    random: Random, seed: int, party: str | dict[str, str], subject: str, at: int = -1
) -> Statement:
    interests = [_interest(random, dated=seed % 2 == 0) for _ in range(random.randint(1, 2))]
    return relationship(f"r{at} of {subject}", party, subject, interests)


def _interest(random: Random, *, dated: bool) -> dict[str, Any]:
    low, high = sorted(random.choices(PERCENTS, k=2))
    share = random.choice(
        [{"exact": high}, {"exact": low}, {"minimum": low, "exclusiveMaximum": high}, None]
    )
    stated = {
        "type": random.choice(TYPES),
        "directOrIndirect": random.choice(["direct"] * 5 + ["indirect"]),
        "share": share,
        "beneficialOwnershipOrControl": random.choice([None, None, True, False]),
        "startDate": random.choice(DATES) if dated else None,
        "endDate": random.choice(DATES) if dated else None,
    }
    return {name: value for name, value in stated.items() if value is not None}


@pytest.mark.parametrize("seed", range(240))
def test_many_at_once_are_each_by_itself(seed: int) -> None:
    graph = graph_of(*map(person, PEOPLE), *map(entity, COMPANIES[:-1]), *drawn(seed))
    asked = Random(seed).sample(RECORDS, k=1 + seed % len(RECORDS))
    assert owners_of_all(graph, asked) == {each: owners(graph, each) for each in sorted(asked)}


def seat(party: str, subject: str) -> Statement:
    """A seat on the board: control is left open."""
    return relationship(f"{party}-sits-in-{subject}", party, subject, [{"type": "boardMember"}])


def between(low: float, high: float) -> dict[str, float]:
    return {"minimum": low, "maximum": high}


RING = (holding("T", "C", 40), holding("C", "T", 1))


@pytest.mark.parametrize(
    "links",
    [
        pytest.param(
            [holding("T", "C", 60), holding("C", "P", 60), holding("P", "T", 60)],
            id="a ring that a person closes",
        ),
        pytest.param(
            [
                *(*RING, holding("P", "A", 100), holding("P", "B", 100)),
                *(holding("A", "T", 25.00000000000001), holding("B", "T", 25)),
            ],
            id="half and next to nothing is more than half",
        ),
        pytest.param(
            [
                *(*RING, holding("P", "A", between(10, 40)), holding("P", "B", between(20, 50))),
                *(holding("A", "T", between(30, 40)), holding("B", "T", between(40, 45))),
            ],
            id="two ways into a ring with room between their bounds",
        ),
        pytest.param(
            [*RING, seat("P", "A"), holding("P", "A", 1), holding("A", "T", between(30, 60))],
            id="half of a ring through a company that may be controlled",
        ),
        pytest.param(
            [
                *(*RING, seat("P", "A"), seat("P", "B"), holding("A", "T", between(10, 30))),
                holding("B", "T", between(10, 30)),
            ],
            id="half of a ring through two that may be controlled",
        ),
        pytest.param(
            [holding("P", "A", 53.33333), holding("A", "T", 46.875)],
            id="a share that is next to that of an owner",
        ),
    ],
)
def test_a_worked_case_at_once_is_each_by_itself(links: list[Statement]) -> None:
    graph = graph_of(person("P"), *map(entity, "ABCT"), *links)
    assert owners_of_all(graph, "ABCPT") == {each: owners(graph, each) for each in "ABCPT"}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param([holding("P", "T", 20)], (0.2, 0.2, 0), id="no control"),
        pytest.param([holding("P", "T", 50)], (0.5, 0.5, 1), id="control that is left open"),
        pytest.param([holding("P", "T", between(51, 60))], (0.51, 0.6, 2), id="control"),
    ],
)
def test_the_exact_code_tells_both_bounds_and_control(
    links: list[Statement], expected: tuple[float, float, int]
) -> None:
    graph = graph_of(person("P"), entity("T"), *links)
    layout = lay_out(graph, ["T"])
    assert layout.names == ["P", "T"]
    assert Exact(graph, layout)(0, 1) == expected
