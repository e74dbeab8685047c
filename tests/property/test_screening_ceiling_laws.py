"""What is told of names before they are aligned: never less than they score, no match lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rigour.names import NameTypeTag

from detector.screening.ceiling import Told, points_max, told_by
from detector.screening.finder import Asked, Finder
from detector.screening.names import forms
from detector.screening.parties import ListedParty, PartyKind, Subject
from detector.screening.reading import Reading
from detector.screening.score import name_score, score
from streams.lists import figures

FIGURES = figures()
WORDS = (
    *("Kaveh", "Darya", "Shipping", "Shiping", "Lines", "LLC", "Limited", "GmbH", "Trading", "al"),
    *("Mohammed", "Muhammad", "Mohamad", "Ivan", "Иван", "Johann", "John", "J", "Housein", "7"),
    *("Husayn", "van", "der", "Bilt", "Vanderbilt", "KDSL", "National", "Computing", "Seven"),
)
LETTERS = st.text(alphabet="abehiknorstuz", min_size=1, max_size=9)
NAMES = st.lists(st.sampled_from(WORDS) | LETTERS, min_size=1, max_size=5).map(" ".join)


def _altered(name: str, at: int, letter: str) -> str:
    return name[: at % len(name)] + letter + name[at % len(name) + 1 :]


#: Two names, and often the second is the first with a letter lost or another.
PAIRS = st.tuples(NAMES, NAMES) | st.tuples(
    NAMES, st.integers(0, 40), st.sampled_from(("", "k", "i", "é", " "))
).map(lambda drawn: (drawn[0], _altered(*drawn)))
TAGS = {"person": NameTypeTag.PER, "organisation": NameTypeTag.ORG}
KINDS = st.sampled_from(tuple(TAGS))
COUNTRIES = st.lists(st.sampled_from(("IR", "CN", "HK", "NO")), max_size=2).map(tuple)
ADDRESSES = st.lists(st.sampled_from(("5 Nathan Road", "1 Main St")), max_size=1).map(tuple)
BIRTH_DATES = st.lists(st.sampled_from(("1970", "1970-05-04", "1982")), max_size=1).map(tuple)


@settings(max_examples=400, deadline=None)
@given(KINDS, PAIRS, st.booleans())
def test_no_pair_of_names_scores_above_its_ceiling(
    kind: str, names: tuple[str, str], is_weak: bool
) -> None:
    tag, (ours, listed) = TAGS[kind], names
    for one in forms(tag, [ours]):
        for other in forms(tag, [listed]):
            pair = Reading(one, FIGURES.parts), Reading(other, FIGURES.parts)
            scored = name_score(*pair, FIGURES, is_weak=is_weak)
            assert points_max(*pair, FIGURES, is_weak=is_weak) >= scored.points - 1e-9


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(KINDS, NAMES, NAMES, COUNTRIES, ADDRESSES, BIRTH_DATES), min_size=1, max_size=4
    ),
    st.tuples(KINDS, NAMES, COUNTRIES, ADDRESSES, BIRTH_DATES),
    st.booleans(),
)
def test_who_is_left_out_is_no_match(
    listed: list[tuple[PartyKind, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]],
    ours: tuple[PartyKind, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    is_listed_name: bool,
) -> None:
    parties = [
        ListedParty(
            *(str(at), "SDN", kind, name, (alias,)),
            countries=countries,
            addresses=addresses,
            birth_dates=birth_dates,
        )
        for at, (kind, name, alias, countries, addresses, birth_dates) in enumerate(listed)
    ]
    kind, name, countries, addresses, birth_dates = ours
    names = (parties[0].name if is_listed_name else name,)
    subject = Subject("r", "customer", kind, names, (), countries, addresses, birth_dates)
    finder = Finder(parties, FIGURES)

    def matches(told: Told | None) -> list[object]:
        (found,) = finder.find([Asked(kind, names, told)])
        scored = {at: score(subject, parties[at], each, FIGURES) for at, each in found.items()}
        return [(at, each) for at, each in sorted(scored.items()) if each.level is not None]

    assert matches(told_by(subject)) == matches(None)
