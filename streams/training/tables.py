"""Rows as a Markdown table: what every page about the classifier is written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], words: Sequence[int] = (0,)
) -> str:
    """Write columns and rows; ``words`` are the places of columns of text, the others are figures.

    Figures stand to the right. A value is written as it is: format it before.
    """
    kinds = ["---" if place in words else "---:" for place in range(len(columns))]
    lines = [_line(columns), f"|{'|'.join(kinds)}|", *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(each) for each in cells)} |"
