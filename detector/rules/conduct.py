"""Rules about the meters: silence, impossible figures, disagreement.

Most of them turn a notice, written where the totals are made, into a finding. Those are low: a
meter that fails is a fault far more often than a mask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from detector.rules.noticed import METERED, meter_rule, noticed
from detector.rules.rule import Case, Hit, Rule, Value, meter_severity


def _telemetry_silent(case: Case) -> Hit | None:
    """Most device time has no usable counters, and at full use it could reach a threshold.

    Silence never lowers an estimate; it widens the interval up to the peak. It is a finding only
    where the device time at dense peak would pass the smallest threshold that can be reported, so
    that a small tenant without an agent is left alone. It mistakes a broken exporter for a mask.
    """
    facts = case.facts
    smallest = case.smallest_reporting_threshold
    if smallest is None or facts.peak_operations < smallest:
        return None
    if facts.silent_ratio < case.limits.silent_ratio_min:
        return None
    evidence: dict[str, Value] = {
        "silent_ratio": facts.silent_ratio,
        "peak_operations": facts.peak_operations,
        "threshold_operations": smallest,
    }
    return Hit("low" if facts.person_status.status == "us" else "medium", None, evidence)


def _telemetry_impossible(case: Case) -> Hit | None:
    """A counter gave what physics does not allow: a ratio over 1, more power than the chip draws.

    The figure was dropped and the hours stay. Most often an exporter mistakes its unit or reads
    nothing. From the provider's own meters (host, bmc) alone it tells of a meter to mend and
    nothing of the customer: info. From a guest or a bill it also is what a crude attempt to move
    the estimate looks like: low.
    """
    found = noticed(case, "telemetry-impossible")
    return found and replace(found, severity=meter_severity(found.evidence))


def _device_counts_disagree(case: Case) -> Hit | None:
    """Two events give different device counts for one resource at one time.

    The larger holds. Usually one meter lags behind a change of size.
    """
    return noticed(case, "device-counts-disagree")


def _tenants_disagree(case: Case) -> Hit | None:
    """Two events give one resource at one time to different tenants.

    The time counts for each of them, so their sums overlap. Usually an allocation changed hands
    and one meter lags; it can also be an identity that two customers share.
    """
    return noticed(case, "tenants-disagree")


def _vantages_disagree(case: Case) -> Hit | None:
    """Two vantages saw different telemetry on one resource: one of them is wrong.

    The most trusted vantage is expected, in the order host, bmc, bill, guest; the interval covers
    what each of the provider's own saw. Clocks that differ and
    meters that average differently look the same as a counter that was tampered with.
    """
    return noticed(case, "vantages-disagree")


def _counters_contradicted(case: Case) -> Hit | None:
    """Counters at rest, or below what the power takes, on a device at work: they may lie.

    An exporter can give zeros after long uptime; a customer can give them, or less than was. The
    interval opens to what each method says. Expected is what sound counters of the same run show
    at like power, else the largest figure. Work that is neither matrix nor vector arithmetic, such
    as sorting in memory, looks the same.
    """
    return noticed(case, "counters-contradicted")


def _counters_without_power(case: Case) -> Hit | None:
    """Pipe counters that show hard work at the power of an idle device: one of the two lies.

    Which one cannot be told from the two alone. A power meter that reads one board of several, or
    a unit taken for another, looks the same as counters that somebody turned up.
    """
    return noticed(case, "counters-without-power")


def _use_contradicted(case: Case) -> Hit | None:
    """Pipes were active for more of the time than the device was in use: the use counter lies.

    A pipe runs only inside a kernel, so use bounds it from above. Means that were taken over
    different parts of the hour can look the same.
    """
    return noticed(case, "use-contradicted")


def _power_contradicted(case: Case) -> Hit | None:
    """One vantage's power and its energy over the same time differ: one of the two lies.

    The larger is expected. An energy counter that wrapped or was reset looks the same.
    """
    return noticed(case, "power-contradicted")


def _opening_overlaps(case: Case) -> Hit | None:
    """An opening balance speaks of work before an instant, and some of it was metered.

    What was metered is taken off the opening, so nothing counts twice. Most often the date is that
    of a contract and not of the first meter; it can also be work stated a second time.
    """
    return noticed(case, "opening-overlaps")


def _opening_impossible(case: Case) -> Hit | None:
    """An opening balance states more than anybody ever computed.

    The amount was dropped, the rest stays. Most often a unit was mistaken, as petaflops for
    operations; the true figure is then unknown, and every figure of this tenant may be too low.
    """
    return noticed(case, "opening-impossible")


RULES: Final = (
    Rule(
        id="telemetry-silent",
        title="Silent counters over work that could reach a threshold",
        basis="house",
        severity="medium",
        scopes=METERED,
        when=_telemetry_silent,
        because="{silent_ratio} of the device time has no usable counters; at full use "
        "it could reach {peak_operations} operations, past {threshold_operations}.",
    ),
    meter_rule(
        "telemetry-impossible",
        "Impossible telemetry",
        _telemetry_impossible,
        "Impossible telemetry was dropped, {figure_count}: {reading}.",
    ),
    meter_rule(
        "device-counts-disagree",
        "Meters disagree on the device count",
        _device_counts_disagree,
        "For {overlap_hours} hours, events about one resource disagree on its device count; "
        "the larger of each tenant's own was taken.",
    ),
    meter_rule(
        "tenants-disagree",
        "Meters disagree on the tenant",
        _tenants_disagree,
        "For {overlap_hours} hours, events about one resource name different tenants; the time "
        "counts for each.",
    ),
    meter_rule(
        "vantages-disagree",
        "Vantages disagree on telemetry",
        _vantages_disagree,
        "In {bucket_count} of time, vantages of one resource disagree on {field}; the most "
        "trusted one was taken.",
    ),
    meter_rule(
        "opening-overlaps",
        "Opening balance over metered time",
        _opening_overlaps,
        "{metered_hours} accelerator-hours were metered before the instant of an opening balance "
        "for the same work; they were taken off it.",
    ),
    meter_rule(
        "opening-impossible",
        "Impossible opening balance",
        _opening_impossible,
        "Opening balances stated impossible amounts, which were dropped ({opening_count}).",
    ),
    meter_rule(
        "counters-contradicted",
        "Counters at rest on a device at work",
        _counters_contradicted,
        "Over {accelerator_hours} accelerator-hours, {counter} shows rest or little while the "
        "power drawn or the use shows work: dead counters look like this, and the interval does "
        "not rest on them alone.",
    ),
    meter_rule(
        "counters-without-power",
        "Busy counters at idle power",
        _counters_without_power,
        "Over {accelerator_hours} accelerator-hours, pipe counters show hard work while the power "
        "drawn shows rest: the two cannot both be true, and the interval covers both.",
    ),
    meter_rule(
        "use-contradicted",
        "Pipes busier than the device",
        _use_contradicted,
        "Over {accelerator_hours} accelerator-hours, pipes were active for more of the time than "
        "the device was in use: the use counter lies, and the interval covers both.",
    ),
    meter_rule(
        "power-contradicted",
        "Power and energy at odds",
        _power_contradicted,
        "Over {accelerator_hours} accelerator-hours, power and energy of one vantage differ by "
        "more than meters do: the two cannot both be true, and the larger is expected.",
    ),
)
