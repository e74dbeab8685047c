"""Whom screening finds, how sure it is and what it says made it so.

Here and not among the unit tests: the table of given names takes seconds to load.
"""

from __future__ import annotations

import pytest

from detector.screening.parties import Judgement, PartyKind, Subject
from tests.support.screening_lists import asked, screener


def found(subject: Subject, *lists: str) -> list[tuple[str, str]]:
    return [(hit.level, hit.party.name) for hit in screener(*lists).screen([subject])]


MERLION = "Merlion Quantum Computing Technology Co., Ltd."
KAVEH = "KAVEH DARYA SHIPPING LINES"
VORONTSOV = "VORONTSOV, Arkady Platonovich"


@pytest.mark.parametrize(
    ("name", "kind", "listed"),
    [
        ("MERLION QUANTUM COMPUTING TECHNOLOGIES COMPANY LIMITED", "organisation", MERLION),
        ("Merlion Quantom Computing Technology", "organisation", MERLION),
        ("Merlion QC", "organisation", MERLION),
        ("Kaveh Darya Shiping Lines Ltd", "organisation", KAVEH),
        ("Аркадий Платонович Воронцов", "person", VORONTSOV),
        ("Arkadi Voronzow", "person", VORONTSOV),
    ],
)
def test_other_spellings_of_a_listed_name_are_likely_matches(
    name: str, kind: PartyKind, listed: str
) -> None:
    subject = Subject("r-1", "query", kind, (name,))
    assert found(subject)[0] == ("hit", listed)


@pytest.mark.parametrize(
    "name",
    ["Northwind Bakery GmbH", "Dresden Quantum Optics GmbH", "Merlion Seafood Pte"],
)
def test_what_shares_only_common_words_is_no_match(name: str) -> None:
    assert found(asked(name)) == []


@pytest.mark.parametrize(
    ("name", "listed"),
    [("Arkady P. Vorontsov", VORONTSOV), ("Quantum Computing Technology Co., Ltd.", MERLION)],
)
def test_half_a_name_is_a_possible_match(name: str, listed: str) -> None:
    assert found(asked(name, kind="unknown"))[0] == ("possible", listed)


def test_a_person_is_not_held_against_organisations() -> None:
    assert found(asked("Kaveh Darya Shipping Lines", kind="person")) == []


def test_the_same_number_is_a_match_whatever_the_name() -> None:
    hit = screener().screen([asked("Fjord Charter AS", identifiers=("10103456789",))])[0]
    assert (hit.level, hit.score) == ("hit", 0.99)
    assert hit.features == ("the same identifier 10103456789",)


def test_another_country_lowers_a_score_but_never_clears_a_name_that_matches() -> None:
    same, unsaid, other = (
        screener().screen([asked("Kaveh Darya Shipping Lines", countries=codes)])[0]
        for codes in (("IR",), (), ("NO",))
    )
    assert same.score > unsaid.score > other.score
    assert (same.level, other.level) == ("hit", "hit")
    assert other.features == ("names alike: 0.93", "another country: NO, listed IR (-1.0)")
    born = asked("Arkady Platonovich Vorontsov", kind="person", birth_dates=("1999",))
    hit = screener().screen([born])[0]
    assert (hit.level, hit.features[-1]) == ("possible", "another year of birth (-3.0)")


def test_macau_and_taiwan_are_beside_china() -> None:
    for code in ("MO", "TW"):
        hit = screener("csl.json").screen([asked("Merlion QC", countries=(code,))])[0]
        assert hit.features[-1] == f"{code} is beside CN (+0.0)"


def test_a_weak_alias_says_so_and_weighs_less() -> None:
    hit = screener("entities.ndjson").screen([asked("MQC")])[0]
    assert hit.features[:2] == ("names alike: 0.75", "the list calls this alias weak")


def test_a_judgement_holds_for_its_pair_until_either_side_changes() -> None:
    subject = asked("Kaveh Darya Shipping Lines")
    pair = screener().screen([subject])[0].pair
    judged = Judgement(pair, "not_same", "a.analyst", "another flag and owner", "2026-11-21")
    told = screener(judged=(judged,))
    assert told.screen([subject])[0].judgement == judged
    changed = asked("Kaveh Darya Shipping Lines", countries=("IR",))
    assert told.screen([changed])[0].judgement is None


def test_asking_twice_or_together_gives_the_same_hits() -> None:
    subjects = [asked("Merlion QC"), asked("Kaveh Darya"), asked("nobody at all")]
    told = screener("csl.csv", "entities.ndjson")
    alone = [hit for subject in subjects for hit in told.screen([subject])]
    assert screener("csl.csv", "entities.ndjson").screen(subjects[::-1] + subjects) == sorted(
        alone, key=lambda hit: subjects[::-1].index(hit.subject)
    )


def test_a_memory_that_is_full_changes_no_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = [asked("Merlion QC"), asked("Kaveh Darya"), asked("nobody at all")]
    expected = screener("csl.csv").screen(subjects)
    monkeypatch.setattr("detector.screening.screener.KEPT_MAX", 2)
    told = screener("csl.csv")
    assert told.screen(subjects) == expected
    assert told.renewed(told.snapshots).screen(subjects) == expected
