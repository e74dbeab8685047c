"""What the packs' tests of listed owners say in the line: which lists, which owners, since when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from detector.facts import ListedOwnership
from detector.parties.listed_owners import ListedOwners, Screening
from detector.policy.model import ListedOwnerTest, Pack
from detector.policy.parse import parse_pack
from detector.rules import apply
from detector.thresholds.conditions import is_subject
from detector.who.graph import OwnershipGraph, Statement
from detector.who.listed import DatedListings, Listings
from tests.support.charts import countries
from tests.support.statements import KNOWN_AT, entity, graph_of, holding
from tests.support.subjects import ROOT, case, headquarters_pack, listed_owner_pack, subject

FOLDER = ROOT / "detector" / "policy"
TABLE = countries()
AFFILIATES = "us-bis-affiliates-50.toml"
BLOCKED = "us-ofac-50.toml"
ENTITY_LIST = "Entity List (EL) - Bureau of Industry and Security"
MILITARY_LIST = "Military End User (MEU) List"
SANCTIONS_LIST = "Specially Designated Nationals (SDN) - Treasury Department"

#: Each clause of the rule as the pack words it: citation, clause, who is listed, facts, answer.
BIS_RULE: list[tuple[str, str, Listings, list[Statement], str]] = [
    (
        "90 FR 47201",
        "owned 50 % or more, directly",
        {ENTITY_LIST: {"X": "yes"}},
        [entity("T", "SG"), holding("X", "T", 50)],
        "yes",
    ),
    (
        "90 FR 47201",
        "or indirectly",
        {ENTITY_LIST: {"X": "yes"}},
        [entity("T", "SG"), entity("A", "AE"), holding("X", "A", 50), holding("A", "T", 50)],
        "yes",
    ),
    (
        "90 FR 47201",
        "singly or together, whatever the list of each",
        {ENTITY_LIST: {"X": "yes"}, MILITARY_LIST: {"Y": "yes"}, SANCTIONS_LIST: {"Z": "yes"}},
        [
            entity("T", "SG"),
            *(holding(each, "T", part) for each, part in zip("XYZ", (20, 15, 15), strict=True)),
        ],
        "yes",
    ),
    (
        "90 FR 47201",
        "less than 50 % together",
        {ENTITY_LIST: {"X": "yes"}, SANCTIONS_LIST: {"Y": "yes"}},
        [entity("T", "SG"), holding("X", "T", 25), holding("Y", "T", 24.99)],
        "no",
    ),
    (
        "90 FR 47201",
        "a United States entity is not meant",
        {ENTITY_LIST: {"X": "yes"}},
        [entity("T", "US-DE"), holding("X", "T", 100)],
        "no",
    ),
    (
        "supplement no. 3 to 15 CFR part 732, flag 29",
        "a listed owner whose percentage cannot be determined is to be resolved first",
        {ENTITY_LIST: {"X": "yes"}},
        [entity("T", "SG"), holding("X", "T")],
        "possible",
    ),
]


def affiliates(name: str = AFFILIATES) -> Pack:
    return parse_pack((FOLDER / "packs" / name).read_text("utf-8"), name)


def owners(
    listings: Listings, *statements: Statement, packs: tuple[str, ...] = (AFFILIATES,)
) -> tuple[ListedOwnership, ...]:
    def find(_graph: OwnershipGraph) -> DatedListings:
        return {None: listings}

    asked = tuple(affiliates(name) for name in packs)
    found = ListedOwners(Screening(asked, find), graph_of(*statements), TABLE)
    return found.of("T", KNOWN_AT)


@pytest.mark.parametrize(("citation", "clause", "listings", "statements", "expected"), BIS_RULE)
def test_each_clause_of_the_affiliates_rule_comes_out_as_its_source_says(
    citation: str, clause: str, listings: Listings, statements: list[Statement], expected: str
) -> None:
    found = owners(listings, *statements)
    told = {(): "no", (True,): "yes", (False,): "possible"}
    assert told[tuple(each.is_sure for each in found)] == expected, clause
    assert citation in {rule.citation for rule in affiliates().rules}


def test_a_majority_of_an_entity_list_party_is_told_with_its_chain() -> None:
    found = owners({ENTITY_LIST: {"X": "yes"}}, entity("T", "SG"), holding("X", "T", 50))
    assert found == (
        ListedOwnership(
            pack_id="us-bis-affiliates-50",
            record_id="T",
            is_sure=True,
            is_match_sure=True,
            share_ratio_min=0.5,
            share_ratio_max=0.5,
            listed_ids=("X",),
            chain=("X owns 50 % of Name of T (T)",),
            flips=(),
            record="Name of T (T)",
        ),
    )


@pytest.mark.parametrize(
    ("listings", "statements"),
    [
        ({"Unverified List (UVL)": {"X": "yes"}}, [entity("T", "SG"), holding("X", "T", 50)]),
        ({ENTITY_LIST: {"X": "yes"}}, [entity("T", "US"), holding("X", "T", 50)]),
        ({ENTITY_LIST: {"X": "yes"}}, [entity("T", "SG"), holding("X", "T", 49)]),
        (
            {ENTITY_LIST: {"X": "yes"}},
            [entity("T", "SG"), holding("X", "T", 49), holding("Y", "T")],
        ),
        ({ENTITY_LIST: {"X": "yes"}}, [entity("T", "SG"), holding("Y", "T", 50)]),
        ({}, [entity("T", "SG"), holding("X", "T", 50)]),
    ],
    ids=["another list", "of the US", "below half", "others unlisted", "not listed", "no list"],
)
def test_nothing_is_told_where_the_rule_is_not_met(
    listings: Listings, statements: list[Statement]
) -> None:
    assert owners(listings, *statements) == ()


def test_a_share_not_given_is_told_with_the_stake_that_would_decide() -> None:
    (found,) = owners({ENTITY_LIST: {"X": "possible"}}, entity("T", "SG"), holding("X", "T", 80))
    assert (found.is_sure, found.is_match_sure) == (False, False)
    assert found.flips == ("that X is the party it may be",)


def test_a_pack_is_about_a_subject_that_listed_parties_own_for_sure() -> None:
    (sure,) = owners({ENTITY_LIST: {"X": "yes"}}, entity("T", "SG"), holding("X", "T", 50))
    (open_one,) = owners({ENTITY_LIST: {"X": "yes"}}, entity("T", "SG"), holding("X", "T"))
    assert is_subject(subject(listed_owners=(sure,)), affiliates(), None)
    assert not is_subject(subject(listed_owners=(open_one,)), affiliates(), None)
    assert not is_subject(subject(listed_owners=(sure,)), listed_owner_pack(), None)
    assert not is_subject(subject(), affiliates(), None)


@pytest.mark.parametrize(
    ("day", "rule_ids"),
    [
        (date(2025, 9, 28), []),
        (date(2025, 9, 29), ["listed-ownership"]),
        (date(2025, 11, 9), ["listed-ownership"]),
        (date(2025, 11, 10), []),
        (date(2026, 11, 9), []),
        (date(2026, 11, 10), ["listed-ownership"]),
    ],
)
def test_the_finding_stands_on_the_days_on_which_the_rule_is_not_stayed(
    day: date, rule_ids: list[str]
) -> None:
    (sure,) = owners({ENTITY_LIST: {"X": "yes"}}, entity("T", "SG"), holding("X", "T", 50))
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    facts = subject(as_of=at, listed_owners=(sure,))
    found = apply(case(facts, packs=(affiliates(), headquarters_pack())))
    assert [each.rule_id for each in found if each.rule_id.startswith("listed")] == rule_ids
    assert all(each.severity == "critical" for each in found if each.rule_id in rule_ids)


def test_the_default_test_is_about_persons_of_every_status() -> None:
    test = ListedOwnerTest(kind="listed_owner", share_ratio_ge=0.5, lists=("Entity List",))
    assert test.person_statuses == ("us", "foreign", "undetermined")


def by(pack: str) -> str:
    return f"By {pack} (in force) 60 % of Name of T (T) counts as owned by parties that are likely "


@pytest.mark.parametrize(
    ("day", "country", "listed_on", "begins", "others"),
    [
        # In force both: one finding names both instruments.
        (date(2025, 10, 15), "SG", SANCTIONS_LIST, "us-bis-affiliates-50", ["us-ofac-50"]),
        # The rule of the BIS is stayed; what blocked persons own is blocked all the same.
        (date(2026, 3, 1), "SG", SANCTIONS_LIST, "us-ofac-50", []),
        (date(2026, 11, 10), "SG", SANCTIONS_LIST, "us-bis-affiliates-50", ["us-ofac-50"]),
        # The one is not about United States entities, the other not about the Entity List.
        (date(2025, 10, 15), "US", SANCTIONS_LIST, "us-ofac-50", []),
        (date(2025, 10, 15), "SG", ENTITY_LIST, "us-bis-affiliates-50", []),
        (date(2026, 3, 1), "SG", ENTITY_LIST, None, []),
        (date(2025, 10, 15), "US", ENTITY_LIST, None, []),
    ],
)
def test_each_fifty_percent_rule_speaks_on_its_days_of_its_lists_and_its_persons(
    day: date, country: str, listed_on: str, begins: str | None, others: list[str]
) -> None:
    names = (AFFILIATES, BLOCKED)
    statements = [entity("T", country), holding("X", "T", 60)]
    found = owners({listed_on: {"X": "yes"}}, *statements, packs=names)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    facts = subject(as_of=at, listed_owners=found)
    told = [
        each
        for each in apply(case(facts, packs=tuple(affiliates(name) for name in names)))
        if each.rule_id.startswith("listed")
    ]
    if begins is None:
        assert told == []
        return
    (one,) = told
    also = "".join(
        f" The same goes for {each} (in force): 60 % of Name of T (T)." for each in others
    )
    assert one.policy_id == begins
    assert one.because == f"{by(begins)}listed: X owns 60 % of Name of T (T).{also}"
