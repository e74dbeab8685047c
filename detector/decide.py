"""Whether a subject's facts call for a report now: an initial one, a corrected one, or none.

The knowledge that starts a clock is knowledge in the sense of 15 CFR 772.1: it includes awareness
of a high probability. The expected figure past the threshold is that awareness (the probability
is then above one half); a high bound past it is not, and stays a finding.

The report is about a *foreign* person. Where the person status is undetermined, nobody knows that
the person is foreign, so no clock starts: the rules raise a finding that asks a reviewer to find
out, and once the status is known the report follows with its own knowledge time. A pack whose
subject test names ``undetermined`` gets a report for it. After a report, a status that becomes
undetermined withdraws nothing, for to lose a record is not to learn that the report was wrong;
it is corrected and stays standing. A status that becomes one the pack does not test withdraws it.

A pack that is loaded in another version is the law now: what it no longer asks for is withdrawn,
with the version in the reasons. What ends by its own date (a pack, a number, a country's membership
of a group) withdraws nothing, for the report was owed on its day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from detector.documents import Instant, Part, instant_text, operations_text
from detector.facts import Interval, PersonStatus, SubjectFacts
from detector.policy.model import HeadquartersTest, Pack, PersonTest, Threshold
from detector.policy.tables import CountryTable
from detector.thresholds.conditions import (
    because_of,
    is_in_force,
    is_past,
    is_reportable,
    is_subject,
    not_asked,
    not_meant,
)
from detector.thresholds.crossing import expected_until, operations_until


class ReportedFacts(Part):
    """What the last version of a report said: kept in the store, compared with what holds now.

    ``operations_of_reported_time`` is the curve at ``reported_until`` as known then, so that later
    work is no change of it. Operations are dense; instants are UTC. ``meant_at``: when the pack's
    subject test last took the subject; None where it did not, or where nobody kept it.
    """

    version: int
    standing: bool
    person_status: PersonStatus
    owner_ids: tuple[str, ...]
    is_past_threshold: bool
    operations: Interval
    operations_of_reported_time: Interval
    reported_until: Instant
    policy_version: str | None = None
    threshold: Threshold | None = None
    meant_at: Instant | None = None

    def to_json(self) -> bytes:
        """Write the facts for the store."""
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, text: bytes) -> ReportedFacts:
        """Read back what :meth:`to_json` wrote."""
        return cls.model_validate_json(text)


@dataclass(frozen=True)
class Decision:
    """A report version is due. ``reasons`` are the sentences that say why, for the reader."""

    kind: Literal["initial", "corrected"]
    standing: bool
    reasons: tuple[str, ...]


def decide(
    previous: ReportedFacts | None,
    facts: SubjectFacts,
    pack: Pack,
    threshold: Threshold,
    knowledge_at: datetime,
    countries: CountryTable | None = None,
) -> Decision | None:
    """Say whether a report version is due at ``knowledge_at``, or None.

    An initial one needs a pack and a threshold that report and hold on that day, a subject that
    the pack means, and the expected figure past the threshold. A correction is owed for what was
    reported, whatever became of the pack since. ``countries`` serve
    headquarters tests only.
    """
    if previous is not None:
        return _correct(previous, facts, pack, threshold, countries)
    if not is_in_force(pack, threshold, knowledge_at.date()):
        return None
    if not is_past(facts, pack, threshold) or not is_reportable(facts, pack, threshold, countries):
        return None
    sentence = (
        f"The training operations expected, {operations_text(facts.training.expected)}, are past "
        f"the threshold of {operations_text(threshold.operations)}."
    )
    return Decision("initial", standing=True, reasons=(sentence,))


def remember(
    previous: ReportedFacts | None,
    decision: Decision,
    facts: SubjectFacts,
    pack: Pack,
    threshold: Threshold,
    countries: CountryTable | None = None,
) -> ReportedFacts:
    """Give what to keep once a report version with these facts is written."""
    until = min(facts.as_of, max((facts.last_end, *(each.at for each in facts.openings))))
    return ReportedFacts(
        version=1 if previous is None else previous.version + 1,
        standing=decision.standing,
        person_status=facts.person_status.status,
        owner_ids=tuple(sorted(facts.owner_ids)),
        is_past_threshold=is_past(facts, pack, threshold),
        operations=facts.training,
        operations_of_reported_time=operations_until(facts, until),
        reported_until=until,
        policy_version=pack.version,
        threshold=threshold,
        meant_at=_meant_at(previous, facts, pack, countries),
    )


def _correct(
    previous: ReportedFacts,
    facts: SubjectFacts,
    pack: Pack,
    threshold: Threshold,
    countries: CountryTable | None,
) -> Decision | None:
    """Compare what was reported with what holds now; a withdrawn report waits to stand again."""
    is_past_now = is_past(facts, pack, threshold)
    against = not_asked(facts, pack, threshold)
    is_meant = _is_still_meant(previous, facts, pack, countries)
    standing = is_past_now and is_meant and against is None
    if not previous.standing and not standing:
        return None
    sentences = (
        against,
        None if is_meant else _no_longer_meant(previous, facts, pack),
        _crossing_changed(previous, is_past_now, threshold),
        _status_changed(previous, facts),
        _owners_changed(previous, facts),
        _operations_changed(previous, facts, pack.tolerance_ratio),
    )
    reasons = tuple(sentence for sentence in sentences if sentence is not None)
    if standing and not previous.standing and not reasons:
        reasons = (f"The pack {pack.id} asks for this report again.",)
    if not reasons:
        return None
    return Decision("corrected", standing, (*_law_changed(previous, pack), *reasons))


def _is_still_meant(
    previous: ReportedFacts, facts: SubjectFacts, pack: Pack, countries: CountryTable | None
) -> bool:
    """A status that was lost to ``undetermined`` withdraws nothing that stands.

    Nor does a headquarters of which nothing is known any more.
    """
    if _meant_at(previous, facts, pack, countries) is not None:
        return True
    return previous.standing and (_lost_status(previous, facts) or _lost_place(facts, pack))


def _lost_status(previous: ReportedFacts, facts: SubjectFacts) -> bool:
    """Say whether the status is undetermined now, but was none that the law asked for then."""
    was_meant_so = previous.meant_at is not None and previous.person_status == "undetermined"
    return facts.person_status.status == "undetermined" and not was_meant_so


def _lost_place(facts: SubjectFacts, pack: Pack) -> bool:
    return isinstance(pack.subject_test, HeadquartersTest) and not facts.headquarters


def _meant_at(
    previous: ReportedFacts | None,
    facts: SubjectFacts,
    pack: Pack,
    countries: CountryTable | None,
) -> datetime | None:
    """Give the last instant at which these facts were what the pack is about, None for never."""
    if is_subject(facts, pack, countries):
        return facts.as_of
    then = None if previous is None or not previous.standing else previous.meant_at
    if then is not None and is_subject(replace(facts, as_of=then), pack, countries):
        return then
    return None


def _law_changed(previous: ReportedFacts, pack: Pack) -> tuple[str, ...]:
    before = previous.policy_version
    if before is None or before == pack.version:
        return ()
    return (
        f"The last version of this report rests on version {before} of the pack {pack.id}; "
        f"version {pack.version} applies now.",
    )


def _no_longer_meant(previous: ReportedFacts, facts: SubjectFacts, pack: Pack) -> str | None:
    """Say whom the pack is about; a changed person status says so by itself."""
    is_told = facts.person_status.status != previous.person_status
    return None if is_told and isinstance(pack.subject_test, PersonTest) else not_meant(facts, pack)


def _crossing_changed(
    previous: ReportedFacts, is_past_now: bool, threshold: Threshold
) -> str | None:
    if is_past_now == previous.is_past_threshold:
        return None
    limit = operations_text(threshold.operations)
    if is_past_now:
        return f"The training operations expected are past the threshold of {limit} again."
    return f"The training operations expected are no longer past the threshold of {limit}."


def _status_changed(previous: ReportedFacts, facts: SubjectFacts) -> str | None:
    status = facts.person_status.status
    if status == previous.person_status:
        return None
    return (
        f"The person status was reported as {previous.person_status} and is {status}"
        f"{because_of(facts.person_status)}."
    )


def _owners_changed(previous: ReportedFacts, facts: SubjectFacts) -> str | None:
    owners, reported = set(facts.owner_ids), set(previous.owner_ids)
    if owners == reported:
        return None
    changes = {"now also": owners - reported, "no longer": reported - owners}
    words = "; ".join(f"{word} {', '.join(sorted(ids))}" for word, ids in changes.items() if ids)
    return f"The owners have changed: {words}."


def _operations_changed(
    previous: ReportedFacts, facts: SubjectFacts, tolerance_ratio: float
) -> str | None:
    """Only time already reported is compared, so that ordinary growth is no correction."""
    reported = previous.operations_of_reported_time.expected
    least, most = expected_until(facts, previous.reported_until)
    known = min(max(reported, least), most)
    if abs(known - reported) <= tolerance_ratio * reported:
        return None
    bound = "" if least == most else " at least" if known > reported else " at most"
    return (
        f"The operations of the time until {instant_text(previous.reported_until)} were reported "
        f"as {operations_text(reported)} and are{bound} {operations_text(known)}, a change of more "
        f"than {tolerance_ratio * 100:.0f} %."
    )
