"""Contract: weak links are listed and found, and never merge a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract_story import BUSY, NODE_HOUR
from tests.support.provider import Json, Ran, command, event, pack, replay, usage

TENANTS = ("north", "south", "east", "west")
NODES, STEP = 4, 6
#: The gang of every piece stops here and begins anew half an hour later.
RESTART = 13.2
#: One piece does some 9.6e20 operations, all four some 3.8e21.
THRESHOLD = 1.2e21


def _piece(tenant: str, lag: float, **fields: Any) -> list[Json]:
    spans = [(0.11, 6.0), (6.0, RESTART), (RESTART + 0.5, 19.0), (19.0, 24.0)]
    return [
        usage(
            f"{tenant}-{node}-{begin}",
            begin + lag,
            end + lag,
            tenant_id=tenant,
            resource_id=f"{tenant}-{node}",
            accelerator_count=8,
            job_id="job",
            service_class="managed_training",
            purchase_option="reserved",
            precision="bf16",
            telemetry=BUSY,
            **fields,
        )
        for begin, end in spans
        for node in range(NODES)
    ]


def _line() -> list[Json]:
    """A base model and, a day later, its fine-tuning under another job: 9.6e20 and 8.2e20."""
    base = _piece("maker", 0.3, image_id="public")
    tuned = [
        usage(
            f"tune-{node}",
            30,
            50,
            tenant_id="maker",
            resource_id=f"maker-{node}",
            accelerator_count=8,
            job_id="tune",
            service_class="managed_training",
            precision="bf16",
            telemetry=BUSY,
        )
        for node in range(NODES)
    ]
    plans: list[Json] = [
        {"declaration_id": "d1", "model_name": "lark", "job_ids": ["job"]},
        {
            "declaration_id": "d2",
            "model_name": "lark-chat",
            "base_model": "lark",
            "job_ids": ["tune"],
        },
    ]
    told = [
        event(f"plan-{n}", "trainwatch.declaration.v1", 0.1, {"tenant_id": "maker"} | plan)
        for n, plan in enumerate(plans)
    ]
    return [*base, *tuned, *told]


def _events() -> list[Json]:
    cut = [e for n, t in enumerate(TENANTS) for e in _piece(t, n * 0.005, image_id="private")]
    strangers = [
        e for n in range(6) for e in _piece(f"stranger-{n}", n * 0.37 + 0.2, image_id="public")
    ]
    return sorted([*cut, *strangers, *_line()], key=lambda each: str(each["time"]))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("links")
    return replay(folder, _events(), "--policy", pack(folder, THRESHOLD, scopes=["training_run"]))


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "links.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_pair_of_the_four_pieces_is_listed_and_no_stranger(ran: Ran) -> None:
    assert (ran.status, ran.errors) == (0, "")
    found = rows(ran.out)
    assert list(found[0]) == ["run_a", "run_b", "tenants", "score", "kind", "evidence"]
    expected = {tuple(sorted((a, b))) for a in TENANTS for b in TENANTS if a < b}
    assert {tuple(row["tenants"].split(";")) for row in found} == expected
    assert {row["kind"] for row in found} == {"side_by_side"}
    assert all(float(row["score"]) > 0.9 for row in found)
    assert all("both run the image private" in row["evidence"] for row in found)


def test_the_pieces_stay_runs_of_their_own(ran: Ran) -> None:
    runs = {row["id"]: row for row in ran.totals if row["scope"] == "training_run"}
    assert {f"job/{tenant}/job" for tenant in TENANTS} < set(runs)
    done = [float(runs[f"job/{t}/job"]["operations_expected"]) for t in TENANTS]
    hours = 24 - 0.11 - 0.5
    assert done == pytest.approx([NODES * hours * NODE_HOUR] * 4, rel=0.1)
    assert ran.lines("reports") == []


def test_one_finding_names_the_runs_the_evidence_and_the_probability(ran: Ran) -> None:
    (finding,) = (each for each in ran.lines("findings") if each["rule_id"] == "linked-runs")
    assert finding["scope"] == "training_run"
    assert finding["subject_id"] == "job/east/job"
    assert finding["tenant_ids"] == sorted(TENANTS)
    assert finding["severity"] == "high"
    assert finding["evidence"]["run_ids"] == [f"job/{tenant}/job" for tenant in sorted(TENANTS)]
    assert finding["evidence"]["largest_operations_expected"] < THRESHOLD
    assert finding["evidence"]["training_operations_expected"] > THRESHOLD
    assert finding["evidence"]["link_score_ratio"] > 0.9
    assert "both run the image private" in finding["because"]


def test_the_explanation_of_a_piece_names_its_job_and_its_links_as_they_are_listed(
    ran: Ran,
) -> None:
    events, policy = ran.out.parent / "events.ndjson", ran.out.parent / "house.toml"
    out = ran.out.parent / "explained"
    told = command("explain", "job/east/job", events, "--policy", policy, "--out", out)
    assert (told.status, told.errors) == (0, "")
    (name,) = (path for path in out.iterdir() if path.suffix == ".json")
    explained = json.loads(name.read_text(encoding="utf-8"))
    listed = {
        row["run_b"] if row["run_a"] == "job/east/job" else row["run_a"]: row
        for row in rows(ran.out)
        if "job/east/job" in (row["run_a"], row["run_b"])
    }
    assert len(listed) == 3
    found = {link["other_run_id"]: link for link in explained["links"]}
    assert {run: round(link["score"], 4) for run, link in found.items()} == {
        run: round(float(row["score"]), 4) for run, row in listed.items()
    }
    assert [(each["kind"], each["name"]) for each in explained["names"]] == [("job", "job")]
    assert "== What holds it together" in told.screen
    assert "Link to job/north/job (side by side, of east and north)" in " ".join(
        told.screen.split()
    )


def test_a_fine_tuned_model_is_found_with_what_its_base_took(ran: Ran) -> None:
    (finding,) = (each for each in ran.lines("findings") if each["rule_id"] == "lineage")
    assert (finding["scope"], finding["subject_id"]) == ("training_run", "job/maker/tune")
    assert finding["severity"] == "medium"
    told = finding["evidence"]
    assert (told["models"], told["run_ids"]) == (
        ["lark-chat", "lark"],
        ["job/maker/job", "job/maker/tune"],
    )
    assert told["own_operations_expected"] < THRESHOLD < told["training_operations_expected"]
    assert told["stated_operations"] == 0
