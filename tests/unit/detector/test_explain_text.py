"""The text and the page of an explanation, whole; names of customers do no harm."""

from __future__ import annotations

import pytest

from detector.errors import DetectorError
from detector.explain.glossary import ratio_words
from detector.explain.page import render_page, render_svg
from detector.explain.picture import draw
from detector.explain.text import COLUMNS, render_text
from tests.support.explained import grown
from tests.support.explanations import GOLDEN, explanation, files, templates

HOSTILE = '<script>alert("1")</script>\x1b[2J & more'


@pytest.mark.parametrize("name", sorted(files()))
def test_what_a_person_reads_is_the_approved_text(name: str) -> None:
    approved = (GOLDEN / name).read_text(encoding="utf-8")
    assert files()[name] == approved, (
        "run python -m tests.support.explanations and read the difference"
    )


def test_no_line_of_the_text_is_wider_than_a_terminal() -> None:
    for name in ("explain-owner.txt", "explain-nothing.txt"):
        assert [line for line in files()[name].splitlines() if len(line) > COLUMNS] == []


def test_a_hostile_name_moves_no_cursor_and_starts_no_script() -> None:
    told = explanation(subject_id=HOSTILE)
    assert "\x1b" not in render_text(told)
    drawing = draw(told, grown())
    for shown in (render_svg(drawing, templates()), render_page(told, drawing, templates())):
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown


def test_a_missing_template_is_named() -> None:
    with pytest.raises(DetectorError, match="expected explain.svg.j2, got none"):
        render_svg(draw(explanation(), grown()), {})


@pytest.mark.parametrize(
    ("ratio", "written"),
    [
        (0.0, "0 %"),
        (0.004, "under 1 %"),
        (0.5, "50 %"),
        (0.996, "over 99 %"),
        (1.0, "100 %"),
        (-0.1, "0 %"),
    ],
)
def test_a_little_is_not_nothing_and_almost_all_is_not_all(ratio: float, written: str) -> None:
    assert ratio_words(ratio) == written
