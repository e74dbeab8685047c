"""The picture of an explanation: well-formed, inside its frame, no label over another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from detector.explain.document import Explanation, Period
from detector.explain.page import render_svg
from detector.explain.picture import ROWS_LEFT, ROWS_RIGHT, draw
from detector.facts import Curve
from detector.report.document import CrossedAt
from tests.support.explained import at, grown, periods, span
from tests.support.explanations import explanation, flat, nothing, templates

#: Widths of a letter at 13 units of the fonts named, on the wide side.
LETTER = 6.6
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Label:
    """A text and the box that it fills."""

    words: str
    left: float
    right: float
    y: float

    def covers(self, other: Label) -> bool:
        is_beside = self.right <= other.left or other.right <= self.left
        return not is_beside and abs(self.y - other.y) < 12


def labels(svg: str) -> Iterator[Label]:
    for text in ET.fromstring(svg).iter(f"{SVG}text"):  # noqa: S314 - our own output
        words = text.text or ""
        x, width = float(text.attrib["x"]), LETTER * len(words)
        anchor = text.attrib.get("text-anchor", "start")
        left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        yield Label(words, left, left + width, float(text.attrib["y"]))


def tiny() -> tuple[Explanation, Curve]:
    """One run of a thousand operations, far below any threshold."""
    curve = grown(scale=1e-23)
    figures = explanation().figures.model_copy(
        update={"training_operations": span(720, 1200, 1800)}
    )
    return explanation(figures=figures, periods=periods(curve)), curve


def long_name() -> tuple[Explanation, Curve]:
    return explanation(subject_id="job/" + "very-long-tenant-name/" * 20), grown()


def one_bucket() -> tuple[Explanation, Curve]:
    curve = grown(1)
    (threshold,) = explanation().thresholds
    crossed = CrossedAt(earliest=at(0.5), likely=at(0.8), certain=None)
    soon = (threshold.model_copy(update={"crossed_at": crossed}),)
    return explanation(last_end=at(1), periods=periods(curve), thresholds=soon), curve


def crossed_at_once() -> tuple[Explanation, Curve]:
    (threshold,) = explanation().thresholds
    crossed = CrossedAt(earliest=at(5.9), likely=at(6), certain=at(6.1))
    return explanation(thresholds=(threshold.model_copy(update={"crossed_at": crossed}),)), grown()


def many_years() -> tuple[Explanation, Curve]:
    curve = grown(3000)
    spans = tuple(
        Period(
            start=at(100 * place),
            end=at(100 * (place + 1)),
            accelerator_hours=1e6,
            operations=span(0, 1e25, 1e26),
            unmetered_ratio=place / 30,
            silent_ratio=place / 60,
            cumulated=span(0, 1e25, 1e26),
        )
        for place in range(30)
    )
    return explanation(last_end=at(3000), periods=spans, period_days=91), curve


CASES: dict[str, Callable[[], tuple[Explanation, Curve]]] = {
    "ordinary": lambda: (explanation(), grown()),
    "nothing": lambda: (nothing(), flat()),
    "tiny": tiny,
    "long name": long_name,
    "one bucket": one_bucket,
    "crossed at once": crossed_at_once,
    "many years": many_years,
    "no threshold": lambda: (explanation(thresholds=()), grown()),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_number_is_one_and_no_label_covers_another(case: str) -> None:
    svg = render_svg(draw(*CASES[case]()), templates())
    assert re.findall(r"\b(?:nan|inf|None)\b", re.sub(r"<text.*?</text>", "", svg)) == []
    found = list(labels(svg))
    assert [(a.words, b.words) for a, b in combinations(found, 2) if a.covers(b)] == []
    assert [each for each in found if each.left < -2 or each.right > 762] == []


@pytest.mark.parametrize("case", sorted(CASES))
def test_bars_and_rows_stay_in_their_plots(case: str) -> None:
    drawing = draw(*CASES[case]())
    for bar in drawing.bars:
        assert 92 <= bar.x <= bar.x + bar.width <= 737
        assert 392 <= bar.top <= bar.unmetered_top <= bar.silent_top <= 468
    for row in drawing.rows:
        places = [row.low or row.at, row.at, row.high or row.at]
        assert places == sorted(places)
        assert ROWS_LEFT <= places[0] <= places[-1] <= ROWS_RIGHT


def test_a_curve_far_below_the_threshold_is_drawn_by_itself_and_says_so() -> None:
    drawing = draw(*tiny())
    assert drawing.threshold_y is None
    assert drawing.threshold_words == "the threshold 10²⁶ lies far above this plot"


def test_the_next_threshold_in_sight_is_drawn_before_one_that_is_passed() -> None:
    (passed,) = explanation().thresholds
    ahead = passed.model_copy(update={"operations": 3e26, "is_likely": False, "threshold_id": "b"})
    drawing = draw(explanation(thresholds=(passed, ahead)), grown())
    assert drawing.threshold_words == "threshold 3 × 10²⁶"
    beyond = ahead.model_copy(update={"operations": 1e29})
    drawing = draw(explanation(thresholds=(passed, beyond)), grown())
    assert drawing.threshold_words == "threshold 10²⁶"


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("owner-1", "owner-1"),
        ("x" * 73, f"{'x' * 36}…{'x' * 35}"),
        ("W" * 60, f"{'W' * 25}…{'W' * 24}"),
        ("星" * 60, f"{'星' * 25}…{'星' * 24}"),
    ],
)
def test_a_title_is_cut_to_what_the_picture_has_room_for(subject: str, title: str) -> None:
    assert draw(explanation(subject_id=subject), grown()).title == title
