"""When a report is due for the first time, when it is corrected, and when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from detector.decide import Decision, ReportedFacts, decide, remember
from detector.errors import DetectorError
from detector.facts import Interval, PersonStatus, Scope, StatusFinding, SubjectFacts
from detector.policy.model import Pack, Threshold
from tests.support.charts import countries
from tests.support.subjects import (
    curve,
    day,
    headquarters_pack,
    pack,
    place,
    status,
    subject,
    threshold,
    training,
)

PASSED = "The training operations expected, 1.2 × 10²⁶, are past the threshold of 10²⁶."
FIRST = Decision("initial", standing=True, reasons=(PASSED,))


LISTED_OWNERS = {"kind": "listed_owner", "share_ratio_ge": 0.5, "lists": ("Entity List",)}


def reported(facts: SubjectFacts, instrument: Pack | None = None) -> ReportedFacts:
    return remember(None, FIRST, facts, instrument or pack(), threshold())


def correction(previous: ReportedFacts, facts: SubjectFacts) -> Decision | None:
    return decide(previous, facts, pack(), threshold(), facts.as_of)


@pytest.mark.parametrize("scope", ["training_run", "tenant", "owner"])
def test_a_foreign_subject_past_the_threshold_is_reported(scope: Scope) -> None:
    assert decide(None, subject(scope=scope), pack(), threshold(), day(4)) == FIRST


@pytest.mark.parametrize("word", ["us", "undetermined"])
def test_a_subject_that_is_not_known_to_be_foreign_is_not_reported(word: PersonStatus) -> None:
    facts = subject(person_status=status(word))
    assert decide(None, facts, pack(), threshold(), day(4)) is None


def test_a_pack_may_ask_for_reports_on_undetermined_persons() -> None:
    test = {"kind": "foreign_person", "person_statuses": ("foreign", "undetermined")}
    facts = subject(person_status=status("undetermined"))
    assert decide(None, facts, pack(subject_test=test), threshold(), day(4)) == FIRST


def test_only_the_expected_figure_starts_a_report() -> None:
    below = subject(**training(5e25, 9.9e25, 9e26))
    assert decide(None, below, pack(), threshold(), day(4)) is None


def test_the_limit_itself_counts_only_for_ge() -> None:
    at_limit = subject(**training(5e25, 1e26, 2e26))
    assert decide(None, at_limit, pack(), threshold(), day(4)) is None
    decision = decide(None, at_limit, pack(), threshold(comparison="ge"), day(4))
    assert decision is not None


@pytest.mark.parametrize(
    ("instrument", "number"),
    [
        (pack(reports=False), threshold()),
        (pack(), threshold(reports=False)),
        (pack(scopes=("training_run",)), threshold()),
        (pack(effective_from=date(2026, 3, 6)), threshold()),
        (pack(), threshold(effective_to=date(2026, 3, 4))),
        (pack(), threshold(only_biological=True, biological_share_ratio_gt=0.5)),
        (pack(subject_test=LISTED_OWNERS), threshold()),
    ],
)
def test_what_the_pack_does_not_ask_for_is_not_reported(
    instrument: Pack, number: Threshold
) -> None:
    assert decide(None, subject(), instrument, number, day(4)) is None


def test_biological_training_counts_above_the_declared_share() -> None:
    number = threshold(operations=1e23, only_biological=True, biological_share_ratio_gt=0.5)
    half = subject(biological_share_ratio=0.5)
    most = subject(biological_share_ratio=0.6)
    assert decide(None, half, pack(), number, day(4)) is None
    assert decide(None, most, pack(), number, day(4)) is not None


def test_the_cluster_leg_counts_only_where_the_pack_requires_it() -> None:
    slow = subject(cluster_peak_operations_per_second=9e19)
    assert decide(None, slow, pack(require_cluster_leg=True), threshold(), day(4)) is None
    assert decide(None, slow, pack(), threshold(), day(4)) == FIRST
    assert decide(None, subject(), pack(require_cluster_leg=True), threshold(), day(4)) == FIRST


def test_a_cluster_whose_network_is_known_to_be_slow_does_not_meet_the_leg() -> None:
    slow = place(network_gbit_per_second_min=100.0)
    unknown = place(cluster_id="fabric-2", is_network_known=False, operations_per_second_16bit=1e20)
    site = place(cluster_id=None, operations_per_second_16bit=9e20)
    strict = pack(require_cluster_leg=True)
    found = [
        decide(None, subject(place_peaks=places), strict, threshold(), day(4))
        for places in ((slow, site), (slow, unknown))
    ]
    assert found == [None, FIRST]


def test_a_headquarters_pack_with_a_threshold_reports_the_places_it_names() -> None:
    instrument = headquarters_pack(reports=True, clocks=pack().clocks, thresholds=(threshold(),))
    verdicts = {
        code: decide(
            None,
            subject(headquarters=((code, "e-1", "Tide (e-1)"),)),
            instrument,
            threshold(),
            day(4),
            countries(),
        )
        for code in ("CN", "HK", "MO", "SG")
    }
    assert verdicts == {"CN": FIRST, "HK": FIRST, "MO": FIRST, "SG": None}


def test_a_headquarters_test_without_a_country_table_says_what_to_pass() -> None:
    instrument = headquarters_pack(reports=True, clocks=pack().clocks)
    with pytest.raises(DetectorError, match="country table: expected one"):
        decide(None, subject(), instrument, threshold(), day(4))


def test_what_is_remembered_holds_the_figures_and_the_time_they_cover() -> None:
    assert reported(subject()) == ReportedFacts(
        version=1,
        standing=True,
        person_status="foreign",
        owner_ids=("p-9",),
        is_past_threshold=True,
        operations=Interval(6e25, 1.2e26, 2.4e26),
        operations_of_reported_time=Interval(6e25, 1.2e26, 2.4e26),
        reported_until=day(4),
        policy_version="1",
        threshold=threshold(),
        meant_at=day(4),
    )


def test_what_is_remembered_survives_json() -> None:
    facts = reported(subject())
    assert ReportedFacts.from_json(facts.to_json()) == facts


def test_ordinary_growth_is_no_correction() -> None:
    previous = reported(subject())
    grown = curve(3e25, 6e25, 9e25, 1.2e26, 4e26)
    facts = subject(curve=grown, training=Interval(2e26, 4e26, 8e26), as_of=day(5), last_end=day(5))
    assert correction(previous, facts) is None


@pytest.mark.parametrize(
    ("known", "bound"),
    [
        ((1.2e26, 4e26), None),  # a day of which a half was reported, and that filled up since
        ((0.9e26, 9e26), None),  # all of it after what was reported
        ((2e26, 4e26), "at least 2 × 10²⁶"),
        ((0.2e26, 0.5e26, 4e26), "at most 5 × 10²⁵"),
    ],
)
def test_growth_inside_the_bucket_that_was_partly_reported_is_no_correction(
    known: tuple[float, ...], bound: str | None
) -> None:
    half = curve(0.5e26, 1.2e26, starts=True)
    previous = reported(subject(curve=half, last_end=day(1.5), as_of=day(1.5)))
    grown = curve(*known, starts=True)
    sentence = (
        "The operations of the time until 2026-03-02T12:00:00Z were reported as 1.2 × 10²⁶ "
        f"and are {bound}, a change of more than 10 %."
    )
    facts = subject(curve=grown, training=Interval(2e26, 4e26, 8e26), as_of=day(5), last_end=day(5))
    decided = correction(previous, facts)
    assert (decided and decided.reasons) == (bound and (sentence,))


@pytest.mark.parametrize(("factor", "is_corrected"), [(1.09, False), (1.11, True), (0.89, True)])
def test_a_change_of_reported_time_beyond_the_tolerance_is_a_correction(
    factor: float, is_corrected: bool
) -> None:
    previous = reported(subject())
    changed = subject(**training(6e25 * factor, 1.2e26 * factor, 2.4e26 * factor))
    assert (correction(previous, changed) is not None) is is_corrected


def test_a_correction_says_what_was_reported_and_what_is_known() -> None:
    previous = reported(subject())
    assert correction(previous, subject(**training(7e25, 1.5e26, 3e26))) == Decision(
        "corrected",
        standing=True,
        reasons=(
            "The operations of the time until 2026-03-05T00:00:00Z were reported as 1.2 × 10²⁶ "
            "and are 1.5 × 10²⁶, a change of more than 10 %.",
        ),
    )


def test_operations_no_longer_past_the_threshold_withdraw_the_report() -> None:
    previous = reported(subject())
    assert correction(previous, subject(**training(5e25, 9.9e25, 2e26))) == Decision(
        "corrected",
        standing=False,
        reasons=(
            "The training operations expected are no longer past the threshold of 10²⁶.",
            "The operations of the time until 2026-03-05T00:00:00Z were reported as 1.2 × 10²⁶ "
            "and are 9.9 × 10²⁵, a change of more than 10 %.",
        ),
    )


def test_a_withdrawn_report_stays_silent_until_it_stands_again() -> None:
    below = subject(**training(5e25, 9.9e25, 2e26))
    withdrawal = Decision("corrected", standing=False, reasons=("x",))
    withdrawn = remember(reported(subject()), withdrawal, below, pack(), threshold())
    assert (withdrawn.version, withdrawn.standing) == (2, False)
    lower = subject(**training(1e25, 2e25, 4e25), owner_ids=("p-1",))
    assert correction(withdrawn, lower) is None
    again = correction(withdrawn, replace(below, **training(6e25, 1.05e26, 2e26)))
    assert again == Decision(
        "corrected",
        standing=True,
        reasons=("The training operations expected are past the threshold of 10²⁶ again.",),
    )


def test_a_new_owner_is_a_correction_however_small() -> None:
    previous = reported(subject())
    assert correction(previous, subject(owner_ids=("p-3", "p-4"))) == Decision(
        "corrected",
        standing=True,
        reasons=("The owners have changed: now also p-3, p-4; no longer p-9.",),
    )


@pytest.mark.parametrize(("word", "standing"), [("us", False), ("undetermined", True)])
def test_a_changed_status_is_corrected_and_withdraws_only_what_is_known_to_be_wrong(
    word: PersonStatus, standing: bool
) -> None:
    assert correction(reported(subject()), subject(person_status=status(word))) == Decision(
        "corrected",
        standing=standing,
        reasons=(f"The person status was reported as foreign and is {word}.",),
    )


def test_a_report_withdrawn_for_a_us_person_stands_again_only_for_a_foreign_one() -> None:
    american = subject(person_status=status("us"))
    withdrawal = Decision("corrected", standing=False, reasons=("x",))
    withdrawn = remember(reported(subject()), withdrawal, american, pack(), threshold())
    assert correction(withdrawn, subject(person_status=status("undetermined"))) is None
    again = correction(withdrawn, subject())
    assert again is not None
    assert again.standing


def test_a_pack_that_lapses_still_owes_its_corrections() -> None:
    lapsed = pack(effective_to=date(2026, 3, 4))
    facts = subject(**training(5e25, 9.9e25, 2e26))
    decision = decide(reported(subject()), facts, lapsed, threshold(), day(4))
    assert decision is not None
    assert not decision.standing


def test_a_changed_status_is_told_with_its_reasons_and_no_more_than_four() -> None:
    reasons = tuple(f"Reason {number}." for number in range(6))
    now = subject(person_status=StatusFinding("us", reasons))
    found = correction(reported(subject()), now)
    assert found is not None
    assert found.reasons == (
        "The person status was reported as foreign and is us, because: Reason 0. Reason 1. "
        "Reason 2. Reason 3. And 2 more reasons.",
    )
