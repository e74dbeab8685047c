"""The rows of MLPerf Training's ``runs.csv.gz`` that both the converter and the check rely on."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    *("run_id", "submitter", "system", "benchmark", "nodes", "accelerators_per_node"),
    *("accelerator_model", "run_start_ms", "run_stop_ms", "train_flop_6nd"),
)


@dataclass(frozen=True)
class Run:
    """One published run: so many nodes, from the start of training to its end."""

    run_id: str
    submitter: str
    system: str
    benchmark: str
    nodes: int
    accelerators_per_node: int
    accelerator_model: str
    start_ms: int
    stop_ms: int
    #: 6 x parameters x tokens (4 x for LoRA) as published; None where no token count is
    operations: float | None

    @property
    def tenant_id(self) -> str:
        """One tenant for each system of a submitter."""
        return f"{self.submitter}/{self.system}"

    @property
    def owner_id(self) -> str:
        """The BODS record of the submitter's owner; a joint submission is an owner of its own."""
        return f"mlperf-owner:{self.submitter}"

    @property
    def company_id(self) -> str:
        """The BODS record of the submitter itself, the customer of record."""
        return f"mlperf-company:{self.submitter}"

    @property
    def device_milliseconds(self) -> int:
        """Accelerators x milliseconds from start to stop: the exact truth of the check."""
        return self.nodes * self.accelerators_per_node * (self.stop_ms - self.start_ms)


def read_runs(path: Path, *, llm_only: bool) -> list[Run]:
    """Read the runs in file order; ``llm_only`` keeps those with a published operation count.

    Raises:
        SystemExit: The file is not there, is no gzip file or lacks a column; the message says so.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise SystemExit(
                    f"{path}: expected the columns of runs.csv.gz, found none called "
                    f"{', '.join(missing)}; README.md says which file is meant"
                )
            runs = [_run(row) for row in rows]
    except (OSError, EOFError) as error:
        raise SystemExit(f"{path}: expected a gzip file that can be read: {error}") from error
    return [run for run in runs if run.operations is not None or not llm_only]


def _run(row: dict[str, str]) -> Run:
    return Run(
        run_id=row["run_id"],
        submitter=row["submitter"],
        system=row["system"],
        benchmark=row["benchmark"],
        nodes=int(row["nodes"] or 1),
        accelerators_per_node=int(row["accelerators_per_node"] or 0),
        accelerator_model=row["accelerator_model"],
        start_ms=int(row["run_start_ms"]),
        stop_ms=int(row["run_stop_ms"]),
        operations=float(row["train_flop_6nd"]) if row["train_flop_6nd"] else None,
    )
