"""Romanisations of one word have one sound; different words keep theirs."""

from __future__ import annotations

import pytest

from detector.screening.sounds import sound


@pytest.mark.parametrize(
    ("one", "other"),
    [("housein", "husayn"), ("shibli", "chibli"), ("tajiddine", "tajideen"), ("umid", "omid")],
)
def test_romanisations_of_one_word_sound_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("hassan", "hussein"), ("amir", "omar"), ("petrov", "petrova")]
)
def test_different_words_sound_different(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize("word", ["li", "lee", "7eleven", "мир"])
def test_a_short_word_or_one_that_is_not_latin_says_nothing(word: str) -> None:
    assert sound(word) == ""
