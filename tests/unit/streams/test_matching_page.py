"""Fitted points and tables go where they belong and leave everything else as it was."""

from __future__ import annotations

import pytest
from rigour.names import NameTypeTag

from detector.screening.figures import CutOffs
from detector.screening.fitting import FITTED, Points
from streams.matching.measure import Found
from streams.matching.page import BEGIN, END, found_table, hit_table, with_points, with_tables
from streams.matching.rows import Query

CUTS = CutOffs(hit=0.6, possible=0.3)
ALIAS = Query("Acme", "organisation", "p-1", "measured")


def section(reading: str, number: float) -> str:
    lines = [f"{name} = {number}  # kept" for name in ("base", *FITTED)]
    return "\n".join([f"[points.{reading}]", *lines, "acronym = -2.5"])


def test_points_replace_numbers_of_their_reading_and_nothing_else() -> None:
    before = f"# head\n{section('organisation', 1.0)}\n\n{section('person', 1.0)}\n"
    fitted = {
        NameTypeTag.ORG: Points(2.0, (2.0,) * len(FITTED)),
        NameTypeTag.PER: Points(-3.0, (-3.0,) * len(FITTED)),
    }
    after = f"# head\n{section('organisation', 2.0)}\n\n{section('person', -3.0)}\n"
    assert with_points(before, fitted) == after


def test_tables_go_between_the_marks_and_twice_is_once() -> None:
    once = with_tables(f"a\n{BEGIN}\nold\n{END}\nb\n", "| new |\n")
    assert once == f"a\n{BEGIN}\n\n| new |\n\n{END}\nb\n"
    assert with_tables(once, "| new |\n") == once
    with pytest.raises(ValueError, match="expected the marks"):
        with_tables("no marks", "")


def test_recall_and_precision_are_counted_by_hit() -> None:
    found = [Found(ALIAS, 0.9, (0.7, 0.4)), Found(ALIAS, 0.2, ()), Found(ALIAS, 0.4, (0.1,))]
    assert found_table("t", {"aliases": found, "none": []}, CUTS).splitlines()[2:] == [
        "| aliases | 3 | 33% | 50% | 67% | 50% |"
    ]
    assert hit_table("t", {"aliases": found}, CUTS).splitlines()[2:] == ["| aliases | 3 | 1 | 1 |"]
