"""What a person reads at the end of a command, in 80 columns: events, reports, findings, files.

Names come from customers, so they are printed as plain text: no markup, no control characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from detector.documents import operations_text, percent_text, printable
from detector.explain.text import MARK
from detector.report.document import Report
from detector.rules import Finding
from streams.replay import Result

#: Report versions listed on the screen; the files hold all.
ROWS_MAX: Final = 10
#: Characters of a name on the screen; the files hold all. An id is to be looked up, so it is
#: folded whole, up to a length that no sensible id has.
NAME_MAX: Final = 90
ID_MAX: Final = 1000
#: Columns of what is written where no terminal tells its own width.
WIDTH: Final = 80
SEVERITIES: Final = ("critical", "high", "medium", "low", "info")


def show_result(console: Console, result: Result, out: Path) -> None:
    """Print how the events fared, what was reported and found, and where the files are."""
    console.print(_events(result.summary))
    if result.summary["events_rejected"]:
        console.print("Rejected events stand in dead_letters.ndjson, each with its reason.\n")
    if result.versions:
        console.print(report_table([version.report for version in result.versions]))
    else:
        console.print("No report: nothing passed the threshold of a pack that reports.")
    if result.whole.findings:
        console.print(_findings(result.whole.findings))
    console.print(Text(f"Files are in {_plain(str(out))}"), soft_wrap=True)


def show_text(console: Console, text: str) -> None:
    """Print an explanation as it is written, with its headings bold where there is a terminal."""
    for line in text.splitlines():
        is_heading = line.startswith(MARK)
        shown = line.removeprefix(MARK) if console.is_terminal else line
        console.print(Text(shown, style="bold" if is_heading else ""), soft_wrap=True)


def console() -> Console:
    """Give the console of standard output; plain lines of WIDTH columns where it is no terminal."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=WIDTH, highlight=False)


def _table(title: str, leading: int = 0) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        leading=leading,
    )


def _events(summary: Mapping[str, Any]) -> Table:
    table = _table("Events")
    for name in ("read", "accepted", "duplicate", "rejected", "skipped", "seconds"):
        table.add_column(name, justify="right")
    counts = [summary[f"events_{name}"] for name in ("read", "accepted", "duplicate")]
    counts += [summary["events_rejected"], summary["events_skipped"]]
    table.add_row(*(f"{count:,}" for count in counts), f"{summary['wall_seconds']:.1f}")
    return table


def report_table(reports: Sequence[Report]) -> Table:
    """Three lines a report: what, who under which law, how much, known and due when, how sure."""
    table = _table("Reports (drafts: a person certifies and files)", leading=1)
    table.add_column("report", no_wrap=True)
    table.add_column("subject", overflow="fold")
    table.add_column("operations,\n90 % interval", justify="right", no_wrap=True)
    table.add_column("known, due,\npast the threshold", no_wrap=True)
    for report in reports[:ROWS_MAX]:
        table.add_row(*_report(report))
    if len(reports) > ROWS_MAX:
        table.caption = f"and {len(reports) - ROWS_MAX:,} more in reports.ndjson"
    return table


def _report(report: Report) -> tuple[Text, Text, Text, Text]:
    kind = report.kind if report.standing else "withdrawn"
    law = f"{report.policy_id} ({report.legal_status.replace('_', ' ')})"
    subject = _plain(report.subject_name or "") or _plain(report.subject_id, ID_MAX)
    figures = report.operations
    low, expected, high = map(operations_text, (figures.low, figures.expected, figures.high))
    dates = f"{report.knowledge_at:%Y-%m-%d %H:%M} UTC\ndue {report.due_on.isoformat()}"
    return (
        Text(f"{kind}\n{report.scope.replace('_', ' ')}\n{report.person_status}"),
        Text(f"{subject}\n{law}"),
        Text(f"{expected}\n{low}\nto {high}"),
        Text(f"{dates}\nprobability {percent_text(report.probability_crossed)}"),
    )


def _findings(findings: Sequence[Finding]) -> Table:
    table = _table("Findings")
    for name in ("severity", "rule", "subjects"):
        table.add_column(name, justify="right" if name == "subjects" else "left")
    counted = Counter((finding.severity, finding.rule_id) for finding in findings)
    for (severity, rule), number in sorted(
        counted.items(), key=lambda item: (SEVERITIES.index(item[0][0]), item[0][1])
    ):
        table.add_row(severity, rule, f"{number:,}")
    return table


def _plain(name: str, length_max: int = NAME_MAX) -> str:
    """Give a name without what could move a terminal's cursor, cut to so many characters."""
    shown = printable(name)
    return shown if len(shown) <= length_max else f"{shown[: length_max - 1]}…"
