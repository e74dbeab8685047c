"""Contract: what silence, lying counters, slices and openings do to the figures of totals.csv."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.provider import Json, Ran, event, hour, pack, replay, usage

SEEN = {"tensor_active": 0.5, "sm_active": 0.7, "power_w": 550}
NODES, HOURS, STEP = 4, 24, 4
#: A fleet that serves, and the power of its whole node where that of one device belongs.
SERVED = {"tensor_active": 0.1, "sm_active": 0.4, "gpu_util": 0.5}
NODE = {"power_w": 8 * 390.0}
#: What the nodes of a tenant metered from hour 8 to 16, by node.
MIDDLES: dict[str, dict[int, Json]] = {
    "seen": {},
    "silent": {node: {} for node in range(NODES)},
    "one-silent": {0: {}},
    "use-lies": {node: SEEN | {"sm_active": 0.0} for node in range(NODES)},
    "power-lies": {node: SEEN | {"power_w": 60} for node in range(NODES)},
    "pipe-lies": {node: SEEN | {"tensor_active": 0.0} for node in range(NODES)},
}
THRESHOLD = 3e20


def _work(tenant: str, **fields: Any) -> list[Json]:
    return [
        usage(
            f"{tenant}-{node}-{begin}",
            begin,
            begin + STEP,
            tenant_id=tenant,
            resource_id=f"{tenant}-{node}",
            accelerator="H100-SXM5-80GB",
            accelerator_count=8,
            precision="bf16",
            telemetry=MIDDLES.get(tenant, {}).get(node, SEEN) if 8 <= begin < 16 else SEEN,
            **{"job_id": "job", "service_class": "managed_training", **fields},
        )
        for node in range(NODES)
        for begin in range(0, HOURS, STEP)
    ]


def _alone(tenant: str, **fields: Any) -> Json:
    return usage(f"{tenant}-e", 0, 10, tenant_id=tenant, resource_id=tenant, job_id="j", **fields)


def _events() -> list[Json]:
    found = [each for tenant in MIDDLES for each in _work(tenant)]
    found += [each for tenant in ("one", "two") for each in _work(tenant, data_ref="shared")]
    opening = {"tenant_id": "one", "at": hour(0), "data_ref": "shared", "basis": "other_provider"}
    stated = {"operations": {"low": 1e20, "expected": 2e20, "high": 4e20}}
    found += [
        event("opened", "trainwatch.opening.v1", 1, opening | stated),
        _alone("a1000", accelerator="A1000", accelerator_count=8),
        _alone(
            "slice", accelerator="A100-SXM4-80GB", accelerator_count=1, partition_fraction=1 / 7
        ),
        _alone("pod", accelerator=None, accelerator_count=None, instance_type="v4-64"),
        _alone("node", accelerator="H100-SXM5-80GB", accelerator_count=8, telemetry=SERVED | NODE),
        _alone("served", accelerator="H100-SXM5-80GB", accelerator_count=8, telemetry=SERVED),
        _alone("liar", site_id="dc-1", telemetry={"tensor_active": 1.7, "power_w": 99_999}),
    ]
    return sorted(found, key=lambda each: str(each["time"]))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("estimates")
    return replay(folder, _events(), "--policy", pack(folder, THRESHOLD))


def bounds(ran: Ran, tenant: str) -> tuple[float, float, float]:
    row = ran.total("tenant", tenant)
    low, expected, high = (
        float(row[f"operations_{bound}"]) / float(row["peak_operations"])
        for bound in ("low", "expected", "high")
    )
    return low, expected, high


def test_silence_opens_the_high_bound_to_the_peak_for_the_time_and_the_nodes_it_lasts(
    ran: Ran,
) -> None:
    assert (ran.status, ran.errors) == (0, "")
    seen, whole, one = (bounds(ran, tenant) for tenant in ("seen", "silent", "one-silent"))
    assert whole[2] == pytest.approx(seen[2] * 2 / 3 + 1 / 3, rel=1e-3)
    assert one[2] == pytest.approx(seen[2] * 11 / 12 + 1 / 12, rel=1e-3)
    assert one[1] == pytest.approx(seen[1], rel=1e-3)
    assert whole[0] < seen[0]


@pytest.mark.parametrize("tenant", ["use-lies", "power-lies"])
def test_one_counter_against_two_opens_the_interval_and_moves_nothing_else(
    ran: Ran, tenant: str
) -> None:
    seen, lied = bounds(ran, "seen"), bounds(ran, tenant)
    assert lied[1] == pytest.approx(seen[1])
    assert lied[0] < seen[0]
    assert lied[2] > seen[2]


def test_a_pipe_counter_that_dies_halves_nothing(ran: Ran) -> None:
    seen, dead = bounds(ran, "seen"), bounds(ran, "pipe-lies")
    assert dead[1] > 0.85 * seen[1]
    assert dead[2] > seen[2]


def test_every_lie_is_a_finding_that_says_which_counters_are_at_odds(ran: Ran) -> None:
    rules = {
        each["subject_id"]: each["rule_id"]
        for each in ran.lines("findings")
        if each["rule_id"].startswith(("counters-", "use-", "telemetry-impossible"))
    }
    assert rules == {
        "use-lies": "use-contradicted",
        "power-lies": "counters-without-power",
        "pipe-lies": "counters-contradicted",
        "liar": "telemetry-impossible",
        "node": "telemetry-impossible",
    }


def test_an_impossible_figure_is_told_with_its_value_its_limit_and_its_meter(ran: Ran) -> None:
    (found,) = (each for each in ran.lines("findings") if each["subject_id"] == "liar")
    assert found["evidence"]["field"] == ["power_w", "tensor_active"]
    assert found["because"].startswith(
        "Impossible telemetry was dropped, 2 figures: power_w 99,999 W where at most 50,000 W is "
        "possible (read by the host on "
    )
    assert " at dc-1 in job j in the hour of " in found["because"]
    assert "tensor_active 1.7 where at most 1 is possible" in found["because"]


def test_power_of_a_whole_node_moves_no_figure_and_is_told(ran: Ran) -> None:
    assert bounds(ran, "node") == bounds(ran, "served")
    named = [each for each in ran.lines("findings") if each["subject_id"] == "node"]
    # Another kind of device under this name would look alike: that is asked, in low words.
    told = {each["rule_id"]: each["severity"] for each in named}
    assert told == {"accelerator-belied": "low", "telemetry-impossible": "info"}
    (found,) = (each for each in named if each["rule_id"] == "telemetry-impossible")
    assert found["because"] == (
        "Impossible telemetry was dropped, 10 figures: power_w (or energy_j over its time) over "
        "80 accelerator-hours past what one H100-SXM5-80GB and its part of a node can draw (read "
        "by the host)."
    )


def test_slices_pods_and_names_that_only_look_alike_count_what_they_are(ran: Ran) -> None:
    assert float(ran.total("tenant", "slice")["accelerator_hours"]) == pytest.approx(10 / 7)
    assert float(ran.total("tenant", "slice")["silent_ratio"]) == 1.0
    assert float(ran.total("tenant", "pod")["accelerator_hours"]) == 320.0
    assert float(ran.total("tenant", "a1000")["peak_operations"]) == 0.0


def test_runs_and_tenants_agree_to_the_last_operation_across_splits_and_openings(
    ran: Ran,
) -> None:
    columns = ("peak_operations", "operations_expected", "hardware_operations_expected")
    sums: Counter[tuple[str, str]] = Counter()
    for row in ran.totals:
        for column in (*columns, "opening_operations_expected"):
            sums[row["scope"], column] += int(row[column])
    for column in (*columns, "opening_operations_expected"):
        assert sums["training_run", column] == sums["tenant", column] > 0
    assert ran.total("training_run", "data/shared")["tenant_ids"] == "one;two"


def test_a_threshold_passed_tells_its_probability_and_its_three_instants(ran: Ran) -> None:
    (found,) = (
        each["evidence"]
        for each in ran.lines("findings")
        if (each["rule_id"], each["subject_id"]) == ("threshold-passed", "data/shared")
    )
    told = [found[f"crossed_{name}_at"] for name in ("earliest", "likely", "certain")]
    assert hour(0) <= told[0] < told[1] < told[2] <= hour(HOURS)
    assert 0.9 < found["probability_ratio"] <= 1.0
