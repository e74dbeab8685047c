"""Who spoke and when: sums and unions that no order can change, and the usual gap of each."""

from __future__ import annotations

import polars as pl

from features.activity import activity, add_activity, silence, united, usual_gaps
from tests.support.usage_rows import BEGIN, HOUR, at, usage_frame, usage_row

FIRST = int(BEGIN.timestamp()) // 3600
FIRST_MS = FIRST * HOUR
ROWS = (
    usage_row(0, HOUR, source="a", time=at(HOUR)),
    usage_row(0, 2 * HOUR, source="a", tenant_id="u", time=at(2 * HOUR + 1)),
    usage_row(2 * HOUR, 3 * HOUR, source="b", time=at(9 * HOUR)),
    usage_row(HOUR, 2 * HOUR, source="a", time=at(5 * HOUR)),
)


def test_each_source_is_heard_per_tenant_and_its_hours_are_joined() -> None:
    found = activity(usage_frame(ROWS))
    assert found.heard.rows() == [
        ("a", "t", 2, 2 * HOUR, FIRST_MS + HOUR, FIRST_MS + 5 * HOUR, FIRST_MS + 2 * HOUR),
        (
            "a",
            "u",
            1,
            2 * HOUR,
            FIRST_MS + 2 * HOUR + 1,
            FIRST_MS + 2 * HOUR + 1,
            FIRST_MS + 2 * HOUR,
        ),
        ("b", "t", 1, HOUR, FIRST_MS + 9 * HOUR, FIRST_MS + 9 * HOUR, FIRST_MS + 3 * HOUR),
    ]
    assert found.spoken.rows() == [
        ("a", FIRST + 1, FIRST + 3),
        ("a", FIRST + 5, FIRST + 6),
        ("b", FIRST + 9, FIRST + 10),
    ]


def test_any_cut_and_order_gives_the_same_activity() -> None:
    whole = activity(usage_frame(ROWS))
    parts = [activity(usage_frame([row])) for row in reversed(ROWS)]
    added = add_activity([silence(), *parts])
    assert added.heard.equals(whole.heard)
    assert added.spoken.equals(whole.spoken)


def test_the_usual_gap_is_that_of_most_steps_and_one_outage_does_not_make_it_usual() -> None:
    hours = [*range(60), *range(300, 360)]
    days = range(0, 24 * 30, 24)
    rows = [("hourly", h) for h in hours] + [("daily", h) for h in days] + [("once", 5)]
    spoken = pl.DataFrame(rows, {"source": pl.String, "from_hour": pl.Int64}, orient="row")
    joined = united(spoken.with_columns(until_hour=pl.col("from_hour") + 1), ["source"])
    assert usual_gaps(joined, ["source"]).rows() == [("daily", 24), ("hourly", 1), ("once", 1)]
