"""The jobs of the Acme trace (Kalos cluster, completed jobs), as converter and check read them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

#: The trace counts seconds from its first job and does not say when that was; this is our choice.
EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
GPUS_PER_NODE = 8
#: Dense 16-bit peak of one A100-SXM4-80GB, operations per second (NVIDIA's A100 data sheet).
PEAK_OPERATIONS_PER_SECOND = 312e12

TENANT_ID = "acme-campaign"
COMPANY_ID = "acme-company"
OWNER_ID = "acme-owner"

JOBS_CSV = Path(__file__).parent / "data" / "kalos_completed_jobs.csv"


@dataclass(frozen=True)
class Job:
    """One completed job: so many GPUs from submission for its whole duration."""

    job_id: str
    gpus: int
    gpu_model: str
    start_ms: int
    stop_ms: int

    @property
    def nodes(self) -> tuple[int, ...]:
        """GPUs of each node; only the last may be partly used."""
        full, rest = divmod(self.gpus, GPUS_PER_NODE)
        return (GPUS_PER_NODE,) * full + ((rest,) if rest else ())

    @property
    def device_milliseconds(self) -> int:
        """GPUs x milliseconds from start to stop."""
        return self.gpus * (self.stop_ms - self.start_ms)


def read_jobs(path: Path) -> list[Job]:
    """Read the jobs in file order, their offsets counted from the fixed epoch."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [_job(row) for row in csv.DictReader(lines)]


def _job(row: dict[str, str]) -> Job:
    start_ms = EPOCH_MS + int(row["submit_offset_s"]) * 1000
    return Job(
        job_id=f"kalos-{int(row['job_id']):04d}",
        gpus=int(row["gpus"]),
        gpu_model=row["gpu_model"],
        start_ms=start_ms,
        stop_ms=start_ms + int(row["duration_s"]) * 1000,
    )
