"""The report as a document: fields of the contract, ids, JSON and the shipped schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from detector.documents import document_id, instant_text, json_line, operations_text
from detector.errors import DetectorError
from detector.facts import AccessSource, Interval
from detector.report.document import ACCESSES_MAX, Report, report_id
from detector.report.draft import TRIGGER_RULE_ID, Edition, Matter, Remark, draft
from detector.rules import RULES, Finding
from tests.support.golden_reports import PROVENANCE, SCHEMAS, first, schemas, withdrawn
from tests.support.subjects import customer, day, headquarters_pack, pack, subject, threshold

CONTRACT = (
    "report_id version kind supersedes standing state basis policy_id policy_version legal_status "
    "scope subject_id subject_name tenant_ids training_run_ids person_status threshold_operations "
    "operations probability_crossed crossed_at knowledge_at due_on rule_ids red_flags observed "
    "declared missing evidence provenance"
)
#: What was added to the contract's fields: they stay optional, and last.
ADDED = " ownership"
CONTRACT_FINDING = (
    "finding_id rule_id policy_id severity scope subject_id tenant_ids at because evidence"
)
INITIAL = Edition("initial", 1, standing=True, knowledge_at=day(4), reasons=())


def test_the_fields_are_those_of_the_contract_in_its_order() -> None:
    assert " ".join(Report.model_fields) == CONTRACT + ADDED
    assert " ".join(json.loads(json_line(first().report))) == CONTRACT + ADDED
    assert " ".join(Finding.model_fields) == CONTRACT_FINDING


def test_a_report_survives_json() -> None:
    for golden in (first(), withdrawn()):
        assert Report.model_validate_json(json_line(golden.report)) == golden.report


def test_a_report_has_no_other_fields_and_does_not_change() -> None:
    fields = json.loads(json_line(first().report))
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Report.model_validate(fields | {"comment": "x"})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(first().report, "version", 2)  # noqa: B010 - mypy refuses the plain form


def test_what_has_no_order_is_sorted_and_what_is_twice_is_once() -> None:
    facts = subject(
        tenant_ids=("t-2", "t-1", "t-2"),
        training_run_ids=("run-2", "run-1"),
        cluster_ids=("b", "a"),
        accelerators=(("A100", 1.0), ("B200", 9.0), ("H100", 1.0)),
    )
    remarks = (Remark("z", "Z."), Remark("a", "A.", is_red_flag=True), Remark("a", "A.", True))
    records = (customer(tenant_id="t-2"), customer())
    matter = Matter(facts, records, pack(), threshold(), None)
    report = draft(matter, INITIAL, PROVENANCE, remarks)
    assert report.tenant_ids == ("t-1", "t-2")
    assert report.training_run_ids == ("run-1", "run-2")
    assert report.rule_ids == ("a", "threshold-passed", "z")
    assert report.red_flags == ("a",)
    assert report.observed.cluster_ids == ("a", "b")
    assert [kind.accelerator for kind in report.observed.accelerators] == ["B200", "A100", "H100"]
    assert [record.tenant_id for record in report.declared.customers] == ["t-1", "t-2"]
    assert [reason.because for reason in report.evidence if reason.about == "note"] == ["A.", "Z."]


def test_a_matter_keeps_its_id_whatever_the_version_date_and_figures() -> None:
    matter = Matter(subject(), (), pack(), threshold(), None)
    again = Matter(subject(as_of=day(9)), (customer(),), pack(version="2"), threshold(), "Name")
    second = Edition("corrected", 2, standing=False, knowledge_at=day(9), reasons=("x",))
    ids = {
        draft(matter, INITIAL, PROVENANCE).report_id,
        draft(again, second, PROVENANCE).report_id,
        report_id("test-reports", "tenant", "t-1", "operations-1e26"),
    }
    assert ids == {"r-504275f880f24ae6aaaf"}


def test_other_policies_scopes_subjects_and_thresholds_have_other_ids() -> None:
    parts = [("p", "s", "i", "t"), ("q", "s", "i", "t"), ("p", "si", "", "t"), ("p", "s", "it", "")]
    assert len({document_id("r", *each) for each in parts}) == len(parts)


def test_a_version_supersedes_the_one_before_it() -> None:
    matter = Matter(subject(), (), pack(), threshold(), None)
    editions = [Edition("corrected", number, True, day(9), ()) for number in (1, 2, 3)]
    assert [draft(matter, each, PROVENANCE).supersedes for each in editions] == [None, 1, 2]


def test_a_sum_over_a_tenant_rests_on_house_policy_and_a_run_on_the_statute() -> None:
    bases = [
        draft(Matter(subject(scope=scope), (), pack(), threshold(), None), INITIAL, PROVENANCE)
        for scope in ("training_run", "tenant", "owner")
    ]
    assert [report.basis for report in bases] == ["statute", "house_policy", "house_policy"]


def test_a_kind_without_a_clock_is_due_like_an_initial_report() -> None:
    edition = Edition("follow_up", 2, standing=True, knowledge_at=day(4), reasons=())
    report = draft(Matter(subject(), (), pack(), threshold(), None), edition, PROVENANCE)
    assert report.due_on.isoformat() == "2026-03-20"


def test_a_pack_without_any_clock_cannot_be_reported_under() -> None:
    matter = Matter(subject(), (), headquarters_pack(), threshold(), None)
    with pytest.raises(DetectorError, match=r'expected a \[\[clocks\]\] table with event = "init'):
        draft(matter, INITIAL, PROVENANCE)


def test_only_the_most_used_addresses_are_listed_and_all_are_counted() -> None:
    sources = [
        AccessSource(f"192.0.2.{number}", "SG", day(0), day(1), number % 7)
        for number in range(ACCESSES_MAX + 50)
    ]
    matter = Matter(subject(), (customer(accesses=tuple(sources)),), pack(), threshold(), None)
    observed = draft(matter, INITIAL, PROVENANCE).observed
    assert observed.access_source_count == ACCESSES_MAX + 50
    assert len(observed.accesses) == ACCESSES_MAX
    assert min(access.access_count for access in observed.accesses) == 1


def test_the_rule_every_report_rests_on_is_in_the_table() -> None:
    assert TRIGGER_RULE_ID in {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"),
        (datetime(2026, 3, 1, 1, 2, 3, 45_000, tzinfo=UTC), "2026-03-01T01:02:03.045Z"),
        (datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T00:00:00Z"),
    ],
)
def test_instants_are_utc_with_milliseconds_only_where_needed(instant: datetime, text: str) -> None:
    assert instant_text(instant) == text


@pytest.mark.parametrize(
    ("operations", "text"),
    [
        (0.0, "0"),
        (1e26, "10²⁶"),
        (1.5e26, "1.5 × 10²⁶"),
        (1.2345e26, "1.23 × 10²⁶"),
        (12.0, "1.2 × 10¹"),
        (9.996e25, "9.996 × 10²⁵"),
        (1.00093e26, "1.001 × 10²⁶"),
        (5.0004e22, "5.0004 × 10²²"),
        (1e26 * (1 + 1e-9), "10²⁶"),
    ],
)
def test_operations_have_three_digits_and_as_many_as_tell_them_from_a_round_threshold(
    operations: float, text: str
) -> None:
    assert operations_text(operations) == text


def test_an_instant_without_an_offset_is_no_instant_of_a_document() -> None:
    fields = json.loads(json_line(first().report))
    with pytest.raises(ValidationError, match="expected an instant with an offset"):
        Report.model_validate(fields | {"knowledge_at": "2026-03-01T00:00:00"})


@pytest.mark.parametrize("name", ["report.schema.json", "finding.schema.json"])
def test_the_shipped_schema_is_that_of_the_model(name: str) -> None:
    shipped = (SCHEMAS / name).read_text(encoding="utf-8")
    assert shipped == schemas()[name], (
        "run python -m tests.support.golden_reports and read the difference"
    )


@pytest.mark.parametrize(
    ("expected", "rule_ids"), [(2e26, ("threshold-passed",)), (5e25, ())], ids=["past", "below"]
)
def test_a_withdrawn_report_names_only_what_holds_now(
    expected: float, rule_ids: tuple[str, ...]
) -> None:
    facts = subject(training=Interval(0.0, expected, 9e26))
    edition = Edition("corrected", 2, standing=False, knowledge_at=day(9), reasons=("Why.",))
    assert draft(Matter(facts, (), pack(), threshold(), None), edition, PROVENANCE).rule_ids == (
        rule_ids
    )


def test_the_size_of_clusters_is_null_where_none_is_named() -> None:
    for cluster_ids, size in (((), None), (("c",), 2e20)):
        matter = Matter(subject(cluster_ids=cluster_ids), (), pack(), threshold(), None)
        observed = draft(matter, INITIAL, PROVENANCE).observed
        assert observed.cluster_peak_operations_per_second == size
