"""The page of a report, whole; escaping; the picture's geometry."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from detector.errors import DetectorError
from detector.facts import Curve
from detector.policy.model import LegalStatus
from detector.report.document import CrossedAt
from detector.report.draft import Edition, Matter, draft
from detector.report.picture import BOTTOM, LEFT, POINTS_MAX, RIGHT, TOP, draw
from detector.report.render import render_html
from detector.report.words import (
    LEGAL_STATUS,
    count_words,
    date_words,
    instant_words,
    percent_words,
)
from tests.support.golden_reports import GOLDEN, PROVENANCE, files, first, templates
from tests.support.subjects import (
    LIMIT,
    curve,
    customer,
    day,
    declaration,
    pack,
    subject,
    threshold,
)

HOSTILE = '<script>alert("1")</script> & [a](b) | *c*'
NOWHERE = CrossedAt(earliest=None, likely=None, certain=None)


class Tags(HTMLParser):
    """Collects tags and attributes; an element left open is an error of the page."""

    VOID = ("meta", "rect", "line", "path", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


@pytest.mark.parametrize("name", sorted(files()))
def test_what_a_person_reads_is_the_approved_text(name: str) -> None:
    approved = (GOLDEN / name).read_text(encoding="utf-8")
    assert files()[name] == approved, (
        "run python -m tests.support.golden_reports and read the difference"
    )


@pytest.mark.parametrize("name", ["report-first.html", "report-withdrawn.html"])
def test_a_page_is_whole_and_loads_nothing(name: str) -> None:
    page = files()[name]
    found = tags(page)
    assert found.open == []
    loading = {"src", "href", "action", "data", "srcset", "xlink:href"}
    assert [tag for tag, attributes in found.seen if loading & set(attributes)] == []
    assert {tag for tag, _ in found.seen} & {"script", "link", "img", "iframe", "object"} == set()
    assert re.findall(r"https?:|@import|url\((?!#)", page) == []


def test_what_a_customer_wrote_is_text_and_nothing_else() -> None:
    said = declaration(model_name=HOSTILE, end_use=HOSTILE, weight_security=HOSTILE)
    record = customer(name=HOSTILE, address=HOSTILE, email=HOSTILE, declarations=(said,))
    matter = Matter(subject(subject_id=HOSTILE), (record,), pack(), threshold(), HOSTILE)
    edition = Edition("initial", 1, standing=True, knowledge_at=day(4), reasons=(HOSTILE,))
    report = draft(matter, edition, PROVENANCE)
    page = render_html(report, matter.facts.curve, pack(), templates())
    assert "script" not in {tag for tag, _ in tags(page).seen}
    assert "<script" not in page


def test_no_name_breaks_a_page_or_turns_a_line_around() -> None:
    name = "a\0b\x1b[31mc\u202ed\u2066e\u00a0f"
    matter = Matter(subject(), (customer(name=name),), pack(), threshold(), name)
    edition = Edition("initial", 1, standing=True, knowledge_at=day(4), reasons=(name,))
    report = draft(matter, edition, PROVENANCE)
    assert report.subject_name == name
    text = render_html(report, matter.facts.curve, pack(), templates())
    assert "a�b�[31mc�d�e" in text
    assert set("\0\x1b\u202e\u2066") & set(text) == set()


def test_the_due_date_and_the_law_stand_before_everything_else() -> None:
    page = files()["report-first.html"]
    places = [
        page.index(words)
        for words in ("19 June 2026</b>", "Proposed rule, not in force", "What happened")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("word", list(LEGAL_STATUS))
def test_every_legal_status_is_said_in_words(word: LegalStatus) -> None:
    golden = first()
    instrument = pack(legal_status=word, banner="", status_confirmed=True)
    page = render_html(golden.report, golden.curve, instrument, templates())
    assert all(words in page for words in LEGAL_STATUS[word])


def test_templates_that_are_not_given_are_named() -> None:
    with pytest.raises(DetectorError, match=r"expected report\.html\.j2, got explain\.html\.j2"):
        render_html(first().report, first().curve, pack(), {"explain.html.j2": ""})


def test_a_curve_without_points_has_no_picture() -> None:
    assert draw(Curve((), (), (), ()), day(0), LIMIT, NOWHERE) is None


def test_the_picture_spans_the_work_and_keeps_the_threshold_in_sight() -> None:
    drawn = draw(curve(3e25, 6e25, 9e25, 1.2e26), day(0), LIMIT, NOWHERE)
    assert drawn is not None
    assert drawn.line.startswith(f"M{LEFT:.1f},{BOTTOM:.1f} L")
    assert drawn.line.split()[-1].startswith(f"L{RIGHT:.1f},")
    assert TOP < drawn.threshold_y < BOTTOM
    assert [mark.words for mark in drawn.amounts] == ["0", "10²⁶", "2 × 10²⁶"]
    assert [mark.words for mark in drawn.times][0::4] == ["1 Mar 2026", "5 Mar 2026"]


def test_a_high_bound_far_beyond_does_not_hide_the_threshold() -> None:
    drawn = draw(curve(1e24, spread=1e4), day(0), LIMIT, NOWHERE)
    assert drawn is not None
    assert drawn.threshold_y <= BOTTOM - (BOTTOM - TOP) / 4


def test_a_crossing_is_marked_on_a_row_of_its_own() -> None:
    crossed = CrossedAt(earliest=day(1), likely=day(1), certain=None)
    drawn = draw(curve(3e25, 1.2e26), day(0), LIMIT, crossed)
    assert drawn is not None
    assert [(mark.words, mark.row) for mark in drawn.crossings] == [
        ("earliest 2 March 2026", 20.0),
        ("likely 2 March 2026", 38.0),
    ]


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    count = 10 * POINTS_MAX
    sums = tuple(1e22 * (number + 1) for number in range(count))
    ends = tuple(day(0) + timedelta(hours=number + 1) for number in range(count))
    drawn = draw(Curve(ends, sums, sums, sums), day(0), LIMIT, NOWHERE)
    assert drawn is not None
    assert drawn.line.count("L") <= POINTS_MAX + 1
    assert drawn.line.split()[-1].startswith(f"L{RIGHT:.1f},")


def test_figures_are_written_in_plain_words() -> None:
    assert [percent_words(each) for each in (None, 0.0, 0.004, 0.5, 0.994, 1.0)] == [
        "unknown",
        "under 1 %",
        "under 1 %",
        "50 %",
        "over 99 %",
        "over 99 %",
    ]
    assert [count_words(each) for each in (0.0, 12.5, 41_200.0, 7.0e7, 2.04e13)] == [
        "0",
        "12.5",
        "41,200",
        "70 million",
        "20.4 trillion",
    ]
    assert date_words(day(2.9)) == "3 March 2026"
    assert [instant_words(None), instant_words(day(0.5))] == ["not yet", "1 March 2026, 12:00 UTC"]


@pytest.mark.parametrize(
    ("scope", "used"), [("owner", "the tenants of Falcon used"), ("tenant", "Falcon used")]
)
def test_an_owner_is_not_said_to_have_used_what_its_tenants_used(scope: str, used: str) -> None:
    golden = first()
    changed = golden.report.model_copy(update={"scope": scope, "subject_name": "Falcon"})
    page = render_html(changed, golden.curve, pack(), templates())
    assert f", {used}\n" in page


def test_the_size_of_a_cluster_that_nobody_named_is_unknown_not_zero() -> None:
    golden = first()
    observed = golden.report.observed.model_copy(
        update={"cluster_ids": (), "cluster_peak_operations_per_second": None}
    )
    unnamed = golden.report.model_copy(update={"observed": observed})
    page = render_html(unnamed, golden.curve, pack(), templates())
    assert 'at once</th><td><span class="unknown">unknown: no cluster was named</span></td>' in page


@pytest.mark.parametrize(("names", "told"), [(("incidents",), "1 of"), (("name", "email"), "2 of")])
def test_one_missing_element_is_and_several_are_not_at_hand(
    names: tuple[str, ...], told: str
) -> None:
    golden = first()
    short = golden.report.model_copy(update={"missing": names})
    page = render_html(short, golden.curve, pack(), templates())
    verb = "is" if len(names) == 1 else "are"
    assert f"<p>{told} the 17 elements of 7.308(d)(1) {verb} not at hand.</p>" in page
