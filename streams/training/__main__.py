"""`make train`: fit the classifier, judge it on what it was not fitted to, write both down.

Needs nothing but this repository. With ``--data FOLDER`` it also scores the evaluation-only sets
that lie there; with ``--derive FOLDER`` it makes the shipped table of measured rows again first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl
from threadpoolctl import threadpool_limits

from detector.classifier.classify import load
from detector.classifier.manifest import library_versions, read_manifest
from detector.classifier.train import digest, train
from streams.training import page, power, simulated
from streams.training.evasion.cases import fitted_rows
from streams.training.judging import Judging

ROOT: Final = Path(__file__).resolve().parents[2]
CLASSIFIER: Final = ROOT / "detector" / "classifier"
ARTEFACT: Final = CLASSIFIER / "artefact" / "classifier.skops"
MANIFEST: Final = CLASSIFIER / "artefact" / "manifest.json"
CARD: Final = CLASSIFIER / "artefact" / "CARD.md"
MEASURED: Final = CLASSIFIER / "measured" / "mlperf_power.csv"
PAGE: Final = ROOT / "docs" / "classifier.md"
SEED: Final = 20_261
WORKLOADS: Final = 8_000
#: Trainings in each disguise, and what each weighs: all together about a tenth of the trainings.
DISGUISED: Final = 24
DISGUISED_SEED: Final = 50_000
DISGUISED_WEIGHT: Final = 0.4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m streams.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of evaluation-only data sets")
    parser.add_argument("--derive", type=Path, help="folder of the MLPerf power series")
    parser.add_argument("--judge", action="store_true", help="fit nothing: judge what is there")
    given = parser.parse_args(arguments)
    for folder in (given.data, given.derive):
        if folder is not None and not folder.is_dir():
            parser.error(f"expected a folder, found none at {folder}")
    with threadpool_limits(limits=1):  # the rows are few: threads only wait for each other
        if given.judge:
            _judge(given.data)
        else:
            _run(given.data, given.derive)
    return 0


def labelled_rows() -> pl.DataFrame:
    """Give every row that is fitted on: simulated, plain and disguised, and measured ones."""
    measured = measured_rows()
    hidden = fitted_rows(DISGUISED_SEED, DISGUISED).drop("workload", "case", "operations")
    rare = hidden.with_columns(weight=pl.col("weight") * DISGUISED_WEIGHT)
    invented = simulated.rows(1, WORKLOADS)
    return pl.concat([invented, rare, power.levelled(measured)], how="diagonal")


def measured_rows() -> pl.DataFrame:
    """Give the measured rows that ship, as they were measured."""
    return power.read_table(MEASURED.read_text("utf-8"))


def _run(data: Path | None, derive: Path | None) -> None:
    if derive is not None:
        MEASURED.parent.mkdir(exist_ok=True)
        MEASURED.write_text(power.write_table(power.derive(derive)), "utf-8")
        _say(f"wrote {MEASURED.relative_to(ROOT)}")
    labelled = labelled_rows()
    _say(f"{labelled.height} labelled rows")
    classifier, artefact = train(labelled, SEED)
    ARTEFACT.parent.mkdir(exist_ok=True)
    ARTEFACT.write_bytes(artefact)
    MANIFEST.write_text(classifier.manifest.model_dump_json(indent=2) + "\n", "utf-8")
    _say(f"wrote {ARTEFACT.relative_to(ROOT)}, {len(artefact):,} bytes")
    _write_page(Judging(classifier, labelled, measured_rows(), len(artefact), data))


def _judge(data: Path | None) -> None:
    """Judge the artefact that is there."""
    artefact = ARTEFACT.read_bytes()
    facts = read_manifest(MANIFEST.read_text("utf-8"), MANIFEST.name)
    classifier = load(facts, artefact, library_versions())
    labelled = labelled_rows()
    if digest(labelled) != facts.training_data_sha256:
        _say("the artefact was fitted to other rows than these; run `make train` to fit it again")
    _write_page(Judging(classifier, labelled, measured_rows(), len(artefact), data))


def _write_page(judging: Judging) -> None:
    """Put each section into the page as it is done, then the card and the pictures."""
    written = {}
    for mark, content in judging.sections():
        written[mark] = content
        PAGE.write_text(page.put(PAGE.read_text("utf-8"), mark, content), "utf-8")
        _say(f"wrote {mark} into {PAGE.relative_to(ROOT)}")
    for name, picture in judging.plots().items():
        (PAGE.parent / name).write_text(picture, "utf-8")
    CARD.write_text(page.card(written), "utf-8")
    _say(f"wrote {CARD.relative_to(ROOT)}")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
