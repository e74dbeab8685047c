"""The ownership chart drawn: nothing overlaps, what decides stays, any name is harmless."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from detector.ownership.chart import OwnershipChart
from detector.ownership.fold import DRAWN_PARTIES_MAX, fold
from detector.ownership.layout import Box, Label, draw
from detector.ownership.svg import ownership_svg
from detector.ownership.tree import COLUMNS, ownership_tree
from detector.ownership.words import width_of
from tests.support.charts import chart_of, group, named
from tests.support.explanations import PICTURE
from tests.support.statements import entity, holding, person

HOSTILE = '<script>alert("1")</script>\x1b[2J \u202egnol & ]]>'
SVG = "{http://www.w3.org/2000/svg}"


def alone() -> OwnershipChart:
    return chart_of(entity("T", "US"))


def an_individual() -> OwnershipChart:
    return chart_of(person("T", "FR"))


def three_hundred_owners() -> OwnershipChart:
    owners = [f"p-{number:03}" for number in range(300)]
    held = [holding(each, "T", 0.1) for each in owners]
    return chart_of(entity("T", "US"), *map(person, owners), *held)


def three_hundred_that_all_control() -> OwnershipChart:
    owners = [f"p-{number:03}" for number in range(300)]
    held = [holding(each, "T", type="appointmentOfBoard") for each in owners]
    return chart_of(entity("T", "US"), *(person(each, "FR") for each in owners), *held)


def many_tenants_of_one_owner() -> OwnershipChart:
    records = [f"c-{number:02}" for number in range(45)]
    held = [holding("A", each, 100) for each in records]
    return chart_of(
        *map(entity, records),
        entity("A", "CN"),
        person("Q", "CN"),
        holding("Q", "A", 100),
        *held,
        customers={f"t-{each}": (each,) for each in records},
        owner_id="Q",
    )


def a_ring() -> OwnershipChart:
    names = ["T", "A", "B", "C"]
    held = [holding(one, other, 30) for one in names for other in names]
    return chart_of(*map(entity, names), *held)


def a_long_chain() -> OwnershipChart:
    names = ["T", *(f"e-{number}" for number in range(60))]
    held = [holding(upper, lower, 90) for lower, upper in zip(names, names[1:], strict=False)]
    shortcut = holding(names[-1], "T", 3)
    return chart_of(*map(entity, names), *held, shortcut)


def everybody_in_everybody() -> OwnershipChart:
    layers = [["T"], [f"a-{n}" for n in range(7)], [f"b-{n}" for n in range(9)]]
    held = [
        holding(upper, lower, 11)
        for below, above in zip(layers, layers[1:], strict=False)
        for lower in below
        for upper in above
    ]
    skips = [holding(upper, "T", 1) for upper in layers[2]]
    return chart_of(*(entity(each) for layer in layers for each in layer), *held, *skips)


def hostile_names() -> OwnershipChart:
    return chart_of(
        named("T", HOSTILE, "US"),
        named("A", "星海智能科技集团有限公司" * 9, "CN"),
        named("B", "شركة الحوسبة العالمية المحدودة للتدريب", "AE"),
        named("C", "W" * 400, "DE"),
        named("D", " ", "DE"),
        *(holding(each, "T", 25) for each in "ABCD"),
    )


CASES = (
    alone,
    an_individual,
    group,
    three_hundred_owners,
    three_hundred_that_all_control,
    many_tenants_of_one_owner,
    a_ring,
    a_long_chain,
    everybody_in_everybody,
    hostile_names,
)


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    apart = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or apart)


def hides(label: Label, box: Box) -> bool:
    half = width_of(label.words) / 2
    beside = label.x + half <= box.x or box.x + box.width <= label.x - half
    return not beside and box.y < label.y < box.y + box.height + 10


@pytest.mark.parametrize("case", CASES)
def test_no_box_overlaps_another_or_leaves_the_page(case: Callable[[], OwnershipChart]) -> None:
    drawing = draw(case(), "subject")
    assert [(a.id, b.id) for a, b in combinations(drawing.boxes, 2) if overlap(a, b)] == []
    assert [
        box.id
        for box in drawing.boxes
        if box.x < 0 or box.x + box.width > drawing.width or box.y + box.height > drawing.height
    ] == []


#: Thousandths of the size that letters of Helvetica Bold, the boldest that is drawn, advance.
BOLD = dict.fromkeys("ABCDHNRUY", 722) | dict.fromkeys("EPSY", 667) | dict.fromkeys("FLT", 611)
BOLD |= dict.fromkeys("GO", 778) | dict.fromkeys("acesvy", 556) | dict.fromkeys("dghnopu", 611)
BOLD |= dict.fromkeys(" Iil", 278) | {"M": 833, "W": 944, "m": 889, "r": 389, "t": 333, "w": 778}


@pytest.mark.parametrize(
    "name",
    [
        "COMPUTING MANAGEMENT AND MARITIME WOMEN",
        "GLOBAL SHIPPING GROUP COMPANY",
        "WWWWWW",
        "mammoth women swimming",
        "Compute and Model Training Services Limited",
    ],
)
def test_a_text_is_never_told_narrower_than_it_is_drawn(name: str) -> None:
    assert width_of(name) >= sum(BOLD[mark] for mark in name) * 12 / 1000


@pytest.mark.parametrize("case", CASES)
def test_no_text_is_wider_than_its_box(case: Callable[[], OwnershipChart]) -> None:
    drawing = draw(case(), "subject")
    assert [
        text for box in drawing.boxes for text, _ in box.lines if width_of(text) > box.width
    ] == []


@pytest.mark.parametrize("case", CASES)
def test_no_label_stands_in_a_box_or_on_another_label(
    case: Callable[[], OwnershipChart],
) -> None:
    drawing = draw(case(), "subject")
    assert [
        (label.words, box.id)
        for label in drawing.labels
        for box in drawing.boxes
        if hides(label, box)
    ] == []
    assert [
        (one.words, other.words)
        for one, other in combinations(drawing.labels, 2)
        if abs(one.y - other.y) < 12
        and abs(one.x - other.x) < (width_of(one.words) + width_of(other.words)) / 2
    ] == []


@pytest.mark.parametrize("case", CASES)
def test_every_stake_between_parties_that_are_drawn_has_its_line(
    case: Callable[[], OwnershipChart],
) -> None:
    chart = fold(case(), DRAWN_PARTIES_MAX)
    stakes = {(each.party_id, each.subject_id) for each in chart.edges}
    stakes |= {(each.box_id, each.subject_id) for each in chart.folds if each.subject_id}
    drawn = [line.pair for line in draw(case(), "subject").lines]
    assert sorted(drawn) == sorted(pair for pair in stakes if pair[0] != pair[1])


@pytest.mark.parametrize("case", CASES)
def test_the_picture_is_well_formed_and_its_texts_are_escaped(
    case: Callable[[], OwnershipChart],
) -> None:
    root = ET.fromstring(ownership_svg(case(), HOSTILE))  # noqa: S314 - our own output
    assert root.tag == f"{SVG}svg"
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg",
        "rect",
        "path",
        "text",
        "g",
        "title",
    }
    shown = "".join(root.itertext())
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("case", CASES)
def test_the_tree_names_every_party_that_is_drawn(case: Callable[[], OwnershipChart]) -> None:
    lines = ownership_tree(case())
    text = "\n".join(lines)
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_of_three_hundred_owners_those_drawn_and_those_counted_add_up() -> None:
    chart = three_hundred_owners()
    drawn = fold(chart, DRAWN_PARTIES_MAX)
    assert len(chart.parties) == 302  # the owners, the customer, and what the shares leave over
    assert len(drawn.parties) <= DRAWN_PARTIES_MAX
    assert sum(each.party_count for each in drawn.folds) == 302 - len(drawn.parties)
    assert [each.subject_id for each in drawn.folds] == ["record/T"]
    assert "not drawn" in "".join(ET.fromstring(ownership_svg(chart, "T")).itertext())  # noqa: S314


def test_the_path_that_decides_stays_however_much_is_left_out() -> None:
    drawn = fold(many_tenants_of_one_owner(), DRAWN_PARTIES_MAX)
    kept = {each.record_id for each in drawn.parties}
    assert {"Q", "A", "c-00"} <= kept
    assert len(drawn.parties) <= DRAWN_PARTIES_MAX
    assert [(each.subject_id, each.party_count) for each in drawn.folds] == [
        (None, 47 - len(drawn.parties))
    ]


def test_who_is_left_out_of_a_document_is_counted_at_a_party_that_is_drawn() -> None:
    records = [f"c-{number:02}" for number in range(47)]
    owners = {f"{half}-{record}": record for record in records for half in ("m", "n")}
    chart = chart_of(
        *(entity(record, "AE") for record in records),
        *(person(owner, "AE") for owner in owners),
        *(holding(owner, record, 50) for owner, record in owners.items()),
        customers={f"t-{record}": (record,) for record in records},
    )
    document = fold(chart, 120)
    drawn = fold(document, DRAWN_PARTIES_MAX)
    shown = {each.id for each in drawn.parties}
    assert {each.subject_id for each in document.folds} - shown - {None}
    assert {each.subject_id for each in drawn.folds} <= shown | {None}
    counted = sum(each.party_count for each in drawn.folds)
    assert counted == len(chart.parties) - len(shown)
    assert ownership_svg(document, "T").startswith("<svg")


def test_folding_twice_counts_the_same_parties_as_folding_once() -> None:
    chart = three_hundred_owners()
    once, twice = fold(chart, 40), fold(fold(chart, 120), 40)
    assert [each.party_count for each in once.folds] == [each.party_count for each in twice.folds]


def test_a_chart_is_drawn_the_same_whatever_the_order_of_its_parties_and_edges() -> None:
    chart = group()
    turned = chart.model_copy(update={"parties": chart.parties[::-1], "edges": chart.edges[::-1]})
    is_alike = ownership_svg(turned, "T") == ownership_svg(chart, "T")
    assert is_alike


def test_the_picture_in_the_documentation_is_what_is_drawn() -> None:
    is_alike = PICTURE.read_text(encoding="utf-8") == ownership_svg(group(), "Lin Example")
    assert is_alike, "run python -m tests.support.explanations and look at the picture"
