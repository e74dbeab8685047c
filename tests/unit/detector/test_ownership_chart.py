"""The chart as evidence: what is held when, how sure it is, and which path decides what."""

from __future__ import annotations

from datetime import UTC, datetime

from detector.ownership.chart import ChartEdge, Fold, OwnershipChart, Question
from detector.ownership.sentences import ownership_sentences
from detector.ownership.words import listed_words
from detector.who.chart import Asked, ownership_chart
from tests.support.charts import AT, SPAN, chart_of, countries, group
from tests.support.statements import entity, graph_of, holding, person, relationship

Decided = dict[tuple[str, str], tuple[Question, ...]]


def decided(chart: OwnershipChart) -> Decided:
    """Give what each stake decides, by party and subject, of those that decide something."""
    return {(each.party_id, each.subject_id): each.decides for each in chart.edges if each.decides}


def test_a_stake_is_told_with_its_bounds_its_time_and_how_sure_it_is() -> None:
    chart = chart_of(
        entity("T", "US"),
        person("P", "US"),
        holding("P", "T", {"minimum": 25, "maximum": 50}, startDate="2024-03-01"),
    )
    (stake, *_) = chart.edges
    assert stake == ChartEdge(
        party_id="record/P",
        subject_id="record/T",
        types=("shareholding",),
        share_low=0.25,
        share_high=0.5,
        control="no",
        certainty="yes",
        valid_from=datetime(2024, 3, 1, tzinfo=UTC),
        decides=("person_status",),
    )


def test_each_question_marks_its_own_path() -> None:
    assert decided(group()) == {
        ("record/B", "record/C"): ("headquarters",),
        ("record/C", "record/M"): ("headquarters", "listed", "owner", "person_status"),
        ("record/M", "record/T"): ("headquarters", "listed", "owner", "person_status"),
        ("record/M", "record/U"): ("headquarters", "listed"),
        ("record/Q", "record/C"): ("owner", "person_status"),
    }


def test_the_foreign_owner_decides_and_not_the_one_from_here() -> None:
    chart = chart_of(
        entity("T", "US"),
        person("P", "US"),
        person("Q", "FR"),
        holding("P", "T", 60),
        holding("Q", "T", 40),
    )
    assert decided(chart) == {("record/Q", "record/T"): ("person_status",)}


def test_an_owner_that_is_not_named_decides_that_the_status_is_open() -> None:
    chart = chart_of(
        entity("T", "US"),
        person("P", "US"),
        holding("P", "T", 60),
        relationship("r", {"reason": "unknown"}, "T", []),
    )
    assert decided(chart) == {("unnamed/r/T", "record/T"): ("person_status",)}


def test_whoever_sold_before_the_assessment_still_shows_why_the_work_counts_for_him() -> None:
    chart = chart_of(
        entity("T", "US"),
        person("P", "US"),
        person("Q", "US"),
        holding("Q", "T", 100, endDate="2026-05-10"),
        holding("P", "T", 100, startDate="2026-05-10"),
        owner_id="Q",
    )
    assert decided(chart) == {
        ("record/P", "record/T"): ("person_status",),
        ("record/Q", "record/T"): ("owner",),
    }
    assert [(each.party_id, each.holds) for each in chart.edges] == [
        ("record/P", True),
        ("record/Q", False),
    ]


def test_what_ended_before_the_work_is_not_shown() -> None:
    chart = chart_of(entity("T", "US"), holding("Q", "T", 100, endDate="2026-05-01"))
    assert [each.party_id for each in chart.edges] == ["nobody_on_file/record/T"]


def test_what_the_shares_leave_over_is_shown_where_it_could_be_an_owner() -> None:
    def left(share: float) -> list[float | None]:
        chart = chart_of(entity("T", "US"), person("P", "US"), holding("P", "T", share))
        return [e.share_high for e in chart.edges if e.party_id.startswith("undisclosed_rest/")]

    assert [left(75), left(75.1), left(60)] == [[0.25], [], [0.4]]


def test_a_subject_that_is_said_to_have_no_owner_has_no_unknown_one() -> None:
    chart = chart_of(
        entity("T", "US"), relationship("r", {"reason": "noBeneficialOwners"}, "T", [])
    )
    assert [(each.id, each.kind) for each in chart.parties] == [
        ("record/T", "organisation"),
        ("unnamed/r/T", "none"),
    ]


def test_a_match_with_a_list_is_told_as_likely_or_possible_and_never_as_a_fact() -> None:
    chart = group()
    likely = chart.parties[0].model_copy(update={"name": "Acme", "listed": "yes"})
    both = (likely, *chart.parties[1:])
    told = ownership_sentences(chart.model_copy(update={"parties": both}))
    rest = (
        "a listed party: see the finding listed-party for the list and the score. A person decides."
    )
    assert told[:2] == (f"Acme is likely {rest}", f"Kowloon Compute Limited may be {rest}")
    assert listed_words(likely) == "likely a listed party"


def test_places_are_told_as_written_and_as_they_count() -> None:
    parties = {each.record_id: each for each in group().parties}
    kowloon, macau = parties["C"], parties["B"]
    assert (kowloon.headquarters, kowloon.headquarters_country) == ("HK", "CN")
    assert (kowloon.country_groups, kowloon.named_beside) == (("D:5",), None)
    assert (macau.country_groups, macau.named_beside) == ((), "D:5")
    lin = parties["Q"]
    assert (lin.headquarters, lin.nationalities, lin.country_groups) == (None, ("CN",), ())


def test_where_no_customer_is_on_file_there_is_no_chart() -> None:
    asked = Asked({"t-1": ()}, None, SPAN, AT)
    assert ownership_chart(graph_of(), asked, countries()) is None


def test_a_record_that_nobody_describes_is_unknown() -> None:
    chart = chart_of(holding("A", "T", 100))
    assert [(each.record_id, each.kind) for each in chart.parties] == [
        ("A", "unknown"),
        ("T", "unknown"),
        (None, "nobody_on_file"),
    ]
    assert chart.folds == tuple[Fold, ...]()
