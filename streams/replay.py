"""Files to files: the service's own line over a throw-away store, with knowledge from events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from detector.documents import json_line
from detector.meaning import Meaning
from detector.report.render import render_html
from detector.rules import explanations
from detector.versions import Version
from detector.whole import Whole
from streams.ahead import decoded_ahead
from streams.export import (
    begin_results,
    holding,
    summarise,
    write_completeness,
    write_documents,
    write_findings,
    write_links,
    write_summary,
    write_totals,
    write_whole,
)
from streams.heap import give_back
from streams.metrics import Metrics
from streams.packaged import templates
from streams.ports import Clock, Source
from streams.service import Options, Service
from streams.store import Reader, Store
from streams.throwaway import throwaway_folder
from streams.version import code_version


@dataclass(frozen=True)
class Plan:
    """How to replay: from when on events are skipped, and how many threads decode ahead."""

    as_of: datetime | None = None
    jobs: int = 1


DEFAULT_PLAN: Final = Plan()

#: Told after every batch: events and bytes since the last time.
Advance = Callable[[int, int], None]


@dataclass
class Result:
    """What a replay came to, for whoever started it."""

    summary: dict[str, Any]
    whole: Whole
    versions: list[Version] = field(default_factory=list)


def replay(
    source: Source,
    out: Path,
    meaning: Meaning,
    clock: Clock,
    advance: Advance,
    plan: Plan = DEFAULT_PLAN,
) -> Result:
    """Read a source to its end and write the contract's files to ``out``."""
    began = perf_counter()
    versions: list[Version] = []
    with holding(out), throwaway_folder() as folder:
        store = Store.open(folder / "store", durable=False)
        try:
            metrics = Metrics(clock.now, code_version())
            options = Options(follows_events=True, as_of=plan.as_of)
            service = Service(store, meaning, clock, metrics, options, versions.append)
            _read(source, service, advance, plan)
            give_back()
            whole = service.finish()
            summary = summarise(store.counts(), began, perf_counter())
            write_results(out, store, whole, versions, summary)
        finally:
            store.close()
    return Result(summary, whole, versions)


def _read(source: Source, service: Service, advance: Advance, plan: Plan) -> None:
    """Fold everything; nothing of the last batch is at hand any more when this returns."""
    source.start({})
    for batch, decoded in decoded_ahead(source, plan.jobs):
        outcome = service.fold(batch, decoded)
        read = sum(len(block.buffer) for block in batch.blocks)
        advance(outcome.counts.get(("events", "read"), 0), read)


def write_results(
    out: Path, store: Reader, whole: Whole, versions: list[Version], summary: dict[str, Any]
) -> None:
    """Write every output file; report pages for the versions whose facts are at hand."""
    begin_results(out)
    write_totals(out, whole.totals)
    write_completeness(out, whole.completeness)
    write_documents(out, store)
    write_links(out, whole.links)
    write_findings(out, (json_line(finding) for finding in whole.findings))
    write_pages(out, versions)
    write_summary(out, summary)


def write_pages(out: Path, versions: list[Version]) -> list[Path]:
    """Write one HTML page a report version; give their paths."""
    texts = templates()
    paths = []
    for version in versions:
        report = version.report
        path = out / f"{report.report_id}-v{report.version}.html"
        page = render_html(report, version.facts.curve, version.pack, texts, explanations())
        write_whole(path, [page.encode()])
        paths.append(path)
    return paths
