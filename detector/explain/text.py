"""An explanation as plain text of 80 columns, for a terminal and for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from detector.documents import operations_text, printable
from detector.explain import glossary, held, phrases
from detector.explain.document import Explanation, Period, Range, Shown
from detector.ownership.tree import ownership_tree
from detector.report.words import count_words

COLUMNS: Final = 80
INDENT: Final = "  "
#: Heading lines begin with this; a terminal may print them bold.
MARK: Final = "== "


def render_text(explanation: Explanation) -> str:
    """Write the whole explanation; every section begins with a line that starts with MARK."""
    sections = (
        _head,
        _figures,
        _ladder,
        _training,
        _parts,
        _held,
        _timeline,
        _thresholds,
        _binding,
        _what_if,
        _who,
        _unseen,
        _made_with,
    )
    written = [list(section(explanation)) for section in sections]
    lines = [_clean(line) for section in written if section for line in (*section, "")]
    return "\n".join(lines)


def _clean(line: str) -> str:
    """Take out what could move a terminal's cursor: names come from customers."""
    plain = line.replace(glossary.UNBROKEN, " ")
    return printable(plain).rstrip()


def _prose(text: str, first: str = INDENT, rest: str = INDENT) -> list[str]:
    return wrap(
        text,
        COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _item(text: str) -> list[str]:
    return _prose(text, INDENT + "- ", INDENT + "  ")


def _table(rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset()) -> list[str]:
    """Lay rows out in columns, right-aligned but for those in ``left``."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        INDENT
        + "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _range(each: Range) -> tuple[str, str, str]:
    return operations_text(each.low), operations_text(each.expected), operations_text(each.high)


def _head(told: Explanation) -> Iterator[str]:
    yield f"{MARK}How this total came about: {glossary.SCOPES[told.scope]}"
    yield f"{INDENT}{told.subject_id}"
    if told.who.name is not None:
        yield f"{INDENT}{told.who.name}"
    yield from _prose(phrases.head(told))


def _figures(told: Explanation) -> Iterator[str]:
    figures = told.figures
    yield f"{MARK}The figures, as totals.csv shows them"
    yield from _table(
        [
            ("operations of", "low", "expected", "high"),
            ("training", *_range(figures.training_operations)),
            ("all work", *_range(figures.operations)),
            ("the hardware", "", operations_text(figures.hardware_operations_expected), ""),
            ("the peak", "", operations_text(figures.peak_operations), ""),
        ],
        left=frozenset({0}),
    )
    yield from _prose(phrases.figures_note(told))


def _ladder(told: Explanation) -> Iterator[str]:
    yield f"{MARK}From hours to operations"
    for step in phrases.ladder(told):
        yield from _item(step)
    rows = [("method", "speaks for", "decides", "low", "expected", "high")]
    for each in (each for each in told.methods if each.operations.high > 0):
        ratio = glossary.share_of(each.accelerator_hours, told.figures.metered_hours)
        decides = glossary.ratio_words(each.binding_ratio)
        rows.append((each.method, ratio, decides, *_range(each.operations)))
    if len(rows) > 1:
        yield ""
        yield from _table(rows, left=frozenset({0}))
    for note in phrases.basis_notes(told):
        yield from _item(note)
    for stated in told.openings:
        yield from _item(phrases.opening(stated))
    for line in told.declared:
        yield from _item(phrases.declared(line, told.figures.training_operations))


def _training(told: Explanation) -> Iterator[str]:
    yield f"{MARK}Is it training"
    yield from _prose(phrases.training(told))
    for line in told.runs.lines:
        yield ""
        yield f"{INDENT}{line.id}"
        yield from _prose(phrases.run(line), INDENT * 2, INDENT * 2)
        for reason in line.reasons:
            yield from _prose(reason, INDENT * 2 + "- ", INDENT * 3)
    yield from _others(told.runs, "runs")


def _others(shown: Shown, what: str) -> Iterator[str]:
    if shown.count > len(shown.lines):
        yield ""
        yield from _prose(phrases.others(shown, what))


def _parts(told: Explanation) -> Iterator[str]:
    yield f"{MARK}What it is made of"
    rows = [("hours", "peak operations", "accelerator")]
    for each in told.hardware:
        peak = operations_text(each.peak_operations) if each.peak_operations else "unknown"
        rows.append((count_words(each.accelerator_hours), peak, each.accelerator))
    if told.hardware:
        yield from _table(rows, left=frozenset({2}))
    if told.tenants.count > 1:
        yield ""
        shown = [("hours", "training", "all work", "tenant")]
        for line in told.tenants.lines:
            shown.append(
                (
                    count_words(line.accelerator_hours),
                    operations_text(line.training_operations.expected),
                    operations_text(line.operations.expected),
                    line.id,
                )
            )
        yield from _table(shown, left=frozenset({3}))
        yield from _others(told.tenants, "tenants")
    yield from _prose(phrases.summed(told))


def _held(told: Explanation) -> Iterator[str]:
    sentences = list(held.told(told))
    if sentences:
        yield f"{MARK}What holds it together"
    for sentence in sentences:
        yield from _item(sentence)


def _timeline(told: Explanation) -> Iterator[str]:
    """All sums in one unit, so that a column can be read downwards."""
    power = glossary.power_of_ten(told.figures.training_operations.high)
    yield f"{MARK}Over time, by {glossary.period_name(told.period_days)}"
    if not told.periods:
        yield from _prose("No hour was metered.")
        return
    yield from _prose(phrases.sums_words(told))
    head = ("from", "hours", "operations", "unmetered", "low", "expected", "high")
    yield from _table([head, *(_period(each, power) for each in told.periods)], frozenset({0}))


def _period(each: Period, power: int) -> tuple[str, str, str, str, str, str, str]:
    low, expected, high = (
        f"{sum_ / 10.0**power:.3f}"
        for sum_ in (each.cumulated.low, each.cumulated.expected, each.cumulated.high)
    )
    return (
        f"{each.start:%Y-%m-%d}",
        count_words(each.accelerator_hours),
        operations_text(each.operations.expected),
        glossary.ratio_words(each.unmetered_ratio),
        low,
        expected,
        high,
    )


def _thresholds(told: Explanation) -> Iterator[str]:
    yield f"{MARK}Thresholds"
    if not told.thresholds:
        yield from _prose("No threshold of the policies chosen is about this subject.")
    for each in told.thresholds:
        yield from _item(phrases.threshold(each))


def _binding(told: Explanation) -> Iterator[str]:
    yield f"{MARK}The assumption that binds"
    yield from _prose(phrases.binding(told))


def _what_if(told: Explanation) -> Iterator[str]:
    yield f"{MARK}What would change it"
    moving = [each for each in told.what_if if phrases.changes(told, each)]
    if moving:
        yield from _prose("Training operations, computed again as if")
    for each in moving:
        low, expected, high = _range(each.training_operations)
        yield from _item(f"{each.because}:")
        yield f"{INDENT * 2}{expected}, from {low} to {high}"
        for flip in each.flips:
            yield f"{INDENT * 2}it {flip}"
    if unchanged := phrases.unchanged(told):
        yield from _item(unchanged)


def _who(told: Explanation) -> Iterator[str]:
    yield f"{MARK}Who"
    for text in phrases.who(told):
        yield from _item(text)
    if told.who.ownership is not None:
        yield ""
        for line in ownership_tree(told.who.ownership, COLUMNS - len(INDENT)):
            yield f"{INDENT}{line}"


def _unseen(told: Explanation) -> Iterator[str]:
    yield f"{MARK}What was not seen"
    for text in told.unseen:
        yield from _item(text)


def _made_with(told: Explanation) -> Iterator[str]:
    provenance = told.provenance
    yield f"{MARK}Made with"
    yield f"{INDENT}{provenance.code}"
    yield f"{INDENT}policy {provenance.policy}"
    yield f"{INDENT}classifier {provenance.classifier or 'none: rules alone'}"
    for each in (*provenance.catalogues, *provenance.lists):
        yield f"{INDENT}{each}"
