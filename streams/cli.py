"""The command line: parse, call, exit status. Every error is one line on standard error."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from detector.documents import printable
from streams import (
    backup_command,
    bods_command,
    calibration_command,
    catalogue_command,
    explain_command,
    record_command,
    screen_command,
    simulate_command,
    validation_command,
)
from streams.ahead import processors
from streams.arguments import add_lookups, chosen_meaning, positive, raise_together, seed
from streams.clock import SystemClock
from streams.command_line import Adder, CommandError, Parser, adder_of, new_parser
from streams.configuration import load_settings
from streams.doctor import exit_status, run_checks
from streams.export import OutputError
from streams.files import FileSource, InputError, find_inputs
from streams.logs import Progress, configure_logging, keep_quiet
from streams.output import prepare_stdout
from streams.packaged import build_meaning, code_version, default_policies, read_classifier
from streams.replay import Plan, replay
from streams.screen import screen, show_result
from streams.simulation import SimulatedSource, build
from streams.web.server import ListenError
from streams.wiring import CONFIGURATION_ERRORS, WORK_ERRORS, checks, export, run_sidecar

ASKED_WRONGLY = (
    *explain_command.ASKED_WRONGLY,
    *catalogue_command.ASKED_WRONGLY,
    *record_command.ASKED_WRONGLY,
    simulate_command.SimulateError,
    *screen_command.ASKED_WRONGLY,
)
DONE, FAILED, USAGE, INPUT = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    _set_up_output()
    try:
        chosen = _parser().parse_args(arguments)
        status: int = chosen.command(chosen)
    except (CommandError, *ASKED_WRONGLY, *CONFIGURATION_ERRORS) as error:
        return _fail(USAGE, error)
    except InputError as error:
        return _fail(INPUT, error)
    except (OutputError, ListenError, *record_command.FAILURES, *WORK_ERRORS) as error:
        return _fail(FAILED, error)
    except KeyboardInterrupt:
        return _fail(FAILED, InterruptedError("stopped by the keyboard; nothing half is kept"))
    return status


def _set_up_output() -> None:
    """Logs to standard output; no name of a customer is beyond any terminal; errors in one line."""
    prepare_stdout()
    configure_logging()
    sys.excepthook = _tell_defect


def _tell_defect(
    _kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say in one line what no part of the program expected, and where; the exit status is 1."""
    frames = traceback.extract_tb(trace)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown line"
    what = f"{type(error).__name__}: {error} (at {where})"
    advice = "run again; if it comes back, report this line with the input that causes it"
    _fail(FAILED, RuntimeError(f"expected no error here, got {what}; {advice}"))


def _fail(status: int, error: BaseException) -> int:
    sys.stderr.write(f"trainwatch: {printable(' '.join(str(error).split()))}\n")
    return status


def _parser() -> Parser:
    parser = new_parser(code_version())
    add = adder_of(parser)
    _add_demo(add("demo"))
    _add_replay(add("replay"))
    _add_sidecar(add)
    for each in (
        backup_command,
        explain_command,
        calibration_command,
        validation_command,
        catalogue_command,
        screen_command,
        bods_command,
        record_command,
        simulate_command,
    ):
        each.add_to(add)
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("demo-out"),
        metavar="DIR",
        help="where files are written (default demo-out)",
    )
    parser.add_argument("--seed", type=seed, default=1, help="another seed, another cloud")
    parser.set_defaults(command=_demo)


def _add_sidecar(add: Adder) -> None:
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


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="files, or folders to read whole"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where files are written"
    )
    add_lookups(parser)
    parser.add_argument(
        "--jobs",
        type=positive,
        default=processors(),
        metavar="N",
        help="batches decoded at once (default: the processors); changes no result",
    )
    parser.set_defaults(command=_replay)


def _replay(chosen: argparse.Namespace) -> int:
    lists, judged = chosen.screening, chosen.judgements
    meaning = chosen_meaning(chosen.policy, lists, chosen.catalogue, judged, chosen.gleif)
    inputs = find_inputs(chosen.paths, chosen.out)
    source = FileSource(inputs)
    total = sum(path.stat().st_size for path in inputs)
    is_plain = all(path.suffix not in (".gz", ".zst") for path in inputs)
    with Progress(total if is_plain else None) as progress:
        plan = Plan(chosen.as_of, chosen.jobs)
        result = replay(source, chosen.out, meaning, SystemClock(), progress.advance, plan)
    show_result(screen(), result, chosen.out)
    raise_together(source.failures)
    return DONE


def _run(chosen: argparse.Namespace) -> int:
    run_sidecar(load_settings(chosen.config))
    return DONE


def _export(chosen: argparse.Namespace) -> int:
    export(load_settings(chosen.config), chosen.out)
    return DONE


def _demo(chosen: argparse.Namespace) -> int:
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    cloud = build("demo", chosen.seed)
    source = SimulatedSource(cloud)
    with Progress(None, steps=cloud.block_count) as progress:
        plan = Plan(jobs=processors())
        result = replay(source, chosen.out, meaning, SystemClock(), progress.advance, plan)
    show_result(screen(), result, chosen.out)
    pages = sorted(chosen.out.glob("*.html"))
    if pages:
        sys.stdout.write(f"Open this report in a browser: {pages[0].resolve()}\n")
    return DONE


def _doctor(chosen: argparse.Namespace) -> int:
    keep_quiet("kafka")  # one line a check: the broker's says what the library would say in ten
    results = run_checks(checks(chosen.config))
    for result in results:
        sys.stdout.write(f"{result.line()}\n")
    return exit_status(results)
