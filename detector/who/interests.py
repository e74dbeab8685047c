"""One BODS relationship as the interests it states. What cannot be read is unknown, and widens.

Shares are exact fractions from 0 to 1. An exclusive upper bound stands one part in 10^12 below
itself, so "under 25 %" never meets "25 % or more".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

Certainty = Literal["no", "possible", "yes"]
RANK: Final[Mapping[Certainty, int]] = {"no": 0, "possible": 1, "yes": 2}

#: A step smaller than any stated share, larger than any rounding.
STEP: Final = Fraction(1, 10**12)

#: BODS interest types that are a part of something: unknown where no share is stated.
SHARE_TYPES: Final = frozenset(
    {
        "shareholding",
        "votingRights",
        "rightsToSurplusAssetsOnDissolution",
        "rightsToProfitOrIncome",
        "rightToProfitOrIncomeFromAssets",
        "enjoymentAndUseOfAssets",
        "beneficiaryOfLegalArrangement",
        "nominee",
        "nominator",
        "unknownInterest",
        "unpublishedInterest",
    }
)
#: BODS interest types that are substantial control by themselves.
CONTROL_TYPES: Final = frozenset(
    {
        "appointmentOfBoard",
        "otherInfluenceOrControl",
        "seniorManagingOfficial",
        "settlor",
        "trustee",
        "protector",
        "controlViaCompanyRulesOrArticles",
        "controlByLegalFramework",
        "rightsGrantedByContract",
        "nominator",
    }
)
#: BODS interest types that may be control: the discloser's flag decides, silence leaves it open.
OPEN_TYPES: Final = frozenset(
    {
        "boardMember",
        "boardChair",
        "conditionalRightsGrantedByContract",
        "nominee",
        "unknownInterest",
        "unpublishedInterest",
    }
)


@dataclass(frozen=True, order=True)
class Share:
    """A part of the whole, 0 to 1, as far as known."""

    low: Fraction
    high: Fraction


NOTHING: Final = Share(Fraction(0), Fraction(0))
UNKNOWN: Final = Share(Fraction(0), Fraction(1))


def bound(share: Share, *, is_high: bool) -> Fraction:
    """Give one bound of a share."""
    return share.high if is_high else share.low


@dataclass(frozen=True)
class Interest:
    """One interest of a party in a subject, holding in [starts_at, ends_at); None is open.

    ``is_indirect`` marks a share declared as the total over chains: it is held against the chains
    and never added to them.
    """

    type: str
    is_indirect: bool
    share: Share
    control: Certainty
    starts_at: datetime | None
    ends_at: datetime | None

    def says_the_same_as(self, other: Interest) -> bool:
        """Say whether two interests differ in their dates at most."""
        mine = (self.type, self.is_indirect, self.share, self.control)
        return mine == (other.type, other.is_indirect, other.share, other.control)


def read_interests(details: Mapping[str, object]) -> tuple[Interest, ...]:
    """Read the interests of a relationship's ``recordDetails``; none stated is one unknown."""
    stated = details.get("interests")
    listed = stated if isinstance(stated, list) else []
    return tuple(_interest(each) for each in listed if isinstance(each, Mapping)) or (
        _interest({}),
    )


def midnight(value: object) -> datetime | None:
    """Give 00:00 UTC of a date or of an instant's date as written, None where there is none."""
    return _midnight(value[:10]) if isinstance(value, str) else None


@lru_cache(maxsize=1 << 16)
def _midnight(stated: str) -> datetime | None:
    """Give one and the same instant each time, for the same days come in many interests."""
    try:
        day = date.fromisoformat(stated)
    except ValueError:
        return None
    return None if day == date.min else datetime.combine(day, time(), UTC)


def _interest(stated: Mapping[str, object]) -> Interest:
    kind = stated.get("type")
    name = kind if isinstance(kind, str) else "unknownInterest"
    return Interest(
        type=name,
        is_indirect=stated.get("directOrIndirect") == "indirect",
        share=_share(name, stated.get("share")),
        control=_control(name, stated.get("beneficialOwnershipOrControl")),
        starts_at=midnight(stated.get("startDate")),
        ends_at=midnight(stated.get("endDate")),
    )


def _control(name: str, flag: object) -> Certainty:
    if name in CONTROL_TYPES:
        return "yes"
    is_share_only = name in SHARE_TYPES and name not in OPEN_TYPES
    if is_share_only or flag is False:
        return "no"
    return "yes" if flag is True else "possible"


def _share(name: str, stated: object) -> Share:
    known = _stated_share(stated) if isinstance(stated, Mapping) else None
    if known is None:
        has_share = name in SHARE_TYPES or name not in CONTROL_TYPES | OPEN_TYPES
        return UNKNOWN if has_share else NOTHING
    # A nominee may hold for somebody else, so nothing is sure to be its own.
    return Share(Fraction(0), known.high) if name == "nominee" else known


def _stated_share(stated: Mapping[str, object]) -> Share | None:
    exact = _ratio(stated.get("exact"))
    if exact is not None:
        return Share(exact, exact)
    lows = [_ratio(stated.get("minimum")), _ratio(stated.get("exclusiveMinimum"))]
    below = _ratio(stated.get("exclusiveMaximum"))
    highs = [_ratio(stated.get("maximum")), None if below is None else max(below - STEP, STEP)]
    low = max((each for each in lows if each is not None), default=None)
    high = min((each for each in highs if each is not None), default=None)
    if low is None and high is None:
        return None
    share = Share(low or Fraction(0), Fraction(1) if high is None else high)
    return share if share.low <= share.high else None


def _ratio(percent: object) -> Fraction | None:
    """Give a percentage as an exact fraction: the decimal number as written, not its binary."""
    if isinstance(percent, bool) or not isinstance(percent, int | float | Decimal):
        return None
    return _part(str(percent))


@lru_cache(maxsize=1 << 16)
def _part(percent: str) -> Fraction | None:
    """Give one and the same fraction each time, for the same shares come in many interests."""
    try:
        ratio = Fraction(percent) / 100
    except ValueError:  # a NaN or an infinity
        return None
    return min(max(ratio, Fraction(0)), Fraction(1))
