"""An explanation as a document: what ``explain-SUBJECT.json`` holds.

Operations are dense, one multiply-accumulate = 2; instants are UTC; ratios run from 0 to 1.
"""

from __future__ import annotations

from typing import Literal

from detector.documents import Instant, Part
from detector.facts import PersonStatus
from detector.ownership.chart import OwnershipChart
from detector.report.document import CrossedAt, Provenance, ReportScope

#: What an interval's width can rest on.
Assumption = Literal[
    "precision", "training", "hardware", "share", "algorithmic", "silence", "opening"
]


class Range(Part):
    """Operations: low and high bound a 90 % interval."""

    low: float
    expected: float
    high: float


class Figures(Part):
    """The subject's line in totals.csv; what is called metered leaves out what was only stated.

    ``metered_hardware_expected``: operations that the hardware executed in metered hours.
    """

    accelerator_hours: float
    metered_hours: float
    metered_hardware_expected: float
    peak_operations: float
    operations: Range
    hardware_operations_expected: float
    training_operations: Range
    training_probability: float | None


class MethodLine(Part):
    """What one method makes of the whole, over the hours it can speak for.

    ``binding_ratio``: share of the subject's device time in which this method decides.
    """

    method: str
    accelerator_hours: float
    binding_ratio: float
    operations: Range


class BasisLine(Part):
    """Hours that rest on a method, on silence, or on figures at odds; the shares sum to one."""

    basis: str
    accelerator_hours: float
    ratio: float


class OpeningLine(Part):
    """What was stated of the time before ``at`` and nobody metered; it counts in every figure."""

    tenant_id: str
    at: Instant
    basis: str | None
    accelerator_hours: float
    operations: Range
    training_expected: float


class DeclaredLine(Part):
    """What the customer says, for comparison; it never enters a figure."""

    tenant_id: str
    declaration_id: str
    model_name: str | None
    operations: float | None
    basis: str


class PartLine(Part):
    """One run or tenant within the subject.

    ``counts_in``: the sums of training that a run enters, by its probability; empty for a tenant.
    ``class_probabilities``: of each class of work; they sum to one. Null for a tenant, for what
    was only stated, and where no classifier is installed.
    """

    id: str
    tenant_ids: tuple[str, ...]
    accelerator_hours: float
    operations: Range
    training_operations: Range
    training_probability: float | None
    counts_in: tuple[Literal["low", "expected", "high"], ...] = ()
    reasons: tuple[str, ...] = ()
    class_probabilities: dict[str, float] | None = None


class Shown(Part):
    """The largest of something, how many there are, and what share of the operations it makes."""

    lines: tuple[PartLine, ...]
    count: int
    shown_ratio: float


class NameLine(Part):
    """A job or data under which hours of a run were metered: one of the names that make it one."""

    kind: str
    name: str
    tenant_ids: tuple[str, ...]
    accelerator_hours: float


class LinkLine(Part):
    """Another run that may be the same training: ``score`` is the probability, 0 to 1.

    ``evidence``: a sentence a piece, weightiest first.
    """

    run_id: str
    other_run_id: str
    kind: str
    score: float
    tenant_ids: tuple[str, ...]
    evidence: tuple[str, ...]


class Agreement(Part):
    """How far errors go together, 0 to 1: of two runs of one tenant, and of two tenants."""

    between_runs: float
    between_tenants: float


class HardwareLine(Part):
    """Hours on one accelerator kind; ``candidates`` where a metered name fits several."""

    accelerator: str
    accelerator_hours: float
    peak_operations: float


class Period(Part):
    """One stretch of the timeline. ``cumulated`` is training work until its end.

    ``unmetered_ratio``: share of its device time without any counter, use or power figure;
    ``silent_ratio``: the part of that in which figures were to be expected.
    """

    start: Instant
    end: Instant
    accelerator_hours: float
    operations: Range
    unmetered_ratio: float
    silent_ratio: float
    cumulated: Range


class Ahead(Part):
    """When a threshold will be passed if the work goes on as of late; null: beyond the horizon.

    ``probability``: of having passed it by the horizon, the chance that the work ends included.
    """

    horizon_days: int
    probability: float
    earliest_at: Instant | None
    likely_at: Instant | None
    latest_at: Instant | None


class ThresholdLine(Part):
    """One threshold and when it was crossed; ``is_likely`` where expected operations are past.

    ``ahead``: the forecast of one that is not passed; null where nothing can be said.
    """

    policy_id: str
    threshold_id: str
    legal_status: str
    operations: float
    comparison: Literal["gt", "ge"]
    probability: float
    is_likely: bool
    crossed_at: CrossedAt
    ahead: Ahead | None = None


class WhatIf(Part):
    """The figures with one assumption changed. ``flips``: thresholds passed or no longer."""

    id: str
    because: str
    training_operations: Range
    flips: tuple[str, ...]


class Binding(Part):
    """The assumption that carries most of the interval: what would be left of it once settled."""

    assumption: Assumption
    width_ratio: float | None
    settled_width_ratio: float | None


class Who(Part):
    """Whose work it is, with the sentences that decide it, and who owned the tenants.

    ``ownership``: the graph behind the customers; null where no customer is on file.
    """

    name: str | None
    person_status: PersonStatus
    reasons: tuple[str, ...]
    headquarters: tuple[str, ...]
    owner_ids: tuple[str, ...]
    ownership: OwnershipChart | None = None


class Explanation(Part):
    """How one total came about, at one instant of knowledge.

    ``links_are_whole``: links were looked for among everything that was metered.
    """

    scope: ReportScope
    subject_id: str
    tenant_ids: tuple[str, ...]
    as_of: Instant
    first_start: Instant
    last_end: Instant
    metered_since: Instant | None
    figures: Figures
    methods: tuple[MethodLine, ...]
    bases: tuple[BasisLine, ...]
    openings: tuple[OpeningLine, ...]
    declared: tuple[DeclaredLine, ...]
    runs: Shown
    tenants: Shown
    agreement: Agreement
    hardware: tuple[HardwareLine, ...]
    period_days: int
    periods: tuple[Period, ...]
    thresholds: tuple[ThresholdLine, ...]
    binding: Binding | None
    what_if: tuple[WhatIf, ...]
    who: Who
    unseen: tuple[str, ...]
    provenance: Provenance
    names: tuple[NameLine, ...] = ()
    links: tuple[LinkLine, ...] = ()
    links_are_whole: bool = True
