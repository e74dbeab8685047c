"""What becomes of a report under another version of its pack, and when law ends by its date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from detector.decide import Decision, ReportedFacts, decide, remember
from detector.facts import SubjectFacts
from detector.policy.model import Pack, Threshold
from tests.support.charts import countries
from tests.support.subjects import (
    day,
    headquarters_pack,
    pack,
    status,
    subject,
    threshold,
    training,
)

FIRST = Decision("initial", standing=True, reasons=("x",))
WITHDRAWAL = Decision("corrected", standing=False, reasons=("x",))
LAW = (
    "The last version of this report rests on version 1 of the pack test-reports; version 2 "
    "applies now."
)
BOTH = {"kind": "foreign_person", "person_statuses": ("foreign", "undetermined")}
CHINESE = {"headquarters": (("CN", "e-1", "Tide (e-1)"),)}


def reported(facts: SubjectFacts, law: Pack) -> ReportedFacts:
    return remember(None, FIRST, facts, law, threshold(), countries())


def judged(
    last: ReportedFacts, facts: SubjectFacts, law: Pack, number: Threshold | None = None
) -> Decision | None:
    return decide(last, facts, law, number or threshold(), facts.as_of, countries())


@pytest.mark.parametrize(
    ("law", "number", "reason"),
    [
        (
            pack(version="2", reports=False),
            threshold(),
            "The pack test-reports makes this a finding now, and not a report.",
        ),
        (
            pack(version="2", scopes=("training_run",)),
            threshold(),
            "The pack test-reports holds nothing of scope tenant against a threshold now.",
        ),
        (
            pack(version="2", thresholds=(threshold(id="other"),)),
            threshold(),
            f"The pack test-reports has no threshold {threshold().id} any more.",
        ),
        (
            pack(version="2", subject_test={"kind": "foreign_person", "person_statuses": ("us",)}),
            threshold(),
            "The pack test-reports is about persons whose status is us; here it is foreign.",
        ),
        (
            pack(version="2", thresholds=(threshold(operations=1e27),)),
            threshold(operations=1e27),
            "The training operations expected are no longer past the threshold of 10²⁷.",
        ),
    ],
    ids=["findings", "scope", "threshold-gone", "person", "threshold-raised"],
)
def test_a_new_version_that_asks_for_the_report_no_more_withdraws_it_and_says_why(
    law: Pack, number: Threshold, reason: str
) -> None:
    found = judged(reported(subject(), pack()), subject(), law, number)
    assert found == Decision("corrected", standing=False, reasons=(LAW, reason))


def test_a_status_that_the_law_asked_for_and_asks_for_no_more_withdraws() -> None:
    unknown = subject(person_status=status("undetermined"))
    last = reported(unknown, pack(subject_test=BOTH))
    found = judged(last, unknown, pack(version="2"))
    assert found is not None
    assert not found.standing


def test_a_status_that_was_lost_stays_lost_without_withdrawing() -> None:
    lost = subject(person_status=status("undetermined"))
    last = reported(subject(), pack())
    told = judged(last, lost, pack())
    assert told is not None
    assert told.standing
    kept = remember(last, told, lost, pack(), threshold(), countries())
    assert judged(kept, lost, pack()) is None


def test_a_report_that_the_law_withdrew_stands_again_where_the_law_asks_again() -> None:
    narrow = pack(version="2", scopes=("training_run",))
    last = remember(reported(subject(), pack()), WITHDRAWAL, subject(), narrow, threshold())
    assert judged(last, subject(), narrow) is None
    found = judged(last, subject(), pack(version="3"))
    assert found is not None
    assert (found.standing, found.reasons[-1]) == (
        True,
        "The pack test-reports asks for this report again.",
    )


def _places(*groups: str, **changes: object) -> Pack:
    test = {"kind": "headquarters", "country_groups": groups, "countries": ("MO",)}
    own = {"reports": True, "clocks": pack().clocks, "thresholds": (threshold(),)}
    return headquarters_pack(**own, subject_test=test, **changes)


def test_a_group_that_leaves_the_pack_withdraws_and_a_headquarters_lost_does_not() -> None:
    facts = subject(**CHINESE)
    last = reported(facts, _places("D:5"))
    found = judged(last, facts, _places(version="2"))
    assert found is not None
    assert (found.standing, found.reasons[-1]) == (
        False,
        "No headquarters known lies in a place that the pack test-headquarters names.",
    )
    assert judged(last, replace(facts, headquarters=()), _places("D:5")) is None


def test_a_headquarters_that_is_learnt_to_lie_elsewhere_withdraws() -> None:
    last = reported(subject(**CHINESE), _places("D:5"))
    found = judged(last, subject(headquarters=(("SG", "e-1", "Tide (e-1)"),)), _places("D:5"))
    assert found is not None
    assert not found.standing


def test_law_that_ends_by_its_own_date_withdraws_nothing_that_was_owed() -> None:
    lapsed = pack(effective_to=date(2026, 3, 6))
    later = subject(as_of=day(9))
    assert judged(reported(subject(), lapsed), later, lapsed) is None


def test_a_store_that_did_not_keep_the_law_is_judged_by_what_holds_now() -> None:
    old = reported(subject(), pack()).model_dump(
        mode="json", exclude={"policy_version", "threshold", "meant_at"}
    )
    last = ReportedFacts.model_validate(old)
    assert judged(last, subject(), pack(version="2")) is None
    found = judged(last, subject(**training(5e25, 1.2e26, 2e26)), pack(version="2", reports=False))
    assert found is not None
    assert not found.standing
