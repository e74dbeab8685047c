"""The tables of docs/screening.md and the points of figures.toml, put where they belong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rigour.names import NameTypeTag

from detector.screening.figures import CutOffs
from detector.screening.fitting import FITTED, Points
from detector.screening.rarity import READINGS
from streams.matching.measure import Found, line

BEGIN: Final = "<!-- matching: written by python -m streams.matching -->"
END: Final = "<!-- matching: end -->"


def with_points(figures_text: str, fitted: Mapping[NameTypeTag, Points]) -> str:
    """Put fitted points into the text of figures.toml; comments and the rest stay."""
    text = figures_text
    for reading, tag in READINGS.items():
        points = fitted[tag]
        head, mark, rest = text.partition(f"[points.{reading}]\n")
        for name, value in (("base", points.base), *zip(FITTED, points.features, strict=True)):
            rest = re.sub(rf"(?m)^{name} = \S+", f"{name} = {value}", rest, count=1)
        text = head + mark + rest
    return text


def with_tables(page: str, tables: str) -> str:
    """Put tables between the marks of a page.

    Raises:
        ValueError: The page lacks a mark.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected the marks {BEGIN} and {END}; put them where the tables go")
    return f"{head}{BEGIN}\n\n{tables}\n{END}{tail}"


def found_table(title: str, rows: Mapping[str, Sequence[Found]], cut_offs: CutOffs) -> str:
    """Give a table of what is found of names that mean a listed party, and how right hits are."""
    lines = [
        f"| {title} | cases | found as likely | hits right | found at all | hits right |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in rows.items():
        if found:
            likely, possible = line(found, cut_offs.hit), line(found, cut_offs.possible)
            lines.append(
                f"| {name} | {len(found):,} | {likely.recall:.0%} | {likely.precision:.0%} "
                f"| {possible.recall:.0%} | {possible.precision:.0%} |"
            )
    return "\n".join(lines) + "\n"


def hit_table(title: str, rows: Mapping[str, Sequence[Found]], cut_offs: CutOffs) -> str:
    """Give a table of how many names that mean nobody listed have a hit nevertheless."""
    lines = [f"| {title} | names | likely hit | any hit |", "|---|---|---|---|"]
    for name, found in rows.items():
        likely = sum(each.others_from(cut_offs.hit) > 0 for each in found)
        possible = sum(each.others_from(cut_offs.possible) > 0 for each in found)
        lines.append(f"| {name} | {len(found):,} | {likely} | {possible} |")
    return "\n".join(lines) + "\n"
