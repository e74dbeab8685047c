"""What an ownership test answers: no, possible or yes, the steps that decide, what would flip it.

A test is only as sure as what was disclosed. ``possible`` says that some way of filling in what is
not known gives yes, and some other gives no; ``flips`` name each single fact that alone gives yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from detector.who.interests import NOTHING, Certainty, Share

FlipKind = Literal["stake", "control", "match"]


@dataclass(frozen=True)
class Step:
    """One link of a deciding chain: what a party holds in a subject, or that it controls it."""

    party_id: str
    subject_id: str
    share: Share
    control: Certainty = "no"

    @property
    def words(self) -> str:
        """Say the step in words: ``X owns 25 % to 50 % of A``."""
        return self.told(str)

    def told(self, named: Callable[[str], str]) -> str:
        """Say the step in words; ``named`` gives what a record is called."""
        held = f"{named(self.party_id)} {_owns(self.share)} {named(self.subject_id)}"
        if self.control == "no":
            return held
        sure = "controls" if self.control == "yes" else "may control"
        return f"{held} and {sure} it"


@dataclass(frozen=True)
class Flip:
    """One single fact that is not known and would make a possible answer a yes.

    ``stake``: the share of the party in the subject is ``share_from`` (a ratio) or more.
    ``control``: the party controls the subject. ``match``: the party is who it may be (a list hit
    that somebody confirms); then subject and share are None. ``is_unnamed``: the statement does not
    name the party, so it has to be one of those asked about as well.
    """

    kind: FlipKind
    party_id: str
    subject_id: str | None = None
    share_from: Fraction | None = None
    is_unnamed: bool = False

    @property
    def words(self) -> str:
        """Say what would have to come out."""
        return self.told(str)

    def told(self, named: Callable[[str], str]) -> str:
        """Say what would have to come out; ``named`` gives what a record is called."""
        party, subject = named(self.party_id), named(self.subject_id or "")
        if self.kind == "match":
            return f"that {party} is the party it may be"
        if self.kind == "control":
            return f"that {party} controls {subject}"
        size = percent(self.share_from or Fraction(0))
        held = f"that {party} owns {size} or more of {subject}"
        return f"{held} and is such a party" if self.is_unnamed else held


@dataclass(frozen=True)
class Answer:
    """The answer of one test about one record at one instant.

    ``share`` is the quantity held against the test, a ratio from 0 to 1 as far as known;
    ``parties`` are those asked about that count in it. ``not_computed`` names the limbs of the
    instrument for which nothing is on file.
    """

    certainty: Certainty
    share: Share = NOTHING
    parties: tuple[str, ...] = ()
    chain: tuple[Step, ...] = ()
    flips: tuple[Flip, ...] = ()
    not_computed: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Say the deciding chain, then each single fact that would flip a possible answer."""
        steps = (step.words for step in self.chain)
        return (*steps, *(f"It would be sure if it came out {each.words}." for each in self.flips))


def certainty_of(*, is_sure: bool, is_possible: bool) -> Certainty:
    """Give the certainty of a test from what its lowest and its highest bound say."""
    if is_sure:
        return "yes"
    return "possible" if is_possible else "no"


def summed(shares: Iterable[Share]) -> Share:
    """Add shares of different holders, at most the whole."""
    low = high = Fraction(0)
    for share in shares:
        low, high = low + share.low, high + share.high
    return Share(min(low, Fraction(1)), min(high, Fraction(1)))


def percent(ratio: Fraction) -> str:
    """Write a ratio as a percentage with up to four decimals: ``33.3334 %``, rounded up."""
    whole, rest = divmod(ceil(ratio * 100 * 10**4), 10**4)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"


def _owns(share: Share) -> str:
    if share == NOTHING:
        return "has an interest in"
    bounds = dict.fromkeys((percent(share.low), percent(share.high)))
    return f"owns {' to '.join(bounds)} of"
