"""How often weak links find a cut training, and how often they link strangers: prints tables.

python -m examples.linked_runs.measure [--mlperf RUNS_CSV_GZ] [--rounds N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

from detector.rules.linking import parse_link_figures
from examples.acme_llm_cluster.jobs import JOBS_CSV, read_jobs
from examples.linked_runs.clouds import (
    CUTS,
    HOUR_MS,
    Signature,
    counted,
    cut_up,
    frame,
    signature,
    strangers,
)
from examples.mlperf_training.runs import Run, read_runs
from examples.training_diaries.diary import TITLES, diary
from features.links import links

FIGURES = Path(__file__).parents[2] / "detector" / "rules" / "links.toml"
SURE = 0.9
#: The figures were chosen on seeds below this; what is printed was never looked at for that.
FIRST_SEED = 1_000
Scores = dict[tuple[str, str], float]


def scored(signatures: Sequence[Signature]) -> Scores:
    """Link signatures: score by pair of tenants or jobs."""
    figures = parse_link_figures(FIGURES.read_text(encoding="utf-8"))
    found = links(frame(signatures), counted(signatures), figures)
    return {(a, b): s for a, b, s in found.select("run_a", "run_b", "score").iter_rows()}


def together(names: set[str], found: Scores, least: float) -> bool:
    """Say whether links of at least this score hold all the names together."""
    reached, before = {min(names)}, 0
    while len(reached) != before:
        before = len(reached)
        for (one, other), score in found.items():
            if score >= least and {one, other} <= names and reached & {one, other}:
                reached |= {one, other}
    return reached == names


def cuts(rounds: int, crowd: int) -> Iterator[str]:
    """Cut trainings among strangers: how often all pieces are found, and what else is linked."""
    yield f"| cut over four, among {crowd} strangers | found, 0.5 | found, 0.9 | wrong pairs |"
    yield "|---|---|---|---|"
    for cut in CUTS:
        found = sure = wrong = 0
        for seed in range(FIRST_SEED, FIRST_SEED + rounds):
            rng = Random(f"{cut.title}/{seed}")
            pieces = cut_up(rng, cut, "cut")
            names = {piece["workload"] for piece in pieces}
            scores = scored([*strangers(rng, crowd), *pieces])
            found += together(names, scores, 0.5)
            sure += together(names, scores, SURE)
            wrong += sum(1 for pair in scores if not set(pair) <= names)
        yield f"| {cut.title} | {found} of {rounds} | {sure} of {rounds} | {wrong} |"


def crowds(rounds: int) -> Iterator[str]:
    """Strangers alone: every link is wrong."""
    yield "| strangers | clouds | pairs linked, 0.5 | pairs linked, 0.9 | seconds each |"
    yield "|---|---|---|---|---|"
    for count, times in ((50, 20 * rounds), (300, 5 * rounds), (2_000, rounds), (20_000, 2)):
        wrong = sure = 0
        began = time.process_time()
        for seed in range(FIRST_SEED, FIRST_SEED + times):
            scores = scored(list(strangers(Random(seed), count)))
            wrong += len(scores)
            sure += sum(1 for score in scores.values() if score >= SURE)
        spent = (time.process_time() - began) / times
        yield f"| {count} | {times} | {wrong} | {sure} | {spent:.2f} |"


def mlperf(path: Path, rounds: int) -> Iterator[str]:
    """Real runs as strangers, and each multi-node language-model run cut over tenants."""
    runs = [run for run in read_runs(path, llm_only=True) if run.nodes >= 4]
    yield f"{len(runs)} runs of at least four nodes, each as a tenant of its own."
    alone = [_piece(run, f"{run.submitter}/{n}", 0, 1) for n, run in enumerate(runs)]
    scores = scored(alone)
    owner = {one["workload"]: run.submitter for one, run in zip(alone, runs, strict=True)}
    apart = sum(1 for a, b in scores if owner[a] != owner[b])
    kin = len(scores) - apart
    yield f"Uncut: {apart} pairs of different submitters linked, {kin} of one submitter."
    for shares in (2, 4):
        found = 0
        for seed in range(FIRST_SEED, FIRST_SEED + rounds):
            rng = Random(seed)
            chosen = sorted(rng.sample(range(len(runs)), 25))
            rest = [one for n, one in enumerate(alone) if n not in chosen]
            cut = [
                _piece(runs[n], f"cut-{n}-{part}", rng.randrange(60_000), shares)
                for n in chosen
                for part in range(shares)
            ]
            scores = scored([*rest, *cut])
            named = ({f"job/cut-{n}-{part}/job" for part in range(shares)} for n in chosen)
            found += sum(together(names, scores, 0.5) for names in named)
        yield f"Cut over {shares}, no image, within a minute: {found} of {25 * rounds} found."


def _piece(run: Run, name: str, lag_ms: int, shares: int) -> Signature:
    return signature(
        name,
        [run.start_ms + lag_ms],
        [run.stop_ms + lag_ms],
        hardware=run.accelerator_model,
        devices_max=run.nodes * run.accelerators_per_node / shares,
    )


def acme(rounds: int) -> Iterator[str]:
    """Real jobs of one cluster as strangers, some cut over two tenants."""
    jobs = [job for job in read_jobs(JOBS_CSV) if job.stop_ms - job.start_ms > HOUR_MS]
    found = total = wrong = 0
    for seed in range(FIRST_SEED, FIRST_SEED + rounds):
        rng = Random(seed)
        chosen = set(rng.sample(range(len(jobs)), 10))
        rows: list[Signature] = []
        for n, job in enumerate(jobs):
            parts = 2 if n in chosen else 1
            for part in range(parts):
                lag = rng.randrange(60_000)
                rows.append(
                    signature(
                        f"{n}-{part}",
                        [job.start_ms + lag],
                        [job.stop_ms + lag],
                        hardware=job.gpu_model,
                        devices_max=job.gpus / parts,
                    )
                )
        scores = scored(rows)
        names = [{f"job/{n}-0/job", f"job/{n}-1/job"} for n in chosen]
        found += sum(together(each, scores, 0.5) for each in names)
        total += len(chosen)
        wrong += sum(1 for pair in scores if set(pair) not in names)
    yield (
        f"{len(jobs)} jobs over an hour, each a tenant's; ten a round cut over two tenants, no "
        f"image: {found} of {total} found, {wrong} other pairs linked in {rounds} rounds."
    )


def diaries() -> Iterator[str]:
    """Real restarts of one tenant, each a job of its own, among other tenants."""
    for title in TITLES:
        told = diary(title)
        rows = [
            signature(
                "lab",
                [int(s.begins.timestamp() * 1000)],
                [int(s.stops.timestamp() * 1000)],
                workload=f"job/lab/{s.number:03d}",
                image_ids=["own"],
                hardware="A100",
                devices_max=float(len(s.nodes) * told.accelerators_per_node),
            )
            for s in told.stretches
        ]
        scores = scored([*strangers(Random(1), 300), *rows])
        chain = [(one["workload"], other["workload"]) for one, other in pairwise(rows)]
        linked = sum(1 for pair in chain if pair in scores)
        yield f"{told.name}: {linked} of {len(chain)} restarts linked, a job id each, no data."


def main() -> None:
    """Print every table."""
    options = argparse.ArgumentParser()
    options.add_argument("--mlperf", type=Path)
    options.add_argument("--rounds", type=int, default=20)
    given = options.parse_args()
    for part in (cuts(given.rounds, 300), crowds(given.rounds), acme(given.rounds), diaries()):
        print("\n".join(part), end="\n\n")
    if given.mlperf is not None:
        print("\n".join(mlperf(given.mlperf, given.rounds)))


if __name__ == "__main__":
    main()
