"""What the law and the operator say, as dated values: a policy is a tuple of packs.

A pack is one instrument. Every number in it carries its unit, source, dates and whether the
comparison is ``>`` (gt) or ``>=`` (ge). The format of the TOML documents, with a whole example, is
``docs/policy-packs.md``. Operations are dense; one multiply-accumulate is two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from detector.facts import PersonStatus, Scope, Severity

#: Days of a century: no period is longer, and no date leaves the calendar.
DAYS_MAX: Final = 36_525

LegalStatus = Literal[
    "in_force", "proposed", "guidance", "codified_unenforced", "revoked", "bill", "voluntary"
]
Basis = Literal["statute", "house_policy"]
ReportKind = Literal["initial", "corrected", "follow_up"]
Party = Literal["provider", "reseller", "developer", "exporter", "us_person", "investor"]

Text = Annotated[str, Field(strict=True, min_length=1)]
Identifier = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
CountryCode = Annotated[str, Field(strict=True, pattern=r"^[A-Z]{2}$")]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, Field(strict=True)]


class Document(BaseModel):
    """A frozen value read from a policy document; a key that is not named here is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Threshold(Document):
    """One number of operations, held against the expected training operations of a subject.

    ``reports`` false makes a crossing a finding only. ``only_biological`` restricts it to training
    whose declared share of biological sequence data is above ``biological_share_ratio_gt``.
    """

    id: Identifier
    operations: Positive
    comparison: Literal["gt", "ge"]
    unit: Literal["operations"] = "operations"
    source: Text
    effective_from: Day | None = None
    effective_to: Day | None = None
    only_biological: Flag = False
    biological_share_ratio_gt: Ratio | None = None
    reports: Flag = True

    @model_validator(mode="after")
    def _name_the_share(self) -> Threshold:
        if self.only_biological != (self.biological_share_ratio_gt is not None):
            raise ValueError(
                "only_biological = true together with biological_share_ratio_gt, or neither; "
                "found one of the two"
            )
        _in_order(self.effective_from, self.effective_to)
        return self

    def is_effective_on(self, day: date) -> bool:
        """Say whether the number counts on ``day``; both end dates are included."""
        return holds_on(day, self.effective_from, self.effective_to)


class ClusterLeg(Document):
    """The second condition of a conjunctive test: one site, one fabric, this fast.

    A condition of the thresholds only where the pack's ``require_cluster_leg`` is true, and then
    the peak is the dense one at 16 bit. A finding, ``cluster-past-test``, always.
    """

    gbit_per_second_gt: Positive
    operations_per_second_ge: Positive
    source: Text


class Clock(Document):
    """A statutory period: the report of this kind is due so many calendar days after knowledge."""

    event: ReportKind
    days: Annotated[int, Field(strict=True, ge=0, le=DAYS_MAX)]
    calendar: Literal["calendar_days"] = "calendar_days"
    source: Text


class Suspension(Document):
    """Days, both included, on which the instrument stood but was stayed."""

    first_day: Day
    last_day: Day
    source: Text

    @model_validator(mode="after")
    def _last(self) -> Suspension:
        _in_order(self.first_day, self.last_day)
        return self


class PersonTest(Document):
    """The subject is a customer with one of these person statuses."""

    kind: Literal["foreign_person"]
    person_statuses: Annotated[tuple[PersonStatus, ...], Field(min_length=1)] = ("foreign",)


class HeadquartersTest(Document):
    """The subject, or an ultimate parent of it, is headquartered in one of these places.

    ``country_groups`` name rows of ``reference/country_groups.toml``; ``countries`` are added.
    """

    kind: Literal["headquarters"]
    country_groups: tuple[Text, ...]
    countries: tuple[CountryCode, ...] = ()

    @model_validator(mode="after")
    def _somewhere(self) -> HeadquartersTest:
        if not self.country_groups and not self.countries:
            raise ValueError("country_groups or countries that name a place; found none")
        return self


class ListedOwnerTest(Document):
    """Listed parties own at least this share of the subject, singly or together.

    A link counts whole where it is itself at least the share (a cascade, not a product).
    ``lists`` are the ``source`` names of the Consolidated Screening List. ``person_statuses`` are
    those of the owned party by itself, whoever owns it, that the instrument is about.
    """

    kind: Literal["listed_owner"]
    share_ratio_ge: Ratio
    lists: Annotated[tuple[Text, ...], Field(min_length=1)]
    person_statuses: Annotated[tuple[PersonStatus, ...], Field(min_length=1)] = (
        "us",
        "foreign",
        "undetermined",
    )


