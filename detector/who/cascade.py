"""The 50 % rule: what listed parties own together, through links that each reach the share.

An entity counts as owned where the listed parties, and the entities that already count, hold the
share of it directly, all together (OFAC guidance of 13 August 2014 and its FAQ 398 to 401; BIS
90 FR 47201). Each such holder counts with the whole of its direct stake: shares do not multiply,
and the stake of a holder that falls short does not pass down at all. In cycles the count starts
from the listed, so nobody lifts itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from detector.who.answers import Step, summed
from detector.who.interests import RANK, Certainty, Share, bound
from detector.who.listed import ListedParties
from detector.who.stakes import Stakes


@dataclass(frozen=True)
class Counted:
    """The parties that count, each with its place in the order in which they came to count."""

    places: Mapping[str, int]

    def holders(self, stakes: Stakes, subject: str) -> tuple[str, ...]:
        """Give the direct holders of a subject that counted before it did, by id."""
        last = len(self.places) + 1
        place = self.places.get(subject, last)
        held = stakes.owned.get(subject, {})
        return tuple(each for each in sorted(held) if self.places.get(each, last) < place)

    def share(self, stakes: Stakes, subject: str) -> Share:
        """Give what those who count own of a subject directly, all together."""
        return _held(stakes, subject, self.places)


def cascade(
    stakes: Stakes, listed: Iterable[str], share_ge: Fraction, record_id: str, *, is_high: bool
) -> Counted:
    """Give who counts against a record: the listed, and whoever they come to own by the share.

    The record itself never counts against itself. ``share_ge`` is a ratio; ``is_high`` takes the
    largest possible shares, else the smallest.
    """
    places = dict.fromkeys(sorted(set(listed) - {record_id}), 0)
    waiting, place = list(places), 0
    while waiting:
        place += 1
        near = {each for party in waiting for each in stakes.subjects_of.get(party, ())}
        waiting = [
            subject
            for subject in sorted(near - {record_id} - set(places))
            if bound(_held(stakes, subject, places), is_high=is_high) >= share_ge
        ]
        places |= dict.fromkeys(waiting, place)
    return Counted(places)


def surely(listed: ListedParties, least: Certainty) -> set[str]:
    """Give the records that are listed at least this surely."""
    return {each for each, certainty in listed.items() if RANK[certainty] >= RANK[least]}


def steps_to(stakes: Stakes, counted: Counted, record_id: str) -> tuple[Step, ...]:
    """Give every link by which the record counts, from the listed down to the record."""
    found: list[Step] = []
    seen, waiting = {record_id}, [record_id]
    while waiting:
        subject = waiting.pop(0)
        for holder in counted.holders(stakes, subject):
            share = stakes.owned[subject][holder]
            if share.high == 0:
                continue
            found.append(Step(holder, subject, share))
            if holder not in seen:
                waiting.append(holder)
                seen.add(holder)
    return tuple(reversed(found))


def _held(stakes: Stakes, subject: str, parties: Mapping[str, int]) -> Share:
    held = stakes.owned.get(subject, {})
    return summed(held[each] for each in sorted(held) if each in parties)
