"""What the evaluation came to, as tables and a picture for ``docs/evasion.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detector.calibration.svg import Range, ranges
from streams.simulation.evasion import sheets
from streams.training.evasion.line import Told
from streams.training.evasion.recall import COST_RATIO, FALSE_ALARM_RATIO, VIEWS, Recall, worst
from streams.training.tables import markdown_table

GOAL_RATIO: Final = 0.9
#: Views that are drawn.
DRAWN: Final = ("all counters", "power alone")


def disguises() -> str:
    """Write what each disguise hides, and from whom."""
    rows = ((_words(name), sheet.hides, sheet.from_whom) for name, sheet in sheets().items())
    return markdown_table(("disguise", "hides", "from whom"), rows, words=(0, 1, 2))


def recalls(lines: Sequence[Recall]) -> str:
    """Write one row a disguise and strength: cost, pieces, share found by each view."""
    columns = ("disguise", "strength", "extra computing", "pieces", "cases", *VIEWS)
    return markdown_table(columns, map(_recall, lines))


def verdict(lines: Sequence[Recall]) -> str:
    """Name the worst disguise of each view, and every one under the goal at what it may cost."""
    return "\n".join(_verdict(lines, view) for view in VIEWS)


def told(lines: Sequence[Told]) -> str:
    """Write what the whole line says of each disguised training."""
    columns = (
        *("disguise", "strength", "extra computing", "expected over true"),
        *("report", "findings"),
    )
    rows = (
        (
            *(_words(each.disguise), f"{each.strength:.2f}", _extra(each.cost)),
            *(f"{each.seen:.2f}", _listed(each.reports), _listed(each.findings)),
        )
        for each in lines
    )
    return markdown_table(columns, rows, words=(0, 4, 5))


def outcome(lines: Sequence[Told]) -> str:
    """Count reports, findings alone, and silence; name what beats the line."""
    hidden = [each for each in lines if each.disguise != "none"]
    reported = [each for each in hidden if each.reports]
    found = [each for each in hidden if not each.reports and each.findings]
    silent = [each for each in hidden if not each.reports and not each.findings]
    lowest = min(hidden, key=lambda each: each.seen)
    return "\n".join(
        [
            f"- Of {len(hidden)} disguised trainings, {len(reported)} are reported, {len(found)} "
            f"more have a finding of medium severity or higher, {len(silent)} neither.",
            f"- Findings alone: {_named(found)}.",
            f"- Neither: {_named(silent)}.",
            f"- Counted least: {_words(lowest.disguise)} at strength {lowest.strength:.2f}, "
            f"{lowest.seen:.2f} of the true operations.",
        ]
    )


def picture(lines: Sequence[Recall]) -> str:
    """Draw the share found at the strongest affordable strength, with and without counters."""
    best = {line.disguise: line for line in lines if line.is_affordable}
    rows = [
        Range(f"{_words(name)}, {view}", found.low, found.estimate, found.high, series)
        for name, line in best.items()
        for series, view in enumerate(DRAWN)
        for found in [line.found[view]]
    ]
    return ranges(
        f"Found by a classifier that never saw the disguise, at up to {COST_RATIO:.0%} extra cost",
        f"share found at {FALSE_ALARM_RATIO:.0%} false positives, 95 % interval",
        rows,
        [(tick / 4, f"{tick / 4:.2f}") for tick in range(5)],
    )


def _recall(line: Recall) -> tuple[object, ...]:
    cells = (
        f"{each.estimate:.2f} ({each.low:.2f} to {each.high:.2f})" for each in line.found.values()
    )
    affordable = "" if line.is_affordable else " (over budget)"
    return (
        *(_words(line.disguise), f"{line.strength:.2f}{affordable}", _extra(line.cost)),
        *(f"{line.pieces:.0f}", line.count, *cells),
    )


def _verdict(lines: Sequence[Recall], view: str) -> str:
    low = worst(lines, view)
    below = {
        line.disguise: line.found[view].estimate
        for line in lines
        if line.is_affordable and line.disguise != "none"
        if line.found[view].estimate < GOAL_RATIO
    }
    named = ", ".join(f"{_words(name)} ({share:.2f})" for name, share in below.items())
    return (
        f"- {view}: the worst is {_words(low.disguise)}, {low.found[view].estimate:.2f} at "
        f"strength {low.strength:.2f} and {_extra(low.cost)} extra computing. "
        f"Under {GOAL_RATIO:.0%}: {named or 'none'}."
    )


def _named(lines: Sequence[Told]) -> str:
    return ", ".join(f"{_words(e.disguise)} ({e.strength:.2f})" for e in lines) or "none"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _extra(cost: float) -> str:
    """Give a cost in percent; what rounds to nothing has no sign."""
    return f"{round(cost, 2) + 0.0:.0%}"
