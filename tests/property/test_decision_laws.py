"""Laws of crossing, decision, findings and documents, on generated subjects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from detector.decide import ReportedFacts, decide, remember
from detector.documents import json_line
from detector.facts import Curve, Interval, PersonStatus, Severity, StatusFinding, SubjectFacts
from detector.report.document import Provenance, Report
from detector.report.draft import Edition, Matter, draft
from detector.rules import apply
from detector.thresholds.crossing import crossing, operations_until, probability_crossed
from tests.support.subjects import case, customer, day, pack, subject, threshold

ORDER: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
STATUSES: st.SearchStrategy[PersonStatus] = st.sampled_from(get_args(PersonStatus))
LIMITS = st.floats(1e20, 1e28)
BARE = Provenance(code="c", policy="p", lists=(), classifier=None, catalogues=())


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """Give an interval in order; each part may be zero."""
    amounts = st.one_of(st.just(0.0), st.floats(1e18, 1e28))
    return Interval(*sorted(draw(st.tuples(amounts, amounts, amounts))))


@st.composite
def subjects(draw: st.DrawFn, first_day_min: float = 0.0) -> SubjectFacts:
    """Give a subject with a curve of up to eight days and facts that agree with it."""
    begin = draw(st.floats(first_day_min, first_day_min + 1e26))
    steps = [begin, *draw(st.lists(st.floats(0.0, 1e26), max_size=7))]
    expected = tuple(accumulate(steps))
    low, high = draw(st.floats(0.0, 1.0)), draw(st.floats(1.0, 9.0))
    count = len(expected)
    sums = Curve(
        ends=tuple(day(number + 1) for number in range(count)),
        low=tuple(value * low for value in expected),
        expected=expected,
        high=tuple(value * high for value in expected),
        starts=tuple(day(number) for number in range(count)) if draw(st.booleans()) else (),
    )
    changes: dict[str, Any] = {
        "scope": draw(st.sampled_from(["training_run", "tenant", "owner"])),
        "curve": sums,
        "training": Interval(sums.low[-1], expected[-1], sums.high[-1]),
        "as_of": day(count),
        "last_end": day(count - draw(st.floats(0.0, 0.9))),
        "person_status": StatusFinding(draw(STATUSES), ()),
        "owner_ids": tuple(draw(st.lists(st.sampled_from("abc"), unique=True))),
    }
    return subject(**changes)


def reportable() -> st.SearchStrategy[SubjectFacts]:
    """Give foreign subjects past the threshold, with all metered time behind them."""
    foreign = StatusFinding("foreign", ())
    return subjects(first_day_min=1.01e26).map(
        lambda facts: replace(facts, person_status=foreign, last_end=facts.as_of)
    )


def first_report(facts: SubjectFacts) -> ReportedFacts:
    """Give what is kept once the initial report on these facts is written."""
    decision = decide(None, facts, pack(), threshold(), facts.as_of)
    assert decision is not None
    return remember(None, decision, facts, pack(), threshold())


@given(intervals(), LIMITS, LIMITS)
def test_a_higher_limit_is_never_passed_more_probably(
    operations: Interval, one: float, other: float
) -> None:
    lower, upper = sorted((one, other))
    surer, doubtful = (probability_crossed(operations, limit) for limit in (lower, upper))
    assert 0.0 <= doubtful <= surer <= 1.0


@given(intervals(), LIMITS, st.floats(1.0, 100.0))
def test_more_operations_of_the_same_spread_never_pass_less_probably(
    operations: Interval, limit: float, factor: float
) -> None:
    more = Interval(*(value * factor for value in _parts(operations)))
    before, after = (probability_crossed(each, limit) for each in (operations, more))
    assert after >= before - 1e-9


@given(intervals(), LIMITS)
def test_probability_is_above_one_half_only_where_the_expected_figure_is_past(
    operations: Interval, limit: float
) -> None:
    if probability_crossed(operations, limit) > 0.5:
        assert operations.expected > limit


@given(subjects(), LIMITS, LIMITS)
def test_crossings_come_in_order_and_no_earlier_for_a_higher_limit(
    facts: SubjectFacts, one: float, other: float
) -> None:
    lower, upper = sorted((one, other))
    sooner, later = (crossing(facts, limit, "gt") for limit in (lower, upper))
    for found in (sooner, later):
        instants = [each for each in (found.earliest, found.likely, found.certain) if each]
        assert instants == sorted(instants)
        assert (found.certain is None) or (found.likely is not None)
    assert later.likely is None or (sooner.likely is not None and sooner.likely <= later.likely)


@given(subjects(), st.floats(-1.0, 10.0), st.floats(-1.0, 10.0))
def test_operations_until_an_instant_never_fall_and_end_at_the_whole(
    facts: SubjectFacts, one: float, other: float
) -> None:
    early, late = sorted((one, other))
    before, after = (operations_until(facts, day(at)).expected for at in (early, late))
    assert before <= after * (1 + 1e-12)
    assert operations_until(facts, day(99)) == facts.training


@given(reportable())
def test_the_same_facts_are_reported_once(facts: SubjectFacts) -> None:
    kept = first_report(facts)
    assert ReportedFacts.from_json(kept.to_json()) == kept
    assert decide(kept, facts, pack(), threshold(), facts.as_of) is None


@given(reportable(), st.lists(st.floats(0.0, 1e27), min_size=1, max_size=4))
def test_growth_alone_never_corrects(facts: SubjectFacts, steps: list[float]) -> None:
    kept = first_report(facts)
    assert decide(kept, _grown(facts, steps), pack(), threshold(), facts.as_of) is None


@given(reportable(), subjects())
def test_a_correction_settles_the_matter_until_something_changes(
    first: SubjectFacts, then: SubjectFacts
) -> None:
    then = replace(then, scope=first.scope)
    kept = first_report(first)
    correction = decide(kept, then, pack(), threshold(), then.as_of)
    if correction is None:
        return
    settled = remember(kept, correction, then, pack(), threshold())
    assert (settled.version, settled.standing) == (2, correction.standing)
    assert decide(settled, then, pack(), threshold(), then.as_of) is None


@given(subjects(), st.floats(1e24, 1e27), st.floats(0.01, 1.0))
def test_lowering_a_threshold_never_makes_its_findings_milder(
    facts: SubjectFacts, limit: float, factor: float
) -> None:
    before, after = (
        _threshold_severity(facts, operations) for operations in (limit, limit * factor)
    )
    assert after >= before


@given(subjects())
def test_a_document_survives_json_and_has_no_other_order(facts: SubjectFacts) -> None:
    records = (customer(), customer(tenant_id="t-2"))
    edition = Edition("initial", 1, True, facts.as_of + timedelta(milliseconds=1), ("Why.",))
    forward, backward = (
        draft(Matter(facts, order, pack(), threshold(), None), edition, BARE)
        for order in (records, records[::-1])
    )
    assert json_line(forward) == json_line(backward)
    assert Report.model_validate_json(json_line(forward)) == forward


def _parts(operations: Interval) -> tuple[float, float, float]:
    return operations.low, operations.expected, operations.high


def _grown(facts: SubjectFacts, steps: list[float]) -> SubjectFacts:
    sums = facts.curve
    more = [sums.expected[-1] + step for step in accumulate(steps)]
    ends = tuple(facts.as_of + timedelta(days=number + 1) for number in range(len(more)))
    begun = (facts.as_of, *ends[:-1])
    grown = Curve(
        ends=sums.ends + ends,
        low=sums.low + tuple(sums.low[-1] for _ in more),
        expected=sums.expected + tuple(more),
        high=sums.high + tuple(sums.high[-1] + value for value in more),
        starts=sums.starts + begun if sums.starts else (),
    )
    training = Interval(grown.low[-1], grown.expected[-1], grown.high[-1])
    return replace(facts, curve=grown, training=training, as_of=ends[-1], last_end=ends[-1])


def _threshold_severity(facts: SubjectFacts, operations: float) -> int:
    """Give the place of the most severe finding about the threshold itself, -1 for none."""
    packs = (pack(thresholds=(threshold(operations=operations),)),)
    found = apply(case(facts, packs=packs))
    about = [each for each in found if each.rule_id in {"threshold-passed", "threshold-in-reach"}]
    return max((ORDER.index(each.severity) for each in about), default=-1)
