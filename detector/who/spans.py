"""When anything about a subject changed: who held whom, who was the customer, what each was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from detector.facts import StatusFinding
from detector.who.graph import Link, OwnershipGraph
from detector.who.records import TenantHistory
from detector.who.status import combined

Span = tuple[datetime, datetime]
#: Stretches of work, ascending by their first instants; nothing is asked of the time between them.
Spans = tuple[Span, ...]


class Changes:
    """The instants from which something else holds of a record or of a tenant's customers."""

    def __init__(self, graph: OwnershipGraph, histories: Mapping[str, TenantHistory]) -> None:
        """Take what is known; what is worked out is kept."""
        self._graph, self._histories = graph, histories
        self._of_record: dict[str, list[datetime]] = {}
        self._of_tenants: dict[tuple[str, ...], list[datetime]] = {}

    def everywhere(self) -> list[datetime]:
        """Give the instants at which anything of anybody changes, ascending."""
        found = {held.valid_from for each in self._histories.values() for held in each.held}
        links = (link for each in self._graph.links_into.values() for link in each)
        return _ascending(found | _dates(links) | self._described(self._graph.described))

    def of_record(self, record_id: str) -> list[datetime]:
        """Give those of a record and of everybody behind it, ascending."""
        if record_id not in self._of_record:
            links = self._graph.links_behind(record_id)
            parties = {record_id, *(link.party_id for link in links if link.party_id)}
            self._of_record[record_id] = _ascending(_dates(links) | self._described(parties))
        return self._of_record[record_id]

    def of_tenants(self, tenants: tuple[str, ...]) -> list[datetime]:
        """Give those of the customers of some tenants, ascending."""
        if tenants not in self._of_tenants:
            known = (self._histories.get(each) for each in tenants)
            held = [each for history in known if history is not None for each in history.held]
            found = {each.valid_from for each in held}
            for record_id in {each.customer_record_id for each in held}:
                found |= set(self.of_record(record_id) if record_id is not None else ())
            self._of_tenants[tenants] = _ascending(found)
        return self._of_tenants[tenants]

    def _described(self, record_ids: Iterable[str]) -> set[datetime | None]:
        told = (self._graph.described.get(each, ())[1:] for each in record_ids)
        return {start for each in told for start, _ in each}


def inside(changes: Sequence[datetime], span: Span) -> tuple[int, int]:
    """Give which of the changes, ascending, lie inside a span, as first and last + 1."""
    first, last = span
    begin = bisect_right(changes, first)
    return begin, max(begin, bisect_left(changes, last))


def stretches(changes: Sequence[datetime], spans: Spans) -> dict[int, datetime]:
    """Give the stretches between changes in which spans lie: number -> first instant within.

    ``changes`` are ascending. A stretch that several spans share is given once.
    """
    found: dict[int, datetime] = {}
    for span in spans:
        begin, end = inside(changes, span)
        for number, at in enumerate([span[0], *changes[begin:end]], begin):
            found.setdefault(number, at)
    return found


def over_time(found: Sequence[tuple[datetime, StatusFinding]]) -> StatusFinding:
    """Give one status for work over several stretches of time, each told with its first instant.

    Work of which any part was done for a foreign person is foreign; else one stretch of which
    nobody knows leaves it open. Where stretches differ, reasons say from when on they hold.
    """
    changed = [found[0], *(b for a, b in zip(found, found[1:], strict=False) if a[1] != b[1])]
    if len(changed) == 1:
        return changed[0][1]
    return combined([_dated(*each) for each in changed])


def _dated(start: datetime, finding: StatusFinding) -> StatusFinding:
    when = f"From {start.date().isoformat()} on"
    return StatusFinding(finding.status, tuple(f"{when}: {each}" for each in finding.reasons))


def _dates(links: Iterable[Link]) -> set[datetime | None]:
    held = [link.interest for link in links]
    return {each.starts_at for each in held} | {each.ends_at for each in held}


def _ascending(instants: Iterable[datetime | None]) -> list[datetime]:
    return sorted({each for each in instants if each is not None})
