"""What the packs' tests of listed owners say of a record: the 50 % rule held against lists.

Screening says who is listed (``detector.who.listed``); a pack says which lists count and from
which share on. Both are dated, so the answer is worked out at an instant from what was known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import partial
from typing import Final

from detector.facts import ListedOwnership
from detector.policy.model import ListedOwnerTest, Pack
from detector.policy.tables import CountryTable
from detector.who.four_tests import owned_by_listed
from detector.who.graph import Link, OwnershipGraph
from detector.who.listed import (
    NOTHING_LISTED,
    DatedListings,
    ListedParties,
    listed_on,
    listings_on,
)
from detector.who.places import own_status

#: Finds who in a graph is on which list. It is asked once for each state of the records.
FindListed = Callable[[OwnershipGraph], DatedListings]


def nobody_listed(_graph: OwnershipGraph) -> DatedListings:
    """Find nobody: what holds without screening lists."""
    return NOTHING_LISTED


@dataclass(frozen=True)
class Screening:
    """The packs asked for, and how listed parties are found among known records.

    ``snapshots``: the lists in force, by name, date and digest.
    """

    packs: tuple[Pack, ...] = ()
    find: FindListed = nobody_listed
    snapshots: tuple[str, ...] = ()

    @property
    def reports(self) -> bool:
        """Say whether a pack makes reports of what listed parties own."""
        tests = [pack.subject_test for pack in self.packs if pack.reports]
        return any(isinstance(test, ListedOwnerTest) for test in tests)


NO_SCREENING: Final = Screening()


@dataclass(frozen=True)
class _Stretch:
    """Who is listed between two ends of listings: on any list, and for each pack that tests it."""

    listed: ListedParties
    tests: tuple[tuple[str, ListedOwnerTest, ListedParties], ...]


class ListedOwners:
    """Who is owned by listed parties, among the records of one hour of knowledge."""

    def __init__(self, screening: Screening, graph: OwnershipGraph, table: CountryTable) -> None:
        """Find the listed parties of each pack in the graph; nothing where no pack tests them."""
        tested = [
            (pack.id, pack.subject_test)
            for pack in screening.packs
            if isinstance(pack.subject_test, ListedOwnerTest)
        ]
        dated = screening.find(graph) if tested else NOTHING_LISTED
        self._last_days = sorted(day for day in dated if day is not None)
        self._graph, self._table = graph, table
        self._snapshots = screening.snapshots
        self._stretches = tuple(
            _stretch(dated, tested, day) for day in (*self._last_days, date.max)
        )
        self._links: dict[str, tuple[Link, ...]] = {}
        self._kept: dict[tuple[str, int, int, tuple[bool, ...]], tuple[ListedOwnership, ...]] = {}

    @property
    def is_screened(self) -> bool:
        """Say whether any list that a pack names has a hit among the records."""
        return any(each.tests for each in self._stretches)

    @property
    def changes(self) -> list[datetime]:
        """The instants from which a listing that its list ends holds no more, ascending."""
        return [
            datetime.combine(day + timedelta(days=1), time.min, UTC)
            for day in self._last_days
            if day < date.max
        ]

    def listed_at(self, at: datetime) -> ListedParties:
        """Give everybody on any list at an instant, as sure as the surest hit: to draw them."""
        return self._stretches[self._place(at)].listed

    def of(self, record_id: str, at: datetime) -> tuple[ListedOwnership, ...]:
        """Give what each pack's test answers of a record, where listed parties own, or may.

        An owner that is not named is no listed one for this: without a listed party among those
        who count there is nothing to tell. Answers are kept while the same links, the same
        description and the same listings hold.
        """
        place = self._place(at)
        tests = self._stretches[place].tests
        if not tests:
            return ()
        if record_id not in self._links:
            self._links[record_id] = self._graph.links_behind(record_id)
        held = tuple(link.holds_at(at) for link in self._links[record_id])
        key = (record_id, place, self._graph.version(record_id, at), held)
        if key not in self._kept:
            found = (self._answer(*each, record_id, at) for each in tests)
            self._kept[key] = tuple(each for each in found if each is not None)
        return self._kept[key]

    def _place(self, at: datetime) -> int:
        """Give the number of the stretch in which an instant lies; a last day counts whole."""
        return bisect_left(self._last_days, at.astimezone(UTC).date())

    def _answer(
        self,
        pack_id: str,
        test: ListedOwnerTest,
        listed: ListedParties,
        record_id: str,
        at: datetime,
    ) -> ListedOwnership | None:
        if not any(link.party_id in listed for link in self._links[record_id]):
            return None
        if (
            own_status(self._graph.party(record_id, at), self._table).status
            not in test.person_statuses
        ):
            return None
        share_ge = Fraction(str(test.share_ratio_ge))
        answer = owned_by_listed(self._graph, record_id, listed, at, share_ge)
        if answer.certainty == "no" or not answer.parties:
            return None
        named = partial(self._graph.called, at=at)
        return ListedOwnership(
            pack_id=pack_id,
            record_id=record_id,
            is_sure=answer.certainty == "yes",
            is_match_sure=any(listed[each] == "yes" for each in answer.parties),
            share_ratio_min=float(answer.share.low),
            share_ratio_max=float(answer.share.high),
            listed_ids=answer.parties,
            chain=tuple(step.told(named) for step in answer.chain),
            flips=tuple(flip.told(named) for flip in answer.flips),
            record=named(record_id),
            snapshots=self._snapshots,
        )


def _stretch(
    dated: DatedListings, tested: Sequence[tuple[str, ListedOwnerTest]], day: date
) -> _Stretch:
    listings = listings_on(dated, day)
    tests = (
        (pack_id, test, listed)
        for pack_id, test in tested
        if (listed := listed_on(listings, test.lists))
    )
    return _Stretch(listed_on(listings, sorted(listings)), tuple(tests))
