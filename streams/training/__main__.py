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

from detector.classifier.classify import Classifier
from detector.classifier.train import train
from streams.training import evaluate, page, power, simulated
from streams.training.outside import read_outside

ROOT: Final = Path(__file__).resolve().parents[2]
CLASSIFIER: Final = ROOT / "detector" / "classifier"
ARTEFACT: Final = CLASSIFIER / "artefact" / "classifier.skops"
MANIFEST: Final = CLASSIFIER / "artefact" / "manifest.json"
CARD: Final = CLASSIFIER / "artefact" / "CARD.md"
MEASURED: Final = CLASSIFIER / "measured" / "mlperf_power.csv"
PAGE: Final = ROOT / "docs" / "classifier.md"
SEED: Final = 20_261
WORKLOADS: Final = 5_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m streams.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of evaluation-only data sets")
    parser.add_argument("--derive", type=Path, help="folder of the MLPerf power series")
    given = parser.parse_args(arguments)
    for folder in (given.data, given.derive):
        if folder is not None and not folder.is_dir():
            parser.error(f"expected a folder, found none at {folder}")
    with threadpool_limits(limits=1):  # the rows are few: threads only wait for each other
        _run(given.data, given.derive)
    return 0


def labelled_rows() -> pl.DataFrame:
    """Give every row that is fitted on: simulated, and the shipped measured table."""
    measured = power.read_table(MEASURED.read_text("utf-8"))
    return pl.concat([simulated.rows(1, WORKLOADS), measured], how="diagonal")


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
    _write_page(labelled, classifier, len(artefact), data)


def _write_page(
    labelled: pl.DataFrame, classifier: Classifier, artefact_bytes: int, data: Path | None
) -> None:
    simulation = evaluate.on_simulation(classifier)
    sections = {
        "facts": page.facts(classifier.manifest, artefact_bytes),
        "simulation": page.table(simulation),
        "reliability": page.reliability(simulation[0]),
        "classes": page.classes(evaluate.class_counts(classifier)),
        "gangs": page.gangs(evaluate.by_allocation(classifier)),
        "disguises": page.table(evaluate.on_disguises(classifier)),
        "families": page.table(evaluate.without_family(labelled, classifier)),
        "systems": page.table(
            evaluate.without_system(labelled, classifier)
            + evaluate.without_measured(labelled, classifier)
        ),
    }
    if data is not None:
        sections["outside"] = page.table(evaluate.on_outside(read_outside(data), classifier))
    text = PAGE.read_text("utf-8")
    for mark, content in sections.items():
        text = page.put(text, mark, content)
    PAGE.write_text(text, "utf-8")
    CARD.write_text(_card(sections["facts"], sections["simulation"]), "utf-8")
    _say(f"wrote {PAGE.relative_to(ROOT)} and {CARD.relative_to(ROOT)}")


def _card(facts: str, scores: str) -> str:
    return (
        "# Classifier artefact\n\nSays whether a workload trains an AI model. Made by "
        "`make train`; what it was\nfitted to, its scores on data it was not fitted to and its "
        f"limits stand in\n`docs/classifier.md`.\n\n{facts}\n\nOn simulated workloads of other "
        f"seeds:\n\n{scores}\n"
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
