"""Scores as Markdown tables, put between the marks of a page that people wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

import numpy as np

from detector.classifier.kinds import CLASSES
from detector.classifier.manifest import Manifest
from detector.classifier.scores import Scores
from streams.training.cadences import Read
from streams.training.evaluate import Line
from streams.training.intervals import Span
from streams.training.leave_out import Quality
from streams.training.shift import Shifted
from streams.training.tables import markdown_table

_JUDGED: Final = (
    *("judged", "n", "training", "abstained", "right"),
    *("false alarms", "missed", "accuracy", "Brier"),
)


def table(lines: Iterable[Line]) -> str:
    """Write one row a line. ``right``: of those answered; ``missed``: called not training."""
    return markdown_table(_JUDGED, map(_row, lines))


def reliability(line: Line) -> str:
    """Write what the probabilities were worth, by tenths."""
    rows = ((f"{mean:.2f}", f"{share:.2f}", n) for mean, share, n in line.scores.reliability)
    return markdown_table(("mean probability", "share that trains", "n"), rows, words=())


def classes(counts: np.ndarray) -> str:
    """Write how many of each class were taken for which, and what share was right."""
    rows = (
        (name, *row, f"{row[place] / row.sum():.2f}")
        for place, (name, row) in enumerate(zip(CLASSES, counts, strict=True))
    )
    return markdown_table(("truly", *CLASSES, "right"), rows)


def qualities(rows: Iterable[Quality]) -> str:
    """Write how well each vendor's or accelerator's series were told apart, beside a forest."""
    columns = (
        *("left out", "rows", "runs", "train", "AUC", "AUC of the forest"),
        *("right", "right, the forest", "answered", "right of those"),
        *("AUC, 95 % of draws", "AUC less the forest's"),
    )
    cells = (
        (
            *(row.title, row.row_count, f"{row.run_count:.0f}", f"{row.training_ratio:.2f}"),
            *(_share(row.auc), _share(row.auc_forest), f"{row.right:.3f}"),
            *(f"{row.right_forest:.3f}", f"{row.answered:.2f}", _share(row.right_answered)),
            *(("", "") if row.spans is None else map(_span, row.spans)),
        )
        for row in rows
    )
    return markdown_table(columns, cells)


def cadences(rows: Iterable[Read]) -> str:
    """Write how well the same work was judged at every cadence."""
    columns = (
        *("read every", "n", "training", "abstained", "accuracy", "AUC", "Brier"),
        "distance from the finest",
    )
    cells = (
        (
            *(row.cadence, row.scores.row_count, row.scores.training_count),
            *(row.scores.abstained_count, _share(row.scores.accuracy), f"{row.auc:.3f}"),
            *(f"{row.scores.brier:.3f}", f"{row.distance:.3f}"),
        )
        for row in rows
    )
    return markdown_table(columns, cells)


def shifts(rows: Iterable[Shifted]) -> str:
    """Write shares of the rows at every strength of a shift."""
    columns = (
        *("strength", "n", "abstained", "of these as unlike", "answered and wrong"),
        *("wrong if nobody abstained", "calibration error"),
    )
    cells = (
        (
            *(f"{row.strength:g}", row.row_count, f"{row.abstained:.3f}", f"{row.unlike:.3f}"),
            *(f"{row.wrong:.3f}", f"{row.wrong_unasked:.3f}", f"{row.calibration_error:.3f}"),
        )
        for row in rows
    )
    return markdown_table(columns, cells, words=())


def calibration(rows: Iterable[tuple[str, int, float]]) -> str:
    """Write the expected calibration error of each set: (title, rows, error)."""
    cells = ((title, count, f"{error:.3f}") for title, count, error in rows)
    return markdown_table(("judged", "n", "expected calibration error"), cells)


def _span(span: Span) -> str:
    return f"{span.low:.3f} to {span.high:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def gangs(rows: Iterable[tuple[int, float, float, float]]) -> str:
    """Write what the classifier says of allocations without counters."""
    columns = ("accelerators", "after 1 day", "after 5 days", "after 30 days")
    cells = ((f"{n:,}", *(f"{each:.2f}" for each in likely)) for n, *likely in rows)
    return markdown_table(columns, cells, words=())


def facts(manifest: Manifest, artefact_bytes: int) -> str:
    """Write what the artefact is."""
    sources = _listed(manifest.training_sources)
    libraries = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    held_out = manifest.metrics
    return "\n".join(
        [
            f"- Rows fitted on: {manifest.training_row_count} ({sources}); "
            f"{manifest.base_rate:.0%} of them training; seed {manifest.seed}.",
            f"- By class: {_listed(manifest.training_classes)}. On held-out folds the likeliest "
            f"class is the right one in {held_out['cross_validated_class_accuracy']:.3f}.",
            f"- Abstains strictly between {manifest.abstain_low} and {manifest.abstain_high}.",
            f"- On held-out folds of those rows: Brier {held_out['cross_validated_brier']}, "
            f"accuracy {held_out['cross_validated_accuracy']:.3f} of those answered, abstained "
            f"{held_out['cross_validated_abstained_ratio']:.3f}.",
            f"- Artefact: {artefact_bytes:,} bytes; {libraries}.",
        ]
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def card(sections: Mapping[str, str]) -> str:
    """Write the model card that lies beside the artefact, from the sections of the page."""
    text = resources.files(__package__).joinpath("card.md").read_text("utf-8")
    return text.format(**{mark: sections[mark] for mark in ("facts", "simulation", "calibration")})


def put(text: str, mark: str, content: str) -> str:
    """Replace what stands between ``<!-- mark: begin -->`` and ``<!-- mark: end -->``."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"expected the marks {begin!r} and {end!r} once each in the page")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def _row(line: Line) -> tuple[object, ...]:
    given: Scores = line.scores
    right = given.true_positive + given.true_negative
    return (
        *(line.title, given.row_count, given.training_count, given.abstained_count, right),
        *(given.false_positive, given.false_negative, _share(given.accuracy)),
        f"{given.brier:.3f}",
    )
