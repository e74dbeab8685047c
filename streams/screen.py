"""What a person reads at the end of a command: one table of events, one of reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from detector.documents import instant_text, operations_text
from detector.rules import Finding
from detector.versions import Version
from streams.replay import Result

#: Report versions listed on the screen; the files hold all.
ROWS_MAX = 20


def show_result(console: Console, result: Result, out: Path) -> None:
    """Print how the events fared, what was reported and found, and where the files are."""
    console.print(_events(result.summary))
    if result.versions:
        console.print(_reports(result.versions))
    else:
        console.print("No report: nothing passed the threshold of a pack that reports.")
    if result.whole.findings:
        console.print(_findings(result.whole.findings))
    console.print(f"Files are in {out}", soft_wrap=True, highlight=False)


def _events(summary: Mapping[str, Any]) -> Table:
    table = Table(title="Events", title_justify="left")
    for name in ("read", "accepted", "duplicate", "rejected", "skipped", "seconds"):
        table.add_column(name, justify="right")
    counts = [summary[f"events_{name}"] for name in ("read", "accepted", "duplicate")]
    counts += [summary["events_rejected"], summary["events_skipped"]]
    table.add_row(*(f"{count:,}" for count in counts), f"{summary['wall_seconds']:.1f}")
    return table


def _reports(versions: Sequence[Version]) -> Table:
    table = Table(title="Reports (drafts: a person certifies and files)", title_justify="left")
    for name in ("kind", "scope", "subject", "person", "law", "operations", "known", "due"):
        table.add_column(name, overflow="fold")
    for version in versions[:ROWS_MAX]:
        report = version.report
        table.add_row(
            report.kind if report.standing else f"{report.kind}, withdrawn",
            report.scope,
            report.subject_name or report.subject_id,
            report.person_status,
            f"{report.policy_id} ({report.legal_status.replace('_', ' ')})",
            operations_text(report.operations.expected),
            instant_text(report.knowledge_at),
            report.due_on.isoformat(),
        )
    if len(versions) > ROWS_MAX:
        table.caption = f"and {len(versions) - ROWS_MAX} more in reports.ndjson"
    return table


def _findings(findings: Sequence[Finding]) -> Table:
    table = Table(title="Findings", title_justify="left")
    for name in ("severity", "rule", "subjects"):
        table.add_column(name)
    order = ("critical", "high", "medium", "low", "info")
    counted = Counter((finding.severity, finding.rule_id) for finding in findings)
    for (severity, rule), number in sorted(
        counted.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
    ):
        table.add_row(severity, rule, str(number))
    return table
