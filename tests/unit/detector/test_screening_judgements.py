"""What analysts said of hits is read line by line; a line that says nothing is told."""

from __future__ import annotations

import json

import pytest

from detector.screening.judgements import JudgementError, parse_judgements
from detector.screening.parties import Judgement

LINE = {
    "pair": "0123456789abcdef",
    "verdict": "unsure",
    "author": "a.analyst",
    "reason": "the register was closed",
    "judged_on": "2026-11-20",
}


def test_the_last_line_on_a_pair_holds() -> None:
    later = {**LINE, "verdict": "not_same", "judged_on": "2026-11-21"}
    text = "\n".join(["", json.dumps(LINE), json.dumps(later), ""])
    assert parse_judgements(text, "judged") == {LINE["pair"]: Judgement(**later)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"pair": "x"}, "pair"),
        ({"verdict": "cleared"}, "verdict"),
        ({"author": ""}, "author"),
        ({"reason": ""}, "reason"),
        ({"judged_on": "yesterday"}, "judged_on"),
        ({"until": "2027"}, "until"),
    ],
)
def test_a_line_that_is_no_judgement_is_told(change: dict[str, str], place: str) -> None:
    with pytest.raises(JudgementError) as error:
        parse_judgements(json.dumps(LINE) + "\n" + json.dumps({**LINE, **change}), "judged")
    assert str(error.value).startswith("judged line 2: expected one JSON object a line with ")
    assert f"; {place}: " in str(error.value)
