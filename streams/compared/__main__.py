"""Hold the simulator against real series and write what came into ``docs/simulator.md``.

Run: ``python -m streams.compared --data FOLDER``, the folder of the real data sets; sets that are
not there are left out. Nothing of a set but its statistics is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from streams.compared import page, played, real
from streams.compared.page import REAL, SIMULATED, Compared, Jobs
from streams.compared.statistics import shape
from streams.simulation.requests import CELL_SECONDS, rates
from streams.training.page import put

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
FIGURES: Final = {"power": "power over design power", "util": "utilisation"}
#: Families beside which each real set of jobs is put.
FAMILIES_OF_JOBS: Final = ("pretraining", "finetuning", "sweep", "inference", "notebook")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m streams.compared", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data sets")
    given = parser.parse_args(arguments)
    if not given.data.is_dir():
        parser.error(f"expected a folder, found none at {given.data}")
    for name, text in files(given.data, (DOCS / "simulator.md").read_text("utf-8")).items():
        (DOCS / name).write_text(text, "utf-8")
        sys.stderr.write(f"wrote docs/{name}\n")
    return 0


def files(data: Path, text: str) -> dict[str, str]:
    """Give every file that the comparison writes, by its name; ``text`` is the page before."""
    series = [row for pair in real.PAIRS for row in _compared(data, pair)]
    jobs = [
        *_real_jobs(data),
        *(Jobs(f"simulated {f}", SIMULATED, played.jobs(f)) for f in FAMILIES_OF_JOBS),
    ]
    sections = {
        "series": page.series_table(series),
        "differences": page.differences(series),
        "jobs": page.jobs_table(jobs),
        "requests": page.bursts_table(list(_bursts(data))),
    }
    for mark, content in sections.items():
        text = put(text, mark, content)
    pictures = {
        f"simulator-{figure}.svg": page.picture(
            f"Real and simulated {words}", [row for row in series if row.figure == figure]
        )
        for figure, words in FIGURES.items()
    }
    return {
        "simulator.md": text,
        **pictures,
        "simulator-devices.svg": page.jobs_picture("Devices of a job", "devices", jobs),
        "simulator-hours.svg": page.jobs_picture("Hours of a job", "hours", jobs),
    }


def _compared(data: Path, pair: real.Pair) -> list[Compared]:
    if not (data / pair.folder).is_dir():
        return []
    measured = pair.read(data)
    simulated = played.readings(pair.family, pair.step_s, pair.begin_minutes)
    found = []
    for figure in FIGURES:
        one = shape(measured, figure, pair.step_s, ordered=pair.ordered)
        other = shape(simulated, figure, pair.step_s, ordered=pair.ordered)
        if one is not None and other is not None:
            found.append(Compared(pair.title, pair.family, pair.step_s, figure, one, other))
    return found


def _real_jobs(data: Path) -> Iterable[Jobs]:
    if (data / "acme_llm_cluster").is_dir():
        yield Jobs("Acme, pretraining", REAL, real.acme_jobs(data, "Pretrain"))
        yield Jobs("Acme, fine-tuning and other", REAL, real.acme_jobs(data, "SFT_or_Other"))
    if (data / "alibaba_gpu_lifecycle").is_dir():
        yield Jobs("Alibaba, pods of 2023", REAL, real.pods(data))


def _bursts(data: Path) -> Iterable[tuple[str, int, float, float]]:
    for name, trace in rates().items():
        yield f"{name} (shipped, drives the simulation)", len(trace), CELL_SECONDS, _spread(trace)
    if (data / "alibaba_genai_inference").is_dir():
        rate = real.requests(data)["rate"].to_list()
        yield "image generation, all pods (not fitted to)", len(rate), 600.0, _spread(rate)


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values) / np.mean(values))


if __name__ == "__main__":
    sys.exit(main())
