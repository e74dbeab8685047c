"""How rare keys are, from counts; a file that cannot be used is told in one line."""

from __future__ import annotations

import math

import pytest
from rigour.names import NameTypeTag

from detector.screening.rarity import RarityError, parse_rarity

TEXT = "reading,key,names\norganisation,*,99\norganisation,p:BNK,33\nperson,*,9\nperson,g:ali,3\n"


def test_a_key_weighs_by_how_seldom_it_is_and_by_its_family() -> None:
    read = parse_rarity(TEXT)
    assert read[NameTypeTag.ORG].weight("p:BNK") == math.log1p(3)
    assert read[NameTypeTag.ORG].weight("s:Q1") == math.log1p(99) * 0.5
    assert read[NameTypeTag.PER].weight("g:ali") == math.log1p(3) * 0.6


@pytest.mark.parametrize(
    "text",
    ["reading,key,names\n", TEXT.replace("33", "many"), TEXT.replace("person,*", "people,*")],
)
def test_counts_that_lack_something_are_refused(text: str) -> None:
    with pytest.raises(RarityError, match=r"rarity\.csv: expected rows of reading, key, names"):
        parse_rarity(text)
