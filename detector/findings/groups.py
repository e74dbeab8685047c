"""Facts of several subjects as if they were one: their rows of totals added up.

What rules over a group of runs or tenants look at. Bounds add up as one error: nothing is known of
how the errors of the members go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from detector.facts import Curve, Interval, Scope, SubjectFacts
from detector.parties import Parties
from detector.subjects import interval_of


def total(intervals: Iterable[Interval]) -> Interval:
    """Add bounds to bounds; nothing at all is zero."""
    each = tuple(intervals)
    return Interval(
        sum(one.low for one in each),
        sum(one.expected for one in each),
        sum(one.high for one in each),
    )


def group_facts(
    subject: tuple[Scope, str],
    rows: Sequence[Mapping[str, Any]],
    tenants: Iterable[str],
    parties: Parties,
    as_of: datetime,
) -> SubjectFacts:
    """Give the facts of a group under the name of one subject.

    ``rows``: figures of its members, with the columns of TOTALS that are summed here and with
    ``first_start`` and ``last_end``; none where nothing was metered, and then it is of ``as_of``.
    ``tenants``: all whose owners and standing count. The curve is one bucket over the whole of the
    work: when in it something was done is not asked of a group.
    """
    scope, subject_id = subject
    tenant_ids = tuple(sorted(tenants))
    first = min((row["first_start"] for row in rows), default=as_of)
    last = max((row["last_end"] for row in rows), default=as_of)
    person = parties.who_is(scope, subject_id, tenant_ids, ((first, last),))
    training = total(interval_of(row, "training_operations") for row in rows)
    hardware = sum(row["hardware_operations_expected"] for row in rows)
    return SubjectFacts(
        scope=scope,
        subject_id=subject_id,
        as_of=as_of,
        tenant_ids=tenant_ids,
        training_run_ids=(),
        cluster_ids=(),
        accelerator_hours=sum(row["accelerator_hours"] for row in rows),
        peak_operations=float(sum(row["peak_operations"] for row in rows)),
        operations=total(interval_of(row, "operations") for row in rows),
        hardware_operations_expected=float(hardware),
        training=training,
        training_probability=None,
        first_start=first,
        last_end=last,
        curve=one_bucket((first, last), training),
        person_status=person.status,
        headquarters=person.headquarters,
        owner_ids=person.owner_ids,
        listed_owners=person.listed_owners,
        biological_share_ratio=person.biological_share_ratio,
    )


def one_bucket(span: tuple[datetime, datetime], training: Interval) -> Curve:
    """Give the curve of work of which only its first start and last end are told."""
    first, last = span
    return Curve((last,), (training.low,), (training.expected,), (training.high,), (first,))
