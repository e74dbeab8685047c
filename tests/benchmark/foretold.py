"""How well forecasts came true: campaigns cut off at some instant, held against what followed.

Run: ``python -m tests.benchmark.foretold [--mlperf runs.csv.gz]``. Prints the table of
docs/forecast.md. Growth is device time exact to the millisecond, so the doubt about operations is
out of it: what is measured is the forecast of the pace alone.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from scipy.stats import beta

from detector.facts import Curve, Interval, SubjectFacts
from detector.thresholds.pace import NONE, arrival, crossed_within, pace
from examples.acme_llm_cluster.jobs import JOBS_CSV, read_jobs
from examples.mlperf_training.runs import read_runs
from tests.support.subjects import MARCH, limits, subject

LIMITS: Final = limits().forecast
HORIZON: Final = timedelta(days=LIMITS.horizon_days)
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
#: A threshold lies so many times above what was done; twenty cuts of a series at most.
MULTIPLES: Final = (1.25, 1.5, 2.0, 4.0)
CUTS: Final = 20
SPAN_DAYS_MIN: Final = 10.0
SIMULATED: Final = 30

#: So many devices from the first to the second instant, in hours.
Piece = tuple[float, float, float]


@dataclass(frozen=True)
class Series:
    """What a campaign had done by each instant: hours since its start, device-hours."""

    name: str
    at: tuple[float, ...]
    done: tuple[float, ...]

    def done_by(self, hour: float) -> float:
        """Give the device-hours until an hour."""
        return float(np.interp(hour, self.at, self.done))

    def reaches(self, amount: float) -> float | None:
        """Give the hour by which an amount is done; None where it never is."""
        return float(np.interp(amount, self.done, self.at)) if amount <= self.done[-1] else None


@dataclass(frozen=True)
class Case:
    """One threshold seen from one instant: what was foretold, and what came."""

    series: str
    share_of_span: float
    came_after: timedelta | None
    seen_for: timedelta
    earliest: timedelta | None
    likely: timedelta | None
    latest: timedelta | None
    probability: float


def series(name: str, pieces: Sequence[Piece]) -> Series:
    """Add up pieces of work."""
    steps = sorted([(a, n) for a, _, n in pieces] + [(b, -n) for _, b, n in pieces])
    at, done, devices = [steps[0][0]], [0.0], 0.0
    for hour, change in steps:
        if hour > at[-1]:
            done.append(done[-1] + devices * (hour - at[-1]))
            at.append(hour)
        devices += change
    return Series(name, tuple(each - at[0] for each in at), tuple(done))


def acme() -> list[Series]:
    """Give the Acme campaign."""
    jobs = read_jobs(JOBS_CSV)
    return [series("acme", [(j.start_ms / 3.6e6, j.stop_ms / 3.6e6, j.gpus) for j in jobs])]


def mlperf(path: Path) -> dict[str, list[Series]]:
    """Give what each submitter did for each round of MLPerf Training, by round."""
    pieces: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for run in read_runs(path, llm_only=False):
        devices = run.nodes * run.accelerators_per_node
        place = (run.run_id.split("|")[0], run.submitter)
        if devices and run.stop_ms > run.start_ms:
            pieces[place].append((run.start_ms / 3.6e6, run.stop_ms / 3.6e6, devices))
    rounds: dict[str, list[Series]] = defaultdict(list)
    for (round_, submitter), each in sorted(pieces.items()):
        rounds[round_].append(series(f"{round_}|{submitter}", each))
    return rounds


def simulated(seed: int = 1) -> list[Series]:
    """Give campaigns of phases of about ten days, on a quarter to the whole of the devices.

    They last 20 to 200 days; one phase in eight is a pause, and a day in ten is lost to restarts.
    """
    rng = np.random.default_rng(seed)
    return [_campaign(f"simulated-{number}", rng) for number in range(SIMULATED)]


def _campaign(name: str, rng: np.random.Generator) -> Series:
    span = 24 * 20 * 10 ** float(rng.random())
    hour, pieces = 0.0, list[Piece]()
    while hour < span:
        phase = min(span - hour, float(rng.exponential(240.0)) + 6.0)
        devices = 1024 * 4 ** -float(rng.random())
        if not pieces or rng.random() > 0.125:
            pieces.append((hour, hour + phase * (1 - 0.2 * float(rng.random())), devices))
        hour += phase
    return series(name, pieces)


def cases(one: Series) -> Iterator[Case]:
    """Cut a series at even steps from the least history on, and ask for each multiple."""
    span = one.at[-1]
    first = LIMITS.history_days_min * 24.0
    for cut in np.arange(first, span - 24.0, max(24.0, span / CUTS)):
        facts = _facts(one, float(cut))
        going = pace(facts, LIMITS)
        if going is None:
            continue
        seen_for = (span - cut) * HOUR
        for multiple in MULTIPLES:
            limit = facts.training.expected * multiple
            hour = one.reaches(limit)
            found = arrival(facts, going, limit, HORIZON)
            yield Case(
                one.name,
                float(cut) / span,
                None if hour is None else (hour - cut) * HOUR,
                seen_for,
                found.earliest,
                found.likely,
                found.latest,
                crossed_within(facts, going, limit, [seen_for])[seen_for],
            )


def _facts(one: Series, cut: float) -> SubjectFacts:
    edges = [*np.arange(0.0, cut, 1.0), cut]
    done = [one.done_by(edge) for edge in edges]
    grown = [place for place in range(1, len(edges)) if done[place] > done[place - 1]]
    sums = tuple(done[place] for place in grown)
    curve = Curve(
        ends=tuple(_instant(edges[place]) for place in grown),
        low=sums,
        expected=sums,
        high=sums,
        starts=tuple(_instant(edges[place - 1]) for place in grown),
    )
    whole = Interval(sums[-1], sums[-1], sums[-1])
    last = curve.ends[-1]
    return subject(
        curve=curve, training=whole, first_start=MARCH, last_end=last, as_of=_instant(cut)
    )


def _instant(hour: float) -> datetime:
    return MARCH + hour * HOUR


def row(name: str, found: Sequence[Case]) -> str:
    """Give one row of the table."""
    came = [(case, case.came_after) for case in found if case.came_after is not None]
    early = sum(case.earliest is None or at < case.earliest for case, at in came)
    late = sum(case.latest is not None and at > case.latest for case, at in came)
    inside = len(came) - early - late
    never = [case for case in found if case.came_after is None]
    wrong = sum(case.latest is not None and case.latest < case.seen_for for case in never)
    errors = [abs(math.log10(case.likely / at)) for case, at in came if case.likely and at > NONE]
    outcomes = [(case.probability, float(case.came_after is not None)) for case in found]
    brier = sum((chance - fact) ** 2 for chance, fact in outcomes) / len(outcomes)
    rate = len(came) / len(found)
    names = len({case.series for case in found})
    return (
        f"| {name} | {names} | {len(found)} | {len(came)} | {inside} = {inside / len(came):.0%}"
        f" ({_bounds(inside, len(came))}) | {early} / {late} | {wrong} of {len(never)} |"
        f" {10 ** median(errors):.1f} x | {brier:.3f} / {rate * (1 - rate):.3f} |"
    )


def _bounds(inside: int, count: int) -> str:
    """Give the exact binomial 95 % interval of a share."""
    low = 0.0 if inside == 0 else float(beta.ppf(0.025, inside, count - inside + 1))
    high = 1.0 if inside == count else float(beta.ppf(0.975, inside + 1, count - inside))
    return f"{low:.0%} to {high:.0%}"


def table(sets: Mapping[str, Sequence[Case]]) -> str:
    """Give the table of docs/forecast.md."""
    head = (
        "| series | campaigns | cases | crossed | inside the interval (95 %) | early / late |"
        " latest refuted | likely, off by | Brier / base |\n|" + "---|" * 9
    )
    return "\n".join([head, *(row(name, found) for name, found in sets.items() if found)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlperf", type=Path, help="runs.csv.gz of MLPerf Training")
    asked = parser.parse_args(arguments)
    campaign = [case for one in acme() for case in cases(one)]
    sets = {
        "Acme, cut in its first half": [c for c in campaign if c.share_of_span < 0.5],
        "Acme, cut in its second half": [c for c in campaign if c.share_of_span >= 0.5],
        "simulated": [case for one in simulated() for case in cases(one)],
    }
    if asked.mlperf is not None:
        for round_, several in mlperf(asked.mlperf).items():
            long = [one for one in several if one.at[-1] >= SPAN_DAYS_MIN * 24]
            sets[f"MLPerf {round_}"] = [case for one in long for case in cases(one)]
    print(table(sets))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
