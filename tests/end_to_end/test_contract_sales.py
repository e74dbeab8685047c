"""Contract: an operation counts for those who held the tenant when it was performed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.accounts_story import handed_on, idle, in_order, mistaken, sale
from tests.support.contract_story import NODE_HOUR
from tests.support.provider import Json, Ran, commands, lines, pack

#: Passed in the second day of the two that the customer trains for.
THRESHOLD = 30 * 8 * NODE_HOUR


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Ran]:
    """The sale known at once, learnt of late, put right; a training handed on; an idle holder."""
    folder = tmp_path_factory.mktemp("sales")
    policy = pack(folder, THRESHOLD)
    paths = []
    for number, story in enumerate((sale(0), sale(52), mistaken(), handed_on(), idle())):
        path = folder / f"sale-{number}.ndjson"
        path.write_bytes(lines(in_order(story)))
        paths.append(path)
    asked: list[list[str | Path]] = [
        ["replay", path, "--out", path.with_suffix(""), "--policy", policy] for path in paths
    ]
    return commands(*asked)


def owners(ran: Ran) -> dict[str, tuple[str, str, str]]:
    """Give hours, first and last instant of each owner."""
    return {
        row["id"]: (row["accelerator_hours"], row["first_start"], row["last_end"])
        for row in ran.totals
        if row["scope"] == "owner"
    }


def test_a_buyer_does_not_inherit_and_a_seller_keeps_what_was_done_in_its_time(
    runs: list[Ran],
) -> None:
    known, late = runs[:2]
    assert owners(known) == {
        "shop-owner": ("1536", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
        "buyer": ("1536", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
    }
    # Learnt of late, the sale moves the operations of its time all the same.
    assert late.totals == known.totals
    assert {r["subject_id"] for r in known.lines("reports")} == {"shop", "job/shop/pretrain"}


def versions(ran: Ran, scope: str) -> list[tuple[Any, ...]]:
    found = [line for line in ran.lines("reports") if line["scope"] == scope]
    return [
        (v["subject_id"], v["version"], v["kind"], v["standing"], v["knowledge_at"], _why(v))
        for v in found
    ]


def _why(version: Json) -> list[str]:
    why = "trigger" if version["kind"] == "initial" else "correction"
    return [each["because"] for each in version["evidence"] if each["about"] == why]


PASSED = ["The training operations expected, 2.87 × 10²¹, are past the threshold of 2.39 × 10²¹."]
HELD = (
    "As known now, tenant shop was held by Owner of shop (shop-owner) until 2026-03-02T00:00:00Z; "
    "Bo Buyer (buyer) from 2026-03-02T00:00:00Z."
)
FIRST = "2026-03-02T13:00:00Z"
LEARNT = "2026-03-03T04:00:00Z"


def test_a_sale_learnt_of_late_corrects_what_was_reported_of_the_seller_with_the_reason(
    runs: list[Ran],
) -> None:
    late = runs[1]
    assert versions(late, "owner") == [
        ("shop-owner", 1, "initial", True, FIRST, PASSED),
        (
            "shop-owner",
            2,
            "corrected",
            False,
            LEARNT,
            [
                "The training operations expected are no longer past the threshold of 2.39 × 10²¹.",
                "The operations of the time until 2026-03-02T12:00:00Z were reported as "
                "2.87 × 10²¹ and are 1.92 × 10²¹, a change of more than 10 %.",
                HELD,
            ],
        ),
    ]


def test_a_sale_learnt_of_late_names_the_new_owner_in_the_reports_of_the_tenant(
    runs: list[Ran],
) -> None:
    changed = ["The owners have changed: now also buyer.", HELD]
    for scope, subject in (("tenant", "shop"), ("training_run", "job/shop/pretrain")):
        assert versions(runs[1], scope) == [
            (subject, 1, "initial", True, FIRST, PASSED),
            (subject, 2, "corrected", True, LEARNT, changed),
        ]


def test_an_owner_who_never_held_the_tenant_is_told_so_and_who_did(
    runs: list[Ran],
) -> None:
    found = [each for each in versions(runs[2], "owner") if each[0] == "shop-owner"]
    first, second = found
    assert first == ("shop-owner", 1, "initial", True, FIRST, PASSED)
    assert second == (
        "shop-owner",
        2,
        "corrected",
        False,
        LEARNT,
        [
            "The training operations expected are no longer past the threshold of 2.39 × 10²¹.",
            "The operations of the time until 2026-03-02T12:00:00Z were reported as 2.87 × 10²¹ "
            "and are 0, a change of more than 10 %.",
            "As known now, Owner of shop (shop-owner) held none of these tenants (shop) when the "
            "work was done: nothing of it counts for that owner any more, and all of it for those "
            "who held them.",
            "As known now, tenant shop was held by Bo Buyer (buyer).",
        ],
    )
    (*_, withdrawn) = (v for v in runs[2].lines("reports") if v["subject_id"] == "shop-owner")
    told = [each["because"] for each in withdrawn["evidence"] if each["about"] == "operations"]
    assert told == [
        "These tenants are metered since 2026-03-01T00:00:00Z; what was done before is in no "
        "figure."
    ]


def test_a_run_that_another_customer_goes_on_with_is_corrected_and_tells_who_holds_it(
    runs: list[Ran],
) -> None:
    (run,) = {v[0] for v in versions(runs[3], "training_run")}
    assert versions(runs[3], "training_run") == [
        (run, 1, "initial", True, FIRST, PASSED),
        (
            run,
            2,
            "corrected",
            True,
            "2026-03-03T07:00:00Z",
            [
                "The owners have changed: now also next-owner.",
                "As known now, tenant shop was held by Owner of shop (shop-owner).",
                "As known now, tenant next was held by Owner of next (next-owner).",
            ],
        ),
    ]


def test_who_held_the_tenant_while_nothing_was_done_is_not_asked_about(runs: list[Ran]) -> None:
    held = runs[4]
    assert owners(held) == {
        "shop-owner": ("3072", "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z"),
    }
    assert held.lines("reports") == []
    passed = [f for f in held.lines("findings") if f["rule_id"] == "threshold-passed"]
    assert {(f["subject_id"], f["severity"], f["evidence"]["person_status"]) for f in passed} == {
        (subject, "info", "us") for subject in ("shop", "shop-owner", "job/shop/pretrain")
    }