class ConductTest(Document):
    """Any customer; what is looked at stands in the pack's rules."""

    kind: Literal["conduct"]


SubjectTest = Annotated[
    PersonTest | HeadquartersTest | ListedOwnerTest | ConductTest, Field(discriminator="kind")
]


class RuleText(Document):
    """One condition in words, for reports; ``wording`` says whether they are the source's own."""

    id: Identifier
    title: Text
    text: Text
    citation: Text
    source: Text
    wording: Literal["quoted", "paraphrase"]
    severity: Severity | None = None
    reports: Flag = False


class Pack(Document):
    """One instrument. ``reports`` false means that nothing in it is more than a finding."""

    id: Identifier
    version: Text
    title: Text
    citation: Text
    legal_status: LegalStatus
    status_as_of: Day
    status_source: Text
    status_confirmed: Flag
    banner: str = ""
    effective_from: Day | None = None
    effective_to: Day | None = None
    suspensions: tuple[Suspension, ...] = ()
    zone: Literal["UTC"] = "UTC"
    binds: tuple[Party, ...] = ()
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    statute_scopes: tuple[Scope, ...] = ()
    subject_test: SubjectTest
    thresholds: tuple[Threshold, ...] = ()
    require_cluster_leg: Flag = False
    cluster: ClusterLeg | None = None
    clocks: tuple[Clock, ...] = ()
    tolerance_ratio: Ratio
    horizon_days: Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX)] | None = None
    reports: Flag
    severity: Severity
    rules: tuple[RuleText, ...] = ()

    @model_validator(mode="after")
    def _agree(self) -> Pack:
        if not self.status_confirmed and not self.banner:
            raise ValueError("a banner text, because status_confirmed is false; found none")
        if self.require_cluster_leg and self.cluster is None:
            raise ValueError("a [cluster] table, because require_cluster_leg is true; found none")
        if self.reports and not any(clock.event == "initial" for clock in self.clocks):
            raise ValueError(
                'a [[clocks]] table with event = "initial", because reports is true; found none'
            )
        if not set(self.statute_scopes) <= set(self.scopes):
            raise ValueError("statute_scopes that are all named in scopes too; found another")
        for name, ids in (("thresholds", self.thresholds), ("rules", self.rules)):
            if len({each.id for each in ids}) != len(ids):
                raise ValueError(f"a different id for each of the {name}; found one twice")
        if len({clock.event for clock in self.clocks}) != len(self.clocks):
            raise ValueError("one [[clocks]] table for each event; found two for one")
        _in_order(self.effective_from, self.effective_to)
        return self

    def is_effective_on(self, day: date) -> bool:
        """Say whether the instrument holds on ``day``: in its dates and not stayed."""
        stayed = any(each.first_day <= day <= each.last_day for each in self.suspensions)
        return holds_on(day, self.effective_from, self.effective_to) and not stayed

    def days_of_change(self) -> frozenset[date]:
        """Give the days with which the instrument, or a number of it, begins or stops to hold."""
        stretches = [(self.effective_from, self.effective_to)]
        stretches += [(each.first_day, each.last_day) for each in self.suspensions]
        stretches += [(each.effective_from, each.effective_to) for each in self.thresholds]
        return frozenset(day for each in stretches for day in turning_days(*each))

    def basis_of(self, scope: Scope) -> Basis:
        """Give what a report of this scope rests on: the instrument itself or house policy."""
        return "statute" if scope in self.statute_scopes else "house_policy"

    def days_until_due(self, kind: ReportKind) -> int | None:
        """Give the calendar days from knowledge to filing, None where the pack sets no period."""
        return next((clock.days for clock in self.clocks if clock.event == kind), None)


class Policy(Document):
    """The packs that apply, in the order asked for."""

    packs: tuple[Pack, ...]

    def pack(self, pack_id: str) -> Pack | None:
        """Give one pack by its id, None if the policy does not hold it."""
        return next((pack for pack in self.packs if pack.id == pack_id), None)


def holds_on(day: date, first: date | None, last: date | None) -> bool:
    """Say whether ``day`` lies between two days, both included; None is an open end."""
    return (first is None or first <= day) and (last is None or day <= last)


def _in_order(first: date | None, last: date | None) -> None:
    """Refuse days of which the last comes before the first: they would hold never, unseen."""
    if first is not None and last is not None and last < first:
        raise ValueError(f"a last day that is not before the first, {first}; found {last}")


def turning_days(first: date | None, last: date | None) -> Iterator[date]:
    """Give the days with which something that holds between two days, both included, changes."""
    if first is not None:
        yield first
    if last is not None and last < date.max:
        yield last + timedelta(days=1)
