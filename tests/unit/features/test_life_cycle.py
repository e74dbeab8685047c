"""Real trainings, told by their diaries, stay one run through restarts, swaps, pauses and moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from examples.training_diaries.diary import TITLES, Diary, Stretch, diary
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import Described, describe
from tests.support.usage_rows import no_segments, small_catalogue, usage_frame, usage_row

Named = Callable[[Stretch], Mapping[str, Any]]
#: Feature rows are rounded to nine digits, so that no order of rows leaves a trace in them.
NINE = 5e-9


def metered(told: Diary, named: Callable[[Stretch], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the usage of a diary, a row a node and stretch; ``named`` gives what they name."""
    return [
        usage_row(0, 0)
        | {
            "tenant_id": "lab",
            "resource_id": node,
            "accelerator": told.accelerator,
            "accelerator_count": told.accelerators_per_node,
            "start": stretch.begins,
            "end": stretch.stops,
        }
        | dict(named(stretch))
        for stretch in told.stretches
        for node in stretch.nodes
    ]


def one_job(stretch: Stretch) -> Mapping[str, Any]:
    """The scheduler keeps the job's name; the move takes it to another cluster."""
    return {"job_id": "pretrain", "cluster_id": f"fabric-{stretch.pool}"}


def one_checkpoint(stretch: Stretch) -> Mapping[str, Any]:
    """Every restart is a job of its own that reads the same checkpoint."""
    return {"job_id": f"try-{stretch.number}", "data_ref": "checkpoint"}


def handed_on(stretch: Stretch) -> Mapping[str, Any]:
    """Every restart is a job of its own and reads the checkpoint that the one before it wrote."""
    return {"job_id": f"try-{stretch.number // 2}", "data_ref": f"save-{(stretch.number + 1) // 2}"}


def moved_abroad(stretch: Stretch) -> Mapping[str, Any]:
    """The move changes region, zone, site, service and how it is paid for."""
    where = ("east", "on_demand", "vm") if stretch.pool == 0 else ("west", "spot", "bare_metal")
    return {
        "job_id": "pretrain",
        "region": where[0],
        "site_id": f"site-{where[0]}",
        "purchase_option": where[1],
        "service_class": where[2],
    }


def two_tenants(stretch: Stretch) -> Mapping[str, Any]:
    """The move goes to another tenant, which mounts the same data."""
    return {"tenant_id": f"lab-{stretch.pool}", "data_ref": "checkpoint"}


WAYS = {
    "data/checkpoint": (one_checkpoint, two_tenants),
    "data/save-0": (handed_on,),
    "job/lab/pretrain": (one_job, moved_abroad),
}


def described(rows: list[dict[str, Any]]) -> Described:
    last = max(row["end"] for row in rows)
    now = int(last.timestamp() * 1000) // HOUR_MS + 1
    catalogue = small_catalogue()
    usage = merge([accumulate(usage_frame(part)) for part in (rows[::2], rows[1::2])])
    return describe(usage, catalogue, no_segments(), moments({now: now}))


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    ("name", "named"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_a_diary_is_one_run_with_every_hour_of_it(title: str, name: str, named: Named) -> None:
    told = diary(title)
    found = described(metered(told, named)).rows
    assert found["workload"].to_list() == [name]
    assert found["device_hours"].to_list() == pytest.approx([told.device_hours], rel=NINE)


@pytest.mark.parametrize("title", TITLES)
def test_order_and_repeats_of_a_diary_change_nothing(title: str) -> None:
    rows = metered(diary(title), one_checkpoint)
    mixed = [*rows, *rows[::7]]
    Random(7).shuffle(mixed)
    assert described(rows).rows.equals(described(mixed).rows)


def test_a_fine_tuning_that_reads_the_checkpoint_adds_to_the_run_and_starts_nothing_anew() -> None:
    told = diary("glm130b")
    tuned = [
        row | {"job_id": "tune", "data_ref": "checkpoint", "tenant_id": "shop"}
        for row in metered(told, one_job)[-64:]
    ]
    rows = metered(told, one_checkpoint) + [
        row | {"resource_id": f"shop-{n}"} for n, row in enumerate(tuned)
    ]
    more = 64 * 8 * (told.stretches[-1].stops - told.stretches[-1].begins).total_seconds() / 3600
    found = described(rows).rows
    assert found["workload"].to_list() == ["data/checkpoint"]
    assert found["device_hours"].to_list() == pytest.approx([told.device_hours + more], rel=NINE)


def test_restarts_that_nothing_names_as_one_stay_runs_of_their_own() -> None:
    told = diary("glm130b")
    found = described(metered(told, lambda stretch: {"job_id": f"try-{stretch.number}"}))
    assert found.rows.height == len(told.stretches)
