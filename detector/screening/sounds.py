"""One spelling for what is written in many: Arabic, Cyrillic or Chinese names in Latin letters.

Vowels are told apart by three classes only, doubled letters are one, and letters that romanisations
swap are one letter. It is coarser than comparing letters and finer than dropping vowels: Hassan and
Hussein stay two names.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: What is written one for the other, longest first; applied from the left, once.
_SPELLINGS: Final = {
    **dict.fromkeys(("dzh", "dj", "zh", "j"), "j"),
    **dict.fromkeys(("tsch", "sch", "tch", "sh", "ch", "x"), "s"),
    **dict.fromkeys(("kh", "ck", "q", "c", "k"), "k"),
    **dict.fromkeys(("gh", "g"), "g"),
    **dict.fromkeys(("ph", "f"), "f"),
    **dict.fromkeys(("th", "t"), "t"),
    **dict.fromkeys(("dh", "d"), "d"),
    **dict.fromkeys(("v", "w"), "v"),
    **dict.fromkeys(("oo", "ou", "aou", "o", "u"), "u"),
    **dict.fromkeys(("ee", "ei", "ey", "ai", "ay", "ie", "iy", "yi", "i", "y"), "i"),
    **dict.fromkeys(("aa", "ae", "a", "e"), "a"),
}
_ANY: Final = re.compile("|".join(sorted(_SPELLINGS, key=lambda each: (-len(each), each))))
_DOUBLED: Final = re.compile(r"(.)\1+")
_LAST_E: Final = re.compile(r"(?<=[^aeiouy])e$")
#: A shorter word says too little by its sound.
LETTERS_MIN: Final = 4


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """Give the one spelling of a word in lower-case Latin letters; empty where it says too little.

    >>> sound("housein"), sound("husayn"), sound("hassan")
    ('husin', 'husin', 'hasan')
    """
    if len(word) < LETTERS_MIN or not word.isascii() or not word.isalpha():
        return ""
    told = _ANY.sub(lambda found: _SPELLINGS[found.group()], _LAST_E.sub("", word))
    return _DOUBLED.sub(r"\1", told)
