"""Names made comparable: case, script, legal forms, titles, and the keys by which they are found.

Analysis is that of the library rigour (MIT): it knows legal forms, honorifics and spellings of
given names in many scripts, offline. Han, which it leaves as it is, is also read as pinyin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rigour.names import Name, NamePart, NamePartTag, NameTypeTag, analyze_names
from rigour.text import ascii_text

from detector.screening.parties import PartyKind
from detector.screening.sounds import sound

#: How names of each kind are read; a party of unknown kind is read both ways.
TAGS: Final[dict[PartyKind, tuple[NameTypeTag, ...]]] = {
    "person": (NameTypeTag.PER,),
    "organisation": (NameTypeTag.ORG,),
    "unknown": (NameTypeTag.ORG, NameTypeTag.PER),
    "other": (),
}
#: Legal forms, articles and particles: they tell parties apart only when all else is equal.
SMALL_PARTS: Final = (NamePartTag.LEGAL, NamePartTag.STOP)
#: Letters of an acronym: three are the initials of too many.
ACRONYM_MIN: Final = 4
ACRONYM_MAX: Final = 8
_GRAM: Final = 3
#: A name is compared by so many of its first characters, several times what any known list holds:
#: reading takes time with the square of the length, so that one row could hold up a whole list.
NAME_CHARACTERS: Final = 2000


def readings(kind: PartyKind, names: Iterable[str]) -> tuple[NameTypeTag, ...]:
    """Say how the names of a party are read: one with a legal form or a business is no person."""
    if kind != "unknown":
        return TAGS[kind]
    marks = {s.category.value for name in forms(NameTypeTag.ORG, names) for s in name.symbols}
    return TAGS["organisation"] if marks & {"ORGCLS", "DOMAIN"} else TAGS["unknown"]


def forms(tag: NameTypeTag, names: Iterable[str]) -> list[Name]:
    """Give the comparable forms of names, in a fixed order; none for a name without letters."""
    given = dict.fromkeys(spelling for name in names for spelling in _spellings(name))
    found: dict[str, Name] = {}
    for text in given:
        for form in analyze_names(tag, [text], infer_initials=True, consolidate=False):
            found.setdefault(form.comparable, form)
    return list(found.values())


def _spellings(name: str) -> Iterator[str]:
    text = " ".join(name[:NAME_CHARACTERS].split())
    yield text
    if any("㐀" <= mark <= "鿿" for mark in text):
        yield ascii_text(text)


def main_parts(name: Name) -> list[NamePart]:
    """Give the parts that tell a name; all of them where there are only small ones."""
    return [part for part in name.parts if part.tag not in SMALL_PARTS] or list(name.parts)


def initials(name: Name) -> str:
    """Give the first letters of the parts that tell an organisation; empty where they are few."""
    if name.tag != NameTypeTag.ORG:
        return ""
    letters = "".join(part.comparable[0] for part in main_parts(name))
    return letters if len(letters) >= ACRONYM_MIN and letters.isalpha() else ""


def acronym(name: Name) -> str:
    """Give an organisation's one telling part where it may be the initials of others."""
    parts = main_parts(name)
    if name.tag != NameTypeTag.ORG or len(parts) != 1:
        return ""
    word = parts[0].comparable
    return word if ACRONYM_MIN <= len(word) <= ACRONYM_MAX and word.isalpha() else ""


def keys(name: Name) -> list[str]:
    """Give the keys by which a name is found: sounds of its parts, spellings, letter triples."""
    parts = main_parts(name)
    found = [f"p:{part.metaphone or part.comparable}" for part in parts]
    found += [f"k:{told}" for part in parts if (told := sound(part.comparable))]
    found += [f"s:{s.id}" for s in name.symbols if s.category.value in {"NAME", "NICK"}]
    squeezed = "".join(sorted(part.comparable for part in parts))
    found += [f"g:{squeezed[at : at + _GRAM]}" for at in range(max(1, len(squeezed) - _GRAM + 1))]
    return sorted(set(found))
