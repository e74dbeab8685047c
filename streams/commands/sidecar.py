"""``trainwatch run``, ``export`` and ``doctor``: the sidecar, its files, and what ails it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from streams.command_line import Adder
from streams.configuration import load_settings
from streams.doctor import exit_status, run_checks
from streams.logs import keep_quiet
from streams.wiring import checks, export, run_sidecar


def add_to(add: Adder) -> None:
    """Add the commands to the command line."""
    run, written, doctor = add("run"), add("export"), add("doctor")
    for parser, is_required in ((run, True), (written, True), (doctor, False)):
        parser.add_argument(
            "--config",
            type=Path,
            required=is_required,
            metavar="FILE",
            help="the configuration, TOML; deploy/trainwatch.toml has every key",
        )
    written.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where files are written"
    )
    run.set_defaults(command=_run)
    written.set_defaults(command=_export)
    doctor.set_defaults(command=_doctor)


def _run(chosen: argparse.Namespace) -> int:
    run_sidecar(load_settings(chosen.config))
    return 0


def _export(chosen: argparse.Namespace) -> int:
    export(load_settings(chosen.config), chosen.out)
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    keep_quiet("kafka")  # one line a check: the broker's says what the library would say in ten
    results = run_checks(checks(chosen.config))
    for result in results:
        sys.stdout.write(f"{result.line()}\n")
    return exit_status(results)
