"""``trainwatch calibrate``: fit the utilisation prior to a folder of measured runs."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from detector.calibration.document import utilisation_text
from detector.calibration.fitting import fit_prior
from detector.policy.catalogue import read_catalogue
from detector.policy.utilisation import parse_utilisation
from streams.calibration_data import read_measured
from streams.command_line import Adder
from streams.export import write_whole
from streams.reference import reference_texts
from streams.terminal import console, show_text


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("calibrate")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="measured runs")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="TOML to write")
    parser.add_argument(
        "--on", type=_day, required=True, metavar="DATE", help="date to put into it (YYYY-MM-DD)"
    )
    parser.set_defaults(command=_calibrate)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected a date such as 2026-11-22, found {text!r}"
        ) from error


def _calibrate(chosen: argparse.Namespace) -> int:
    """Fit, see that what was fitted reads back, write it whole."""
    accelerators = read_catalogue(reference_texts()).accelerators()
    measured = read_measured(chosen.data, accelerators)
    fitted = fit_prior(measured.cases, measured.powered, measured.ratios, measured.pauses)
    text = utilisation_text(fitted, chosen.on)
    parse_utilisation(text, chosen.out.name)
    write_whole(chosen.out, [text.encode()])
    show_text(console(), f"{chosen.out}: fitted to {fitted.old_count + fitted.young_count} runs")
    return 0
