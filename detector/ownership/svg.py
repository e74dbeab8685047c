"""A chart as an SVG picture. Every text is escaped; nothing is loaded from outside."""

from __future__ import annotations

from datetime import date
from typing import Final
from xml.etree import ElementTree as ET

from detector.ownership.chart import OwnershipChart
from detector.ownership.layout import LINE_HEIGHT, PAD, Box, Drawing, Label, Line, draw

INK: Final = "#1d2733"
SOFT: Final = "#5b6775"
PLAIN: Final = "#8a94a0"
BLUE: Final = "#1f5fa8"
RED: Final = "#a8321f"
PAPER: Final = "#ffffff"
FONTS: Final = "Helvetica Neue, Segoe UI, Liberation Sans, Arial, sans-serif"
_TONES: Final = {"name": INK, "plain": SOFT, "alarm": RED}
_FILLS: Final = {"person": "#eef4fb", "organisation": PAPER, "unknown": "#f4f6f8"}
_CORNERS: Final = {"person": 14, "organisation": 3, "unknown": 3}
_DASHES: Final = {"sure": "", "possible": "6 4", "ended": "1.5 4"}
LEGEND: Final = (
    "Blue: the path that decides. Dashed: not sure. Dotted: held during the work, no longer.",
    "Rounded: a person. Dashed box: not known, or not drawn. ↑: the lower holds part of the upper.",
    "HQ: headquarters, or registered address; HQ by law: neither known, so the jurisdiction.",
)


def ownership_svg(chart: OwnershipChart, subject: str) -> str:
    """Draw the chart of a subject as a picture by itself."""
    root = _drawn(draw(chart, _title(subject)), chart.at.date())
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return ET.tostring(root, encoding="unicode") + "\n"


def ownership_figure(chart: OwnershipChart, subject: str) -> str:
    """Draw the same as a part of a page of HTML, where nothing names an address."""
    return ET.tostring(_drawn(draw(chart, _title(subject)), chart.at.date()), encoding="unicode")


def _title(subject: str) -> str:
    return f"Who stands behind {subject}"


def _drawn(drawing: Drawing, day: date) -> ET.Element:
    size = {"width": _number(drawing.width), "height": _number(drawing.height)}
    root = ET.Element(
        "svg",
        {
            "viewBox": f"0 0 {size['width']} {size['height']}",
            **size,
            "role": "img",
            "aria-label": drawing.title,
            "font-family": FONTS,
            "font-size": "12",
        },
    )
    ET.SubElement(root, "rect", {**size, "fill": PAPER})
    _text(root, (16, 24), drawing.title, INK, weight="600")
    told = f"Shares and control as held on {day.isoformat()}, as far as anybody has said."
    _text(root, (16, 42), told, SOFT)
    for line in drawing.lines:
        _line(root, line)
    for box in drawing.boxes:
        _box(root, box)
    for label in drawing.labels:
        _label(root, label)
    for number, text in enumerate(reversed(LEGEND)):
        _text(root, (16, drawing.height - 13 - 17 * number), text, SOFT)
    return root


def _line(root: ET.Element, line: Line) -> None:
    colour = BLUE if line.decides else PLAIN
    path = {"d": line.path, "fill": "none", "stroke": colour}
    path["stroke-width"] = "2.5" if line.decides else "1.3"
    if _DASHES[line.sureness]:
        path["stroke-dasharray"] = _DASHES[line.sureness]
    ET.SubElement(root, "path", path)
    ET.SubElement(root, "path", {"d": line.arrow, "fill": colour})


def _box(root: ET.Element, box: Box) -> None:
    frame = {
        "x": _number(box.x),
        "y": _number(box.y),
        "width": _number(box.width),
        "height": _number(box.height),
        "rx": str(_CORNERS[box.shape]),
        "fill": _FILLS[box.shape],
        "stroke": BLUE if box.decides else PLAIN,
        "stroke-width": "2.5" if box.decides else "1.2",
    }
    if box.shape == "unknown":
        frame["stroke-dasharray"] = "5 4"
    group = ET.SubElement(root, "g")
    ET.SubElement(group, "title").text = " | ".join(text for text, _ in box.lines)
    ET.SubElement(group, "rect", frame)
    for number, (text, tone) in enumerate(box.lines):
        y = box.y + PAD + LINE_HEIGHT * (number + 0.8)
        weight = "600" if tone != "plain" else ""
        _text(group, (box.x + box.width / 2, y), text, _TONES[tone], weight=weight, middle=True)


def _label(root: ET.Element, label: Label) -> None:
    element = _text(root, (label.x, label.y), label.words, INK, middle=True)
    element.set("stroke", PAPER)
    element.set("stroke-width", "4")
    element.set("paint-order", "stroke")
    if label.decides:
        element.set("font-weight", "600")


def _text(
    root: ET.Element,
    place: tuple[float, float],
    text: str,
    colour: str,
    *,
    weight: str = "",
    middle: bool = False,
) -> ET.Element:
    element = ET.SubElement(
        root, "text", {"x": _number(place[0]), "y": _number(place[1]), "fill": colour}
    )
    if weight:
        element.set("font-weight", weight)
    if middle:
        element.set("text-anchor", "middle")
    element.text = text
    return element


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if abs(value) < 1e6 else str(round(value))
