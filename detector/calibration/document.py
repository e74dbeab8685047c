"""The fitted prior as the text of ``reference/utilisation.toml``, for a person to read."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date

from detector.calibration.correlation import Correlation
from detector.calibration.fitting import Fitted
from features.prior import Curve, Power, Regime

HEAD = """\
# What share of the dense 16-bit peak of metered device time becomes operations of the AI model
# itself, where only the allocation is known. Fitted by `trainwatch calibrate`; do not edit by
# hand, but an operator may give another file of this form. Effects and widths are in log10 of the
# share: 0.1 is a factor of 1.26, 0.3 of 2. A curve is straight over log10 of its quantity and
# level beyond its ends. How well it holds: docs/validation.md.
"""
SOURCE = (
    "Published training runs with metered device hours and independently known operations "
    "(papers, model cards, Epoch AI, CC BY 4.0); MLPerf Training logs v3.0, v4.0, v5.0 and node "
    "power of v4.0 (MLCommons, Apache-2.0); llm-foundry throughput tables (Apache-2.0)"
)
METHOD = (
    "Robust ridge regression (Tukey's biweight) of log10(operations / (device seconds x dense "
    "16-bit peak)); form and ridge chosen by cross-validation over developers and submitters; "
    "interval ends from residuals of runs that the line had not seen, 8 % of them below and 2 % "
    "above. Young: benchmark runs of minutes to hours, tuned and mostly on 8-bit pipes; the low "
    "end reaches the least of ordinary 16-bit throughput, both ends as far as a round of a year "
    "that was left out. Old: published runs of days to months, elapsed or billed time with its "
    "pauses; its high end reaches what tuned 8-bit work would "
    "do with such pauses, where that is not ruled out."
)


def utilisation_text(fitted: Fitted, on: date) -> str:
    """Write the document."""
    prior = fitted.prior
    parts = [
        HEAD,
        f"as_of = {on.isoformat()}\n"
        f"sample_count = {fitted.old_count + fitted.young_count}\n"
        f'source = "{SOURCE}"\n'
        f'method = "{METHOD}"\n',
        "# Hours since a workload's first start: young below the first, old above the second.\n"
        f"young_until_hours = {prior.young_until_hours}\n"
        f"old_from_hours = {prior.old_from_hours}\n"
        f"ceiling = {prior.ceiling}      # of the expected share\n"
        f"high_ceiling = {prior.high_ceiling} # of the high bound: 8-bit pipes reach past 1\n"
        "# What a busy pipe executes of its peak: clocks fall under load, tiles are half full at\n"
        "# the edges. House figure, see docs/estimation.md.\n"
        f"executed_ratio = {prior.executed_ratio:.3f}\n",
        _regime("young", prior.young, fitted.young_count),
        _regime("old", prior.old, fitted.old_count),
        "# Effect of a claimed precision, by its bits; 16 or none is 0.\n[stated_bits]\n"
        + _table(prior.stated_bits),
        "# Effect of a service class: no measured run states one.\n[service_classes]\n"
        + _table(prior.service_classes),
        "# The AI model's own part of what the hardware executed: MFU over HFU, 0.75 with full\n"
        "# recomputation, times what a busy pipe does of its peak; low allows also for\n"
        "# work that the count of operations leaves out.\n"
        "[algorithmic]\n"
        f"low = {prior.algorithmic.low:.3f}\nexpected = {prior.algorithmic.expected:.3f}\n"
        f"high = {prior.algorithmic.high:.3f}\n",
        "# Power over rated power: at the accelerator (wall less host, fans, losses) and at the\n"
        "# plug (measured). Few systems were metered: an exponent of "
        f"{fitted.response.measured:.2f}, standard error\n"
        f"# {fitted.response.error:.2f}, weighed by precision with what is possible at all: "
        "0 to 1.\n" + _power("board", prior.board) + "\n" + _power("wall", prior.wall),
        _correlations(fitted),
    ]
    return "\n".join(parts)


def _regime(name: str, regime: Regime, count: int) -> str:
    return (
        f"[{name}] # {count} runs; centre {10**regime.centre:.3f}\n"
        f"centre = {regime.centre:.4f}\n"
        f"below = {_outwards(regime.below)} # low end: expected / {10**regime.below:.2f}\n"
        f"above = {_outwards(regime.above)} # high end: expected x {10**regime.above:.2f}\n"
        f"few = {_names(regime.few)} # too few runs to be sure\n"
        f"unknown_spread = {regime.unknown_spread:.2f} # times as wide for these and the unknown\n"
        f"\n[{name}.generations]\n{_table(regime.generations)}"
        + _tuned(name, regime.tuned)
        + f"\n[{name}.device_hours] # accelerator hours so far\n{_curve(regime.device_hours)}"
        f"\n[{name}.devices] # accelerators at once\n{_curve(regime.devices)}"
    )


def _tuned(name: str, tuned: Mapping[str, float]) -> str:
    """Write what the high end must reach where tuned work on 8-bit pipes is not ruled out."""
    if not tuned:
        return ""
    return (
        "\n# The high end reaches at least so far where the provider did not rule 8-bit pipes out: "
        "nine in\n# ten benchmark runs would lie below it, held for months with the pauses of "
        f"long runs.\n[{name}.tuned]\n"
        + "".join(f"{generation} = {_outwards(width)}\n" for generation, width in tuned.items())
    )


def _outwards(width: float) -> str:
    """Round a width so that what it was to hold stays inside."""
    return f"{math.ceil(width * 1e4) / 1e4:.4f}"


def _names(names: Collection[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


def _curve(curve: Curve) -> str:
    knots = ", ".join(f"[{quantity:.1f}, {effect:.4f}]" for quantity, effect in curve.knots)
    return f"unknown = {curve.unknown:.4f}\nknots = [{knots}]\n"


def _table(effects: Mapping[str, float] | Mapping[int, float]) -> str:
    return "".join(f"{name} = {effect:.4f}\n" for name, effect in effects.items())


def _power(name: str, power: Power) -> str:
    return (
        f"[{name}]\nidle_ratio = {power.idle_ratio:.3f}\n"
        f"reference_ratio = {power.reference_ratio:.3f}\nexponent = {power.exponent:.3f}\n"
        f"full_ratio = {power.full_ratio:.3f}\n"
    )


def _correlations(fitted: Fitted) -> str:
    return (
        "# Correlation of errors, on the safe side: a tenant may repeat one configuration, an\n"
        "# owner's tenants may be alike.\n"
        f"# repeats of one benchmark system: {_told(fitted.within_system)}\n"
        f"# systems of one submitter:        {_told(fitted.between_systems)}\n"
        f"# models of one developer:         {_told(fitted.between_models)}\n"
        "[correlation]\n"
        f"rho_tenant = {fitted.prior.rho_tenant:.2f}\nrho_owner = {fitted.prior.rho_owner:.2f}\n"
    )


def _told(found: Correlation) -> str:
    return (
        f"{found.estimate:.2f}, 95 % interval {found.low:.2f} to {found.high:.2f}, "
        f"{found.owner_count} owners"
    )
