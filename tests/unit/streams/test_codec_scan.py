"""A text can be asked at many places at once for its quotes and for constant bytes."""

from __future__ import annotations

import numpy as np
import pytest

from streams.codec.scan import Quotes, Text

#: Quotes at both ends, side by side, and 57, 600 and 3,000 bytes apart.
BODY = b'"a""' + b"b" * 57 + b'"' + b"c" * 600 + b'"' + b"d" * 3000 + b'"' + b"e" * 90


def test_the_next_quote_is_found_from_every_place_however_far_it_is() -> None:
    quotes = Text(BODY).quotes
    places = np.arange(len(BODY))
    expected = [BODY.find(b'"', place) for place in places.tolist()]
    assert [at if at < len(BODY) else -1 for at in quotes.next(places).tolist()] == expected


def test_quotes_are_counted_before_every_place() -> None:
    quotes = Text(BODY).quotes
    places = np.arange(len(BODY) + 1)
    assert quotes.before(places).tolist() == [BODY.count(b'"', 0, n) for n in places.tolist()]


def test_a_text_that_spans_several_looks_has_all_its_quotes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.codec.scan.BYTES_TOGETHER", 64)
    whole = Quotes(Text(BODY).raw)
    assert whole.before(np.array([len(BODY)])).tolist() == [BODY.count(b'"')]


def test_a_run_is_said_to_stand_only_where_all_its_bytes_do() -> None:
    text = Text(b'"id":"1"}"id":"2"}"ie":"3"}')
    assert text.holding(np.array([0, 9]), b'"id":"') is None
    found = text.holding(np.array([0, 9, 18]), b'"id":"')
    assert found is not None
    assert found.tolist() == [0, 1]


def test_a_run_that_would_pass_the_end_of_the_text_does_not_stand_there() -> None:
    text = Text(b"ab")
    found = text.holding(np.array([0, 1, 2]), b"abc")
    assert found is not None
    assert found.tolist() == []
