"""The command line: parse, call, exit status. Every error is one line on standard error."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from detector.documents import printable
from streams.command_line import CommandError, Parser, adder_of, new_parser
from streams.commands import (
    backup,
    calibrate,
    catalogue,
    check_bods,
    demo,
    explain,
    record,
    replay,
    screen,
    sidecar,
    simulate,
    validate,
)
from streams.export import OutputError
from streams.files import InputError
from streams.logs import configure_logging
from streams.output import prepare_stdout
from streams.packaged import code_version
from streams.web.server import ListenError
from streams.wiring import CONFIGURATION_ERRORS, WORK_ERRORS

COMMANDS: Final = (
    demo,
    replay,
    sidecar,
    backup,
    explain,
    calibrate,
    validate,
    catalogue,
    screen,
    check_bods,
    record,
    simulate,
)
ASKED_WRONGLY = (
    *explain.ASKED_WRONGLY,
    *catalogue.ASKED_WRONGLY,
    *record.ASKED_WRONGLY,
    simulate.SimulateError,
    *screen.ASKED_WRONGLY,
)
FAILED, USAGE, INPUT = 1, 2, 3


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
    except (OutputError, ListenError, *record.FAILURES, *WORK_ERRORS) as error:
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
    for each in COMMANDS:
        each.add_to(add)
    return parser
