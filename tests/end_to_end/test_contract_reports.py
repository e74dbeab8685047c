"""Contract: which reports are drafted, when, and what becomes of them as knowledge moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.contract_story import NODE_HOUR, NODES, THRESHOLD, story
from tests.support.provider import Json, Ran, command, commands, hour, lines, pack


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """The story: once, again with --jobs, in many files, on two threads, and half of it."""
    folder = tmp_path_factory.mktemp("reports")
    whole, cut, out = folder / "story.ndjson", folder / "cut", folder / "out"
    events = story()
    whole.write_bytes(lines(events))
    cut.mkdir()
    for number in range(0, len(events), 97):
        (cut / f"{number:05}.ndjson").write_bytes(lines(events[number : number + 97]))
    foreign = pack(folder, THRESHOLD, ["foreign"])
    open_house = folder / "open.toml"
    wider = foreign.read_text().replace('["foreign"]', '["foreign", "undetermined"]')
    open_house.write_text(wider.replace('version = "1"', 'version = "2"'))
    told = commands(
        ["replay", whole, "--out", out / "once", "--policy", foreign],
        ["replay", whole, "--out", out / "again", "--policy", foreign, "--jobs", "4"],
        ["replay", cut, "--out", out / "cut", "--policy", foreign],
        ["replay", whole, "--out", out / "half", "--policy", open_house, "--as-of", hour(26)],
    )
    threads = out / "threads"
    arguments = ("replay", whole, "--out", threads, "--policy", foreign)
    two = command(*arguments, out=threads, POLARS_MAX_THREADS="2")
    return dict(zip(("once", "again", "cut", "half", "threads"), [*told, two], strict=True))


@pytest.fixture(scope="module")
def ran(runs: dict[str, Ran]) -> Ran:
    return runs["once"]


def _versions(ran: Ran, scope: str, subject: str) -> list[Json]:
    reports = ran.lines("reports")
    return [line for line in reports if (line["scope"], line["subject_id"]) == (scope, subject)]


def _subjects(tenant: str) -> list[tuple[str, str]]:
    job = f"job/{tenant}/pretrain"
    return [("training_run", job), ("tenant", tenant), ("owner", f"{tenant}-owner")]


def _told(version: Json) -> tuple[Any, ...]:
    names = "version kind supersedes standing knowledge_at due_on"
    return tuple(version[name] for name in names.split())


GROWN = (1, "initial", None, True, "2026-03-02T01:00:00Z", "2026-03-17")


@pytest.mark.parametrize(
    ("tenant", "versions"),
    [
        ("grow", [GROWN]),
        ("small", [GROWN]),
        ("late", [GROWN, (2, "corrected", 1, True, "2026-03-02T07:00:00Z", "2026-03-12")]),
        ("void", [GROWN, (2, "corrected", 1, False, "2026-03-02T08:00:00Z", "2026-03-12")]),
        ("learnt", [(1, "initial", None, True, "2026-03-02T17:00:00Z", "2026-03-17")]),
        ("home", []),
        ("nobody", []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_run_a_tenant_and_an_owner_have_the_versions_that_knowledge_makes(
    ran: Ran, tenant: str, versions: list[tuple[Any, ...]]
) -> None:
    assert ran.status == 0
    for scope, subject in _subjects(tenant):
        assert [_told(version) for version in _versions(ran, scope, subject)] == versions


def test_a_report_keeps_the_figures_of_its_own_knowledge(ran: Ran) -> None:
    (first,) = _versions(ran, "tenant", "grow")
    assert first["operations"]["expected"] == pytest.approx(24 * NODES * NODE_HOUR, rel=1e-9)
    assert first["operations"]["expected"] <= first["operations"]["high"]
    assert 0.5 <= first["probability_crossed"] < 1
    assert first["crossed_at"]["earliest"] <= first["crossed_at"]["likely"]
    crossed = THRESHOLD / (NODES * NODE_HOUR)
    assert hour(crossed - 0.1) < first["crossed_at"]["likely"] < hour(crossed + 0.1)
    assert first["observed"]["last_end"] == "2026-03-02T00:00:00Z"
    grown = float(ran.total("tenant", "grow")["training_operations_expected"])
    assert grown == pytest.approx(48 * NODES * NODE_HOUR, rel=1e-9)


def test_a_correction_tells_the_operations_as_known_then(ran: Ran) -> None:
    _, second = _versions(ran, "training_run", "job/late/pretrain")
    hours = 30 * NODES + 24 * 4
    assert second["operations"]["expected"] == pytest.approx(hours * NODE_HOUR, rel=1e-9)
    _, withdrawn = _versions(ran, "tenant", "void")
    assert withdrawn["operations"]["expected"] == pytest.approx(24 * NODE_HOUR, rel=1e-9)
    assert withdrawn["crossed_at"]["likely"] is None


def test_a_report_has_the_fields_of_the_contract(ran: Ran) -> None:
    names = (
        "report_id version kind supersedes standing state basis policy_id policy_version "
        "legal_status scope subject_id subject_name tenant_ids training_run_ids person_status "
        "threshold_operations operations probability_crossed crossed_at knowledge_at due_on "
        "rule_ids red_flags observed declared missing evidence provenance"
    )
    for report in ran.lines("reports"):
        assert set(names.split()) <= set(report)
        assert (report["state"], report["policy_id"]) == ("draft", "house-small")
        assert (report["policy_version"], report["legal_status"]) == ("1", "voluntary")
        assert report["threshold_operations"] == THRESHOLD
        assert set(report["operations"]) == {"low", "expected", "high"}
        assert set(report["crossed_at"]) == {"earliest", "likely", "certain"}
        assert {"code", "policy", "lists", "classifier"} <= set(report["provenance"])
        assert report["person_status"] == "foreign"
        statute = report["scope"] == "training_run"
        assert report["basis"] == ("statute" if statute else "house_policy")


def test_versions_come_in_the_order_of_knowledge(ran: Ran) -> None:
    instants = [report["knowledge_at"] for report in ran.lines("reports")]
    assert instants == sorted(instants)
    assert len(instants) == 21


def test_the_missing_elements_are_those_not_at_hand(ran: Ran) -> None:
    assert [v["missing"] for v in _versions(ran, "owner", "grow-owner")] == [[]]
    (bare,) = _versions(ran, "tenant", "small")
    assert bare["missing"] == [
        "address",
        "request_origin",
        "payment",
        "email",
        "telephone",
        "ip_addresses",
        "completion_date",
        "training_practices",
        "weight_security",
        "incidents",
    ]


def test_where_nobody_knows_the_person_a_finding_asks_instead_of_a_report(ran: Ran) -> None:
    found = {
        (line["rule_id"], line["subject_id"]): line["severity"] for line in ran.lines("findings")
    }
    assert found["threshold-passed", "nobody"] == "medium"
    assert found["owner-unknown", "nobody"] == "medium"
    assert found["threshold-passed", "home"] == "info"
    assert ("threshold-passed", "void") not in found


@pytest.mark.parametrize("other", ["again", "cut", "threads"])
def test_a_second_replay_writes_the_same_bytes(runs: dict[str, Ran], other: str) -> None:
    assert (runs[other].status, runs[other].errors) == (0, "")
    assert runs[other].files() == runs["once"].files()
    assert runs[other].summary == runs["once"].summary


def test_a_report_keeps_its_id_whatever_the_version_of_the_pack_or_the_date(
    runs: dict[str, Ran],
) -> None:
    def ids(ran: Ran) -> dict[tuple[str, str], str]:
        return {(r["scope"], r["subject_id"]): r["report_id"] for r in ran.lines("reports")}

    whole, half = ids(runs["once"]), ids(runs["half"])
    assert {key: whole[key] for key in half if key in whole} == {
        key: name for key, name in half.items() if key in whole
    }
    # This pack asks for reports where the person is not known; their owner came later.
    unknown = {("tenant", "learnt"), ("tenant", "nobody"), ("training_run", "job/nobody/pretrain")}
    assert set(half) >= unknown
    assert {r["policy_version"] for r in runs["half"].lines("reports")} == {"2"}
    assert len(set(whole.values())) == len(whole) == 15


def test_the_screen_shows_events_reports_and_findings_in_80_columns(ran: Ran) -> None:
    shown = [line for line in ran.screen.splitlines() if not line.startswith("at=")]
    tables = [line for line in shown if not line.startswith("Files are in")]
    assert max(map(len, tables)) <= 80
    assert any("Grow [bold]Ltd[/bold]" in line for line in shown)
    assert any("house-small (voluntary)" in line for line in shown)
    assert any("due 2026-03-17" in line for line in shown)
    assert "and 11 more in reports.ndjson" in ran.screen
    assert shown[-1].startswith("Files are in ")
