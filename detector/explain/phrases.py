"""The sentences of an explanation, shared by its text and its page. Plain words, few digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detector.documents import counted
from detector.explain.document import (
    Agreement,
    Ahead,
    DeclaredLine,
    Explanation,
    OpeningLine,
    PartLine,
    Range,
    Shown,
    ThresholdLine,
    WhatIf,
    Who,
)
from detector.explain.glossary import (
    ASSUMPTIONS,
    BASES,
    STATUSES,
    operations_text,
    power_of_ten,
    ratio_words,
    share_of,
)
from detector.ledger import COUNTS_FROM
from detector.ownership.words import name_of
from detector.report.words import count_words, date_words, instant_words, percent_words

#: An interval with less than this between its ends prints as one figure.
_NARROW: Final = 1.005


def head(told: Explanation) -> str:
    """Say as of when, and over what time there was metering at all."""
    begin = f"As known on {instant_words(told.as_of)}."
    if told.metered_since is None:
        return f"{begin} Never metered: every figure is of what was stated."
    return (
        f"{begin} Metered from {instant_words(told.first_start)} to {instant_words(told.last_end)}."
    )


def figures_note(told: Explanation) -> str:
    """Say how the bounds are meant, and which row leaves out what was only stated."""
    note = "Low and high bound a 90 % interval."
    if not told.openings:
        return note
    return f"{note} The peak is of metered hours alone; the other rows hold what was stated too."


def ladder(told: Explanation) -> Iterator[str]:
    """Lead from accelerator hours to the AI model's own operations, one step a sentence."""
    figures = told.figures
    hours, peak = figures.metered_hours, figures.peak_operations
    if not told.runs.count:
        yield "Nothing of it was metered, so no method speaks for it."
        return
    if not peak:
        yield (
            f"Accelerator hours: {count_words(hours)}, on no hardware that the catalogue knows. "
            "They count; their operations are unknown and shown as 0."
        )
        return
    yield (
        f"{count_words(hours)} accelerator hours, at {operations_text(peak / (hours * 3600))} "
        f"operations per second and accelerator, make {operations_text(peak)} operations at the "
        "dense peak."
    )
    stated = sum(each.operations.expected for each in told.openings)
    executed, own = figures.metered_hardware_expected, figures.operations.expected - stated
    yield (
        f"Of these the hardware is expected to have executed {operations_text(executed)} "
        f"({share_of(executed, peak)} of the peak)."
    )
    if executed:
        yield (
            f"Of what it executed, {operations_text(own)} ({share_of(own, executed)}) is the AI "
            "model's own arithmetic; the rest is done twice to save memory, or is not of the AI "
            "model."
        )


def opening(line: OpeningLine) -> str:
    """Say what was stated of the time before metering began."""
    figures = line.operations
    basis = f"basis: {line.basis.replace('_', ' ')}" if line.basis is not None else "no basis given"
    spent = f", in {count_words(line.accelerator_hours)} accelerator hours"
    return (
        f"For what was stated of {line.tenant_id} before {instant_words(line.at)} and not metered "
        f"({basis}), {operations_text(figures.expected)} operations count, from "
        f"{operations_text(figures.low)} to {operations_text(figures.high)}"
        f"{spent if line.accelerator_hours else ''}; {operations_text(line.training_expected)} of "
        "it as training."
    )


def basis_notes(told: Explanation) -> Iterator[str]:
    """Say what the hours rest on: a method, silence, or figures at odds."""
    for each in told.bases:
        words = BASES.get(each.basis, each.basis)
        yield f"{ratio_words(each.ratio)} of the hours rest on {each.basis}: {words}."


def declared(line: DeclaredLine, training: Range) -> str:
    """Hold a declaration against what was metered."""
    name = line.model_name or "no name given"
    begin = f"The customer of {line.tenant_id} declares {name} ({line.declaration_id})"
    if line.operations is None:
        return f"{begin}, without figures. A declaration is compared, never trusted alone."
    place = "within"
    if line.operations < training.low:
        place = "below"
    elif line.operations > training.high:
        place = "above"
    return (
        f"{begin}: {operations_text(line.operations)} operations, {line.basis}; that lies {place} "
        "the metered interval of training. A declaration is compared, never trusted alone."
    )


def training(told: Explanation) -> str:
    """State the rule by which runs enter the sums of training."""
    likely = told.figures.training_probability
    if not told.runs.count:
        return (
            "An opening balance tells of training under way: what was stated counts as training "
            "until metering says otherwise."
        )
    first = "Nothing says whether the work is training."
    if likely is not None:
        first = f"Weighed by hours, the work is training with probability {percent_words(likely)}."
    stated = " Of each run and tenant below, what was metered is told." if told.openings else ""
    return (
        f"{first} A run counts "
        f"whole or not at all: for the low sum from {ratio_words(COUNTS_FROM['low'])}, for the "
        f"expected from {ratio_words(COUNTS_FROM['expected'])}, for the high from "
        f"{ratio_words(COUNTS_FROM['high'])}. A "
        f"probability never multiplies operations.{stated}"
    )


def run(line: PartLine) -> str:
    """Say how sure it is that one run is training, how large it is, and where it counts."""
    entered = " and ".join(line.counts_in[-2:]) if len(line.counts_in) > 1 else ""
    counted = {0: "It counts in no sum of training.", 1: "It counts in the high sum alone."}
    counted |= {2: f"It counts in the {entered} sums.", 3: "It counts in all three sums."}
    return (
        f"{percent_words(line.training_probability)} training; "
        f"{count_words(line.accelerator_hours)} hours; "
        f"{operations_text(line.operations.expected)} operations "
        f"({operations_text(line.operations.low)} to {operations_text(line.operations.high)}). "
        f"{counted[len(line.counts_in)]}"
    )


