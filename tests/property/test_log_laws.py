"""A log line is one line and says what it was given, whatever that was."""

from __future__ import annotations

import json
import logging
import shlex

from hypothesis import example, given
from hypothesis import strategies as st

from streams.logs import KeyValueFormatter

FIELDS = st.dictionaries(
    st.sampled_from(["reason", "topic", "detail"]),
    st.text() | st.integers() | st.booleans() | st.none(),
)


def record(event: str, fields: dict[str, object]) -> logging.LogRecord:
    made = logging.LogRecord(
        "trainwatch.x", logging.INFO, "", 0, event.replace("%", "%%"), None, None
    )
    made.trainwatch_fields = fields
    return made


@given(st.text(), FIELDS)
@example("\u2028", {"detail": "\x1b[2J\x85"})
def test_a_text_line_is_one_line_that_no_terminal_obeys(
    event: str, fields: dict[str, object]
) -> None:
    line = KeyValueFormatter().format(record(event, fields))
    assert len(line.splitlines()) == 1
    assert line.isprintable()


@given(st.text("abc =\"'", max_size=8))
def test_a_text_line_can_be_split_at_its_blanks(value: str) -> None:
    line = KeyValueFormatter().format(record("committed", {"reason": value, "last": 1}))
    assert line.endswith(" last=1")
    assert f"reason={json.dumps(value)}" in line or f"reason={value} " in line
    assert '"' in value or "'" in value or f"reason={value}" in shlex.split(line)
