"""How names are made comparable before they are held against each other."""

from __future__ import annotations

from time import process_time

import pytest
from rigour.names import NameTypeTag

from detector.screening.names import NAME_CHARACTERS, forms

#: Reading grows with the square of the length: a whole name of this many takes minutes.
HOSTILE = 2_000_000


@pytest.mark.parametrize("text", ["a" * HOSTILE, "alfa beta " * (HOSTILE // 10)])
def test_a_name_without_end_is_read_by_its_beginning_and_holds_nobody_up(text: str) -> None:
    began = process_time()
    (read,) = forms(NameTypeTag.ORG, [text])
    assert process_time() - began < 5.0
    assert read.comparable == forms(NameTypeTag.ORG, [text[:NAME_CHARACTERS]])[0].comparable