def others(shown: Shown, what: str) -> str:
    """Say what the list leaves out."""
    left = shown.count - len(shown.lines)
    return (
        f"{left:,} more {what}; the {len(shown.lines)} listed make "
        f"{ratio_words(shown.shown_ratio)} of the operations."
    )


def summed(told: Explanation) -> str:
    """Say how the sum of the parts is made."""
    if not told.runs.count:
        return "Nothing was metered: no hardware, runs or tenants can be told."
    return (
        f"{counted(told.runs.count, 'run')} of {counted(told.tenants.count, 'tenant')} "
        f"{'is' if told.runs.count == 1 else 'are'} summed. {_errors(told.agreement)}"
    )


def _errors(agreement: Agreement) -> str:
    runs_, tenants = agreement.between_runs, agreement.between_tenants
    if runs_ >= 1 and tenants >= 1:
        return "All errors count as one error, which is the widest that a sum can be."
    return (
        "Errors within a run count as one error; those of two runs of a tenant agree to "
        f"{ratio_words(runs_)}, those of two tenants to {ratio_words(tenants)}, so that the sum "
        "is surer than its parts."
    )


def threshold(line: ThresholdLine) -> str:
    """Say whether and when a threshold was crossed."""
    sign = "above" if line.comparison == "gt" else "at least"
    at = line.crossed_at
    state = "Passed" if line.is_likely else "Not passed"
    return (
        f"{state}: {sign} {operations_text(line.operations)} operations ({line.threshold_id} of "
        f"{line.policy_id}, {line.legal_status.replace('_', ' ')}). Probability "
        f"{percent_words(line.probability)}. Crossed at the earliest: "
        f"{instant_words(at.earliest)}; likely: {instant_words(at.likely)}; certain: "
        f"{instant_words(at.certain)}.{_ahead(line.ahead)}"
    )


def _ahead(ahead: Ahead | None) -> str:
    if ahead is None:
        return ""
    begin = (
        f" If the work goes on as of late, it is passed within {ahead.horizon_days} days with "
        f"probability {percent_words(ahead.probability)}"
    )
    if ahead.likely_at is None:
        return f"{begin}."
    return f"{begin}, most likely on {date_words(ahead.likely_at)}."


def binding(told: Explanation) -> str:
    """Name the one assumption that carries most of the interval's width."""
    bound = told.binding
    if told.figures.operations.high <= 0:
        return "There is no interval, for no operation could be counted."
    if bound is None:
        return (
            "No single assumption carries the interval: settling any one of those tried would "
            "leave it about as wide as it is."
        )
    what, settled = ASSUMPTIONS[bound.assumption]
    return (
        f"Most of the interval rests on {what}. {_width(bound.width_ratio)} If {settled}, "
        f"{_left(bound.settled_width_ratio)}"
    )


def _width(ratio: float | None) -> str:
    if ratio is None:
        return "The high bound is a figure, the low bound is nothing."
    return f"The high bound is {ratio:.3g} times the low one."


def _left(ratio: float | None) -> str:
    if ratio is None:
        return "the low bound would still be nothing."
    if ratio < _NARROW:
        return "next to nothing of the interval would be left."
    return f"the high bound would be {ratio:.3g} times the low one."


def sums_words(told: Explanation) -> str:
    """Say what the three sums of a timeline are, and in what unit."""
    if told.figures.training_operations.high <= 0:
        return "No work here counts as training in any sum."
    power = operations_text(10.0 ** power_of_ten(told.figures.training_operations.high))
    return f"Low, expected and high: training until then, in {power} operations."


def unchanged(told: Explanation) -> str:
    """Name what was tried and moved no figure by as much as one part in a thousand."""
    names = [each.because for each in told.what_if if not changes(told, each)]
    return f"No difference if {'; or if '.join(names)}." if names else ""


def changes(told: Explanation, row: WhatIf) -> bool:
    """Say whether any of the three figures of training would move by a part in a thousand."""
    before, after = told.figures.training_operations, row.training_operations
    pairs = (
        (before.low, after.low),
        (before.expected, after.expected),
        (before.high, after.high),
    )
    return any(abs(was - is_) > 1e-3 * max(was, is_) for was, is_ in pairs)


def _owners(person: Who) -> Iterator[str]:
    """Call each owner by its name, with its id."""
    parties = person.ownership.parties if person.ownership is not None else ()
    names = {each.record_id: name_of(each) for each in parties}
    for owner in person.owner_ids:
        name = names.get(owner, owner)
        yield owner if name == owner else f"{name} ({owner})"


def who(told: Explanation) -> Iterator[str]:
    """Say whose work it is, as far as is known."""
    person = told.who
    yield f"{STATUSES[person.person_status].capitalize()}."
    yield from person.reasons
    if person.headquarters:
        yield f"Headquarters and ultimate parents: {', '.join(person.headquarters)}."
    if person.owner_ids:
        yield f"Owners while the work was done: {'; '.join(_owners(person))}."
    else:
        yield "No owner is on file."
    if len(told.tenant_ids) > 1:
        yield f"Tenants: {', '.join(told.tenant_ids)}."
