"""Cases to fit to: labelled pairs, and what the search brings up for each name asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from rigour.names import NameTypeTag

from detector.screening.figures import Figures
from detector.screening.finder import Asked, Finder
from detector.screening.fitting import Case
from detector.screening.likeness import likeness
from detector.screening.names import TAGS, forms
from detector.screening.reading import Reading
from streams.matching.rows import Labelled, LabelledPair, Query, half_of

#: Names asked for at once.
PIECE: Final = 500
#: Listed parties have more namesakes among themselves than customers have among them.
SIBLING_WEIGHT: Final = 0.5


def fitted_cases(labelled: Labelled, finder: Finder, figures: Figures) -> list[Case]:
    """Give the cases of the half that is fitted to: pairs, hidden aliases, strangers, siblings.

    Siblings are listed parties asked for by name, their own entry taken out: hits are another's.
    """
    cases = [case for pair in labelled.pairs if (case := pair_case(pair, figures)) is not None]
    asked = [each for each in labelled.aliases if each.half == "fitted"]
    for named in labelled.strangers.values():
        asked += [each for each in named if each.half == "fitted"]
    siblings = [each for each in sibling_queries(labelled) if each.half == "fitted"]
    others = (case for case in _found_cases(siblings, labelled, finder) if not case.is_same)
    cases += _found_cases(asked, labelled, finder)
    return cases + [replace(case, weight=SIBLING_WEIGHT) for case in others]


def sibling_queries(labelled: Labelled) -> list[Query]:
    """Give every listed party as a name that is asked for."""
    return [
        Query(party.name, party.kind, party.party_id, half_of(party.party_id))
        for party in labelled.parties
    ]


def pair_case(pair: LabelledPair, figures: Figures) -> Case | None:
    """Give the case of a labelled pair; None where a name has no letters."""
    tag = TAGS[pair.kind][0]
    ours, listed = _read(tag, pair.ours, figures), _read(tag, pair.listed, figures)
    found = [likeness(one, other, figures.parts) for one in ours for other in listed]
    if not found:
        return None
    return Case(tag, tuple(min(found, key=sum)), pair.is_same, pair.listed)


def _read(tag: NameTypeTag, name: str, figures: Figures) -> list[Reading]:
    return [Reading(form, figures.parts) for form in forms(tag, [name])]


def _found_cases(asked: Sequence[Query], labelled: Labelled, finder: Finder) -> Iterator[Case]:
    for start in range(0, len(asked), PIECE):
        piece = asked[start : start + PIECE]
        found = finder.find([Asked(query.kind, (query.name,)) for query in piece])
        for query, parties in zip(piece, found, strict=True):
            for at, name in parties.items():
                is_same = labelled.parties[at].party_id == query.party_id
                yield Case(name.ours.tag, name.values, is_same, query.party_id or query.name)
