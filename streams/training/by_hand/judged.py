"""Events of the works of ``works.toml``, and what the classifier makes of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from detector.meaning import Meaning
from streams.clock import SystemClock
from streams.files import FileSource, find_inputs
from streams.replay import replay

DAYS: Final = 30
BEGIN: Final = datetime(2026, 8, 3, tzinfo=UTC)
#: Hours in which nothing is written but in the last of them, where work writes in bursts.
BURST_HOURS: Final = 6
#: Design power in watts, as in the catalogue that ships.
WATTS: Final = {"B200": 1000, "H200": 700, "H100": 700, "A100": 400, "L40S": 350, "L4": 72}
RATIOS: Final = {
    "tensor_active": "tensor",
    "gpu_util": "util",
    "sm_active": "sm",
    "dram_active": "dram",
    "fp64_active": "fp64",
    "fp32_active": "fp32",
}
BYTES: Final = {
    "nvlink_bytes": "nvlink",
    "fabric_bytes": "fabric",
    "ingress_bytes": "ingress",
    "egress_bytes": "egress",
    "storage_write_bytes": "storage",
}
METERS: Final = {
    "every counter": (*RATIOS, *BYTES, "power_w", "step_period_s", "sync_ratio"),
    "use, power, traffic": ("gpu_util", "power_w", "ingress_bytes", "egress_bytes"),
    "power": ("power_w",),
    "nothing": (),
}


def works() -> dict[str, dict[str, Any]]:
    """Read the table beside this file."""
    return tomllib.loads(resources.files(__package__).joinpath("works.toml").read_text("utf-8"))


def events(name: str, work: dict[str, Any], meter: str) -> Iterator[dict[str, Any]]:
    """Give one event an hour and resource; equal calls give equal events."""
    rng = np.random.default_rng([len(name), *name.encode()])
    tenant = f"{name}/{meter}"
    held = work["devices"] // work["resources"]
    for hour in range(24 * DAYS):
        swing = 1.0 + work["swing"] * np.sin(2 * np.pi * (hour - 9) / 24)
        for number in range(work["resources"]):
            busy = max(0.05, swing * (1.0 + work["noise"] * rng.standard_normal()))
            yield _event(tenant, (hour, number), held, work, _telemetry(work, meter, busy, hour))


def _telemetry(work: dict[str, Any], meter: str, busy: float, hour: int) -> dict[str, float]:
    told = {field: round(min(1.0, work.get(name, 0.0) * busy), 3) for field, name in RATIOS.items()}
    held = work["devices"] // work["resources"] * 3600.0
    for field, name in BYTES.items():
        told[field] = float(int(work[name] * busy * held))
    if "bursts" in work and hour % BURST_HOURS == BURST_HOURS - 1:
        told["storage_write_bytes"] *= work["bursts"]
    if work["nvlink"] == 0:
        del told["nvlink_bytes"]
    share = 0.15 + (work["power"] - 0.15) * min(busy, 1.2)
    told["power_w"] = round(min(share, 1.0) * WATTS[work["accelerator"]], 1)
    if "step" in work:
        told["step_period_s"] = work["step"]
        told["sync_ratio"] = work["sync"]
    return {field: value for field, value in told.items() if field in METERS[meter]}


def _event(
    tenant: str, at: tuple[int, int], held: int, work: dict[str, Any], told: dict[str, float]
) -> dict[str, Any]:
    hour, number = at
    start = BEGIN + timedelta(hours=hour)
    end = start + timedelta(hours=1)
    data = {
        "tenant_id": tenant,
        "resource_id": f"{tenant}/{number}",
        "job_id": "work",
        "start": start.isoformat(),
        "end": end.isoformat(),
        "accelerator": work["accelerator"],
        "accelerator_count": held,
        "service_class": work["class"],
        "purchase_option": work["option"],
        "vantage": "host",
    }
    return {
        "specversion": "1.0",
        "id": f"{tenant}/{number}/{hour}",
        "source": "by-hand",
        "type": "trainwatch.usage.v1",
        "time": end.isoformat(),
        "data": {**data, "telemetry": told} if told else data,
    }


def judged(meaning: Meaning, folder: Path) -> dict[tuple[str, str], float]:
    """Replay every work under every meter in ``folder``; give the probability that each trains."""
    lines = folder / "events.ndjson"
    with lines.open("w", encoding="utf-8") as written:
        for name, work in works().items():
            for meter in METERS:
                written.writelines(json.dumps(each) + "\n" for each in events(name, work, meter))
    source = FileSource(find_inputs([lines]))
    result = replay(source, folder / "out", meaning, SystemClock(), lambda _a, _b: None)
    runs = result.whole.totals.filter(scope="training_run").rows(named=True)
    found = {row["tenant_ids"]: row["training_probability"] for row in runs}
    return {(name, meter): found[f"{name}/{meter}"] for name in works() for meter in METERS}
