"""One writer of Markdown tables for every page about the classifier."""

from __future__ import annotations

from streams.training.tables import markdown_table


def test_words_stand_to_the_left_and_figures_to_the_right() -> None:
    rows = [("serving", 12, "0.50"), ("idle", 3, "-")]
    assert markdown_table(("kind", "n", "share"), rows) == (
        "| kind | n | share |\n|---|---:|---:|\n| serving | 12 | 0.50 |\n| idle | 3 | - |"
    )


def test_any_columns_may_be_words_or_none() -> None:
    assert markdown_table(("a", "b"), [], words=(0, 1)) == "| a | b |\n|---|---|"
    assert markdown_table(("a", "b"), [(1, 2)], words=()) == "| a | b |\n|---:|---:|\n| 1 | 2 |"
