"""The ownership graph behind the customers of a subject, as a document that can be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from detector.ownership.chart import ChartParty, OwnershipChart
from detector.policy.tables import CountryTable
from detector.who.chart_edges import marks_of, record_node, stakes, unknowns
from detector.who.deciding import (
    NOBODY,
    Chain,
    headquarters_chains,
    listed_chains,
    owner_chains,
    status_chains,
)
from detector.who.graph import Link, OwnershipGraph, Party
from detector.who.interests import RANK, Certainty
from detector.who.ownership import owners
from detector.who.places import (
    address_country,
    code_of,
    headquarters_place,
    is_government,
    nationalities,
    own_status,
    unspecified_reason,
)


@dataclass(frozen=True)
class Asked:
    """Whom a chart is about, over the time of the work and at the instant of the assessment.

    ``customers``: the BODS records that each tenant had as its customer. ``owner_id``: the owner
    whose sum is taken, None where the subject is no owner. ``decided_at``: instants of the work at
    which the person status held that the whole has; empty for the instant of the assessment.
    """

    customers: Mapping[str, tuple[str, ...]]
    owner_id: str | None
    span: tuple[datetime, datetime]
    at: datetime
    decided_at: tuple[datetime, ...] = ()

    @property
    def judged_at(self) -> tuple[datetime, ...]:
        """The instants at which status and headquarters are looked at."""
        return self.decided_at or (self.at,)


def ownership_chart(
    graph: OwnershipGraph,
    asked: Asked,
    table: CountryTable,
    listed: Mapping[str, Certainty] = NOBODY,
) -> OwnershipChart | None:
    """Chart what stands behind the customers of a subject; None where no customer is on file.

    An interest is shown where it held at any time of the work, or holds at the instant asked for.
    ``listed`` says which records screening took for listed parties.
    """
    records = sorted({each for found in asked.customers.values() for each in found})
    if not records:
        return None
    links = {
        link
        for record_id in records
        for link in graph.links_behind(record_id)
        if _is_shown(link, asked)
    }
    marks = marks_of(
        chain for record_id in records for chain in _chains(record_id, graph, asked, table, listed)
    )
    edges = stakes(links, asked.at, marks, asked.judged_at)
    ends = {end for link in links for end in (link.party_id, link.subject_id) if end is not None}
    named = sorted({*records, *ends})
    described = [graph.party(each, asked.at) for each in named]
    silent = [p.record_id for p in described if p.kind != "person" and not is_government(p)]
    boxes = list(unknowns(links, edges, silent, marks))
    owned = _owned(records, graph, asked.at)
    parties = [
        _party(graph.party(each, asked.at), asked, table).model_copy(
            update={
                "listed": listed.get(each, "no"),
                "decides": marks.get((record_node(each),), ()),
                **owned.get(each, {}),
            }
        )
        for each in named
    ]
    return OwnershipChart(
        at=asked.at,
        parties=(*parties, *(box for box, _ in boxes)),
        edges=(*edges, *(edge for _, edge in boxes if edge is not None)),
    )


def _is_shown(link: Link, asked: Asked) -> bool:
    first, last = asked.span
    start, end = link.interest.starts_at, link.interest.ends_at
    in_work = (start is None or start < last) and (end is None or end > first)
    return in_work or link.holds_at(asked.at)


def _chains(
    record_id: str,
    graph: OwnershipGraph,
    asked: Asked,
    table: CountryTable,
    listed: Mapping[str, Certainty],
) -> Iterator[Chain]:
    for at in asked.judged_at:
        yield from status_chains(record_id, graph, at, table)
        yield from headquarters_chains(record_id, graph, at, table)
    if listed:
        yield from listed_chains(record_id, graph.links_behind(record_id), asked.at, listed)
    if asked.owner_id is not None:
        yield from owner_chains(record_id, graph, asked.owner_id, asked.span)


def _owned(
    records: Sequence[str], graph: OwnershipGraph, at: datetime
) -> Mapping[str, Mapping[str, Any]]:
    """Give how sure each party is an owner, and its share in the first customer it owns."""
    found: dict[str, dict[str, Any]] = {}
    for record_id in records:
        for held in owners(graph, record_id):
            if not held.holds_at(at) or held.is_below_test:
                continue
            shares = {"share_low": held.share_min, "share_high": held.share_max}
            known = found.setdefault(held.owner_id, {"owns": "no", **shares})
            known["owns"] = max(known["owns"], held.is_owner, key=RANK.__getitem__)
    return found


def _party(party: Party, asked: Asked, table: CountryTable) -> ChartParty:
    details = party.details
    is_person = party.kind == "person"
    place = None if is_person else headquarters_place(party)
    country = None if place is None else table.country(place[0])
    return ChartParty(
        id=record_node(party.record_id),
        record_id=party.record_id,
        kind=party.kind,
        name=party.name,
        headquarters=None if place is None else place[0],
        headquarters_country=country,
        headquarters_read_from=None if place is None else place[1],
        jurisdiction=code_of(details.get("jurisdiction")),
        nationalities=nationalities(details),
        residence=address_country(details, "residence") if is_person else None,
        country_groups=_groups(country, asked.at, table),
        named_beside=None if country is None else table.named_beside_group.get(country),
        person_status=own_status(party, table).status,
        reason=unspecified_reason(party),
        customer_of=tuple(
            sorted(tenant for tenant, ids in asked.customers.items() if party.record_id in ids)
        ),
    )


def _groups(country: str | None, at: datetime, table: CountryTable) -> tuple[str, ...]:
    if country is None:
        return ()
    names = sorted({group.id for group in table.groups})
    return tuple(name for name in names if table.is_member(country, name, at.date()))
