"""A seeded file of realistic usage events for the benchmark: full envelopes, telemetry, repeats.

Allocations live for some metered intervals of five minutes: four hours on average in a provider's
``day``, twenty minutes in the default shape, which has a tenant for every twenty events. A meter
publishes by the hour, so lines are in order of the hour and mixed within it; one line in fifty is
sent twice. One allocation in ten belongs to a second meter that writes its keys in another order
and blanks between them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

STEP_MS: Final = 300_000
HOUR_MS: Final = 3_600_000
START_MS: Final = 1_780_272_000_000  # 2026-06-01T00:00:00Z: ninety days from it have passed
SOURCE: Final = "urn:cloud:meter:1"
SECOND_SOURCE: Final = "urn:cloud:meter:2"

#: Names as the devices report them, devices of one allocation, share of all allocations, watts.
KINDS: Final = (
    ("NVIDIA H100 80GB HBM3", 8, 0.45, 700.0),
    ("NVIDIA A100-SXM4-80GB", 8, 0.25, 400.0),
    ("NVIDIA A100-SXM4-40GB", 4, 0.10, 400.0),
    ("NVIDIA L40S", 1, 0.10, 350.0),
    ("NVIDIA H200", 8, 0.10, 700.0),
)
REGIONS: Final = ("eu-west-1", "us-east-2", "ap-south-1", "us-west-4")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """How large the file is; ``events`` counts lines, the repeated ones too."""

    events: int = 400_000
    resources: int = 100_000
    tenants: int = 20_000
    slots: int = 48
    repeated_ratio: float = 0.02
    second_meter_ratio: float = 0.1
    seed: int = 1


def day(events: int) -> Shape:
    """Give a provider's day: allocations live for some hours and belong to a few tenants."""
    return Shape(events=events, resources=events // 50, tenants=events // 250, slots=288)


def lines(shape: Shape) -> Iterator[bytes]:
    """Give the file line by line, each with its newline."""
    rng = np.random.default_rng(shape.seed)
    unique = round(shape.events / (1 + shape.repeated_ratio))
    resource, slot = _metered(rng, shape, unique)
    sent = np.arange(unique)
    again = rng.choice(sent, shape.events - unique, replace=shape.events > 2 * unique)
    order = np.concatenate([sent, again])
    hour = (slot[order] * STEP_MS) // HOUR_MS
    order = order[np.lexsort((rng.random(len(order)), hour))]
    fixed = _allocations(rng, shape)
    readings = _readings(rng, unique)
    second = round(shape.resources * shape.second_meter_ratio)
    for index in order.tolist():
        kind, head, tail = fixed[resource[index]]
        start_ms = START_MS + int(slot[index]) * STEP_MS
        line = _line(head, tail, start_ms, _telemetry(readings[index], KINDS[kind][3]))
        yield _rewritten(line) if resource[index] < second else line


def _metered(rng: np.random.Generator, shape: Shape, unique: int) -> tuple[Ints, Ints]:
    """Draw which allocation is metered in which slot: each at least once, and without a gap.

    Where there are fewer lines than allocations, the rest of these is never metered.
    """
    alive = min(shape.resources, unique)
    weights = rng.exponential(size=alive)
    further = rng.multinomial(unique - alive, weights / weights.sum())
    lengths = 1 + further.astype(np.int64)
    resource = np.repeat(np.arange(alive), lengths)
    first = rng.integers(0, shape.slots, alive)
    age = np.arange(unique) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return resource, first[resource] + age


def _allocations(rng: np.random.Generator, shape: Shape) -> list[tuple[int, str, str]]:
    """Give each allocation its kind and the two unchanging parts of its lines."""
    kinds = rng.choice(len(KINDS), shape.resources, p=[kind[2] for kind in KINDS])
    tenants = (shape.tenants * rng.random(shape.resources) ** 2).astype(np.int64)
    jobs = rng.integers(0, 4, shape.resources)
    drawn = zip(kinds.tolist(), tenants.tolist(), jobs.tolist(), strict=True)
    return [
        (kind, *_parts(number, kind, tenant, job))
        for number, (kind, tenant, job) in enumerate(drawn)
    ]


def _parts(number: int, kind: int, tenant: int, job: int) -> tuple[str, str]:
    name, count, _, _ = KINDS[kind]
    precision = ',"precision":"bf16"' if tenant % 3 == 0 else ""
    head = f'"tenant_id":"tenant-{tenant:05d}","resource_id":"i-{number:08x}"'
    tail = (
        f'"accelerator":"{name}","accelerator_count":{count},'
        f'"region":"{REGIONS[tenant % len(REGIONS)]}","cluster_id":"fabric-{tenant % 97:02d}",'
        f'"job_id":"job-{tenant:05d}-{job}","service_class":"vm"{precision}'
    )
    return head, tail


def _readings(rng: np.random.Generator, count: int) -> list[list[float]]:
    """Draw one row of uniform numbers an event; ``_telemetry`` gives them their units."""
    readings: list[list[float]] = rng.random((count, 6)).round(3).tolist()
    return readings


def _telemetry(reading: list[float], limit_w: float) -> str:
    """Write six counters, and the two byte counts where the last draw says so.

    They can all be true at once: a pipe runs only inside a kernel, a kernel only while the device
    is in use, and work draws power.
    """
    util, busy, piped, dram, power, extra = reading
    active = round(util * (0.3 + 0.7 * busy), 3)
    tensor = round(active * (0.2 + 0.6 * piped), 3)
    watts = round(limit_w * (0.2 + 0.6 * active + 0.15 * power), 1)
    text = (
        f'"gpu_util":{util},"sm_active":{active},"tensor_active":{tensor},"dram_active":{dram},'
        f'"power_w":{watts},"energy_j":{watts * STEP_MS / 1000:.1f}'
    )
    if extra < 0.75:
        return text
    return f'{text},"nvlink_bytes":{int(extra * 4e14)},"ingress_bytes":{int(extra * 9e9)}'


def _instant(at_ms: int) -> str:
    """Write a whole second as RFC 3339."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _line(head: str, tail: str, start_ms: int, telemetry: str) -> bytes:
    end_ms = start_ms + STEP_MS
    resource_id = head[head.rindex(":") + 2 : -1]
    return (
        f'{{"specversion":"1.0","id":"{resource_id}/{start_ms // STEP_MS}","source":"{SOURCE}",'
        f'"type":"trainwatch.usage.v1","time":"{_instant(end_ms + 2000)}","data":{{{head},'
        f'"start":"{_instant(start_ms)}","end":"{_instant(end_ms)}",{tail},'
        f'"telemetry":{{{telemetry}}}}}}}\n'
    ).encode()


def _rewritten(line: bytes) -> bytes:
    """Write a line as the second meter does: what JSON allows and nobody forbids."""
    event = json.loads(line)
    event["source"] = SECOND_SOURCE
    event["data"] = dict(sorted(event["data"].items()))
    return json.dumps(dict(reversed(event.items()))).encode() + b"\n"


def write(path: Path, shape: Shape) -> Path:
    """Write the file unless it is there already; its name should tell the shape."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.writelines(lines(shape))
        partial.rename(path)
    return path


def at(folder: Path, shape: Shape) -> Path:
    """Name the file of a shape and write it where it is missing."""
    values = (START_MS // HOUR_MS, *vars(shape).values())
    name = "metered-" + "-".join(f"{value}" for value in values)
    return write(folder / f"{name}.ndjson", shape)


def main() -> int:
    """Write one file and print its size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    for name, default in vars(Shape()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    asked = vars(parser.parse_args())
    out: Path = asked.pop("out")
    shape = Shape(**asked)
    size = write(out, shape).stat().st_size
    print(f"{out}: {shape.events} events, {size / shape.events:.0f} bytes a line")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
