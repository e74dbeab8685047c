"""Every score that the page of the classifier shows: a section a function, in the page's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from detector.calibration.svg import curves
from detector.classifier.classify import Classifier, class_probabilities, matrix, probabilities
from detector.classifier.fitting import rows_of
from detector.classifier.kinds import CLASS_WORDS, CLASSES
from detector.classifier.scores import calibration_error
from streams.training import confounds, evaluate, leave_out, levels, page, simulated
from streams.training.cadences import by_cadence
from streams.training.outside import read_outside
from streams.training.power import SOURCE
from streams.training.shift import Shifted, under_shift

#: What real series are left out by.
LEFT_OUT = ("vendor", "accelerator")


@dataclass(frozen=True)
class Judging:
    """A classifier, the rows it was fitted to, those of them that ship as they were measured.

    ``data``: the folder of evaluation-only sets, if any.
    """

    classifier: Classifier
    labelled: pl.DataFrame
    measured: pl.DataFrame
    artefact_bytes: int
    data: Path | None

    @cached_property
    def test(self) -> pl.DataFrame:
        """Simulated workloads of another seed."""
        return simulated.rows(evaluate.TEST_SEED, evaluate.TEST_COUNT)

    @cached_property
    def outside(self) -> dict[str, pl.DataFrame]:
        """The evaluation-only sets."""
        return {} if self.data is None else read_outside(self.data)

    @cached_property
    def shifts(self) -> list[Shifted]:
        """The fully metered rows of the test, at every strength of a shift."""
        metered = pl.col("tensor_active_mean").is_not_null()
        return under_shift(self.test.filter(metered), self.classifier)

    def sections(self) -> Iterator[tuple[str, str]]:
        """Give the mark and the text of every section that can be written, cheapest first."""
        simulation = evaluate.on_simulation(self.test, self.classifier)
        yield "facts", page.facts(self.classifier.manifest, self.artefact_bytes)
        yield "simulation", page.table(simulation)
        yield "reliability", page.reliability(simulation[0])
        yield "calibration", page.calibration(self._calibration())
        yield "classes", page.classes(evaluate.class_counts(self.test, self.classifier))
        yield "gangs", page.gangs(evaluate.by_allocation(self.classifier))
        yield "shift", page.shifts(self.shifts)
        if self.data is not None:
            lines = evaluate.on_outside(self.outside, self.classifier)
            yield "outside", page.table(lines)
            yield from self._left_out(self.data)
        yield "cadences", page.cadences(by_cadence(self.classifier))
        yield "families", page.table(evaluate.without_family(self.labelled, self.classifier))

    def plots(self) -> Mapping[str, str]:
        """Give the pictures beside the page, as SVG by file name."""
        lines = {
            title: _tenths(rows, self.classifier)
            for title, rows in (
                ("as metered", self.test),
                ("allocation alone", evaluate.only(self.test, ())),
            )
        }
        strongest = max(each.strength for each in self.shifts)
        spans = [(each.strength / strongest, each) for each in self.shifts]
        shift = {
            "abstained": [(at, each.abstained) for at, each in spans],
            "answered and wrong": [(at, each.wrong) for at, each in spans],
            "wrong if nobody abstained": [(at, each.wrong_unasked) for at, each in spans],
        }
        return {
            "classifier-reliability.svg": curves(
                "Are the probabilities right?", "probability told", "share that trains", lines
            ),
            "classifier-shift.svg": curves(
                "Abstention before error",
                f"strength of the shift, 1 = {strongest:g}",
                "share of workloads",
                shift,
            ),
        }

    def _calibration(self) -> Iterator[tuple[str, int, float]]:
        silent = evaluate.only(self.test, ())
        for title, rows in (("training, as metered", self.test), ("by allocation alone", silent)):
            likely = probabilities(matrix(rows), self.classifier.estimator)
            truth = rows["is_training"].to_numpy()
            yield title, len(truth), calibration_error(likely, truth)
        own = rows_of(self.test)
        told = class_probabilities(own.values, self.classifier)
        for place, name in enumerate(CLASSES):
            error = calibration_error(told[:, place], own.classes == place)
            yield f"class: {CLASS_WORDS[name]}", len(told), error

    def _left_out(self, data: Path) -> Iterator[tuple[str, str]]:
        invented = self.labelled.filter(pl.col("source") != SOURCE)
        real = leave_out.real_rows(self.measured, self.outside)
        facts = self.classifier.manifest
        band = (facts.abstain_low, facts.abstain_high)
        judged = {}
        for by in LEFT_OUT:
            judged[by] = leave_out.judged_without(real, invented, by, facts.seed)
            yield by, page.qualities(leave_out.qualities(judged[by], band))
        found = confounds.areas(real, invented, judged, facts.seed)
        yield "confounds", confounds.table(found)
        yield "levels", levels.table(levels.power_levels(real, data))


def _tenths(rows: pl.DataFrame, classifier: Classifier) -> list[tuple[float, float]]:
    likely = probabilities(matrix(rows), classifier.estimator)
    place = np.minimum((likely * 10).astype(int), 9)
    truth = rows["is_training"].to_numpy()
    return [
        (float(likely[place == n].mean()), float(truth[place == n].mean()))
        for n in range(10)
        if (place == n).any()
    ]
