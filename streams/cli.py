"""The command line: parse, call, exit status. Every error is one line on standard error."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Final

from streams.command_line import CommandError, Parser, adder_of, new_parser
from streams.logs import configure_logging
from streams.output import prepare_stdout
from streams.version import code_version

#: The module of each command, in ``streams.commands``. Only that of the command asked for is
#: loaded: what judging needs takes two seconds to load, and a recorder needs none of it.
COMMANDS: Final = {
    "demo": "demo",
    "replay": "replay",
    "run": "sidecar",
    "export": "sidecar",
    "doctor": "sidecar",
    "backup": "backup",
    "explain": "explain",
    "calibrate": "calibrate",
    "validate": "validate",
    "catalogue": "catalogue",
    "screen": "screen",
    "check-bods": "check_bods",
    "record": "record",
    "simulate": "simulate",
}
FAILED, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    _set_up_output()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        chosen = _parser(given[:1]).parse_args(given)
        status: int = chosen.command(chosen)
    except CommandError as error:
        return _fail(USAGE, error)
    except KeyboardInterrupt:
        return _fail(FAILED, InterruptedError("stopped by the keyboard; nothing half is kept"))
    except SystemExit:  # help or version was shown; nothing more is loaded
        raise
    except _expected_errors() as error:
        return _fail(_status_of(error), error)
    return status


def _expected_errors() -> tuple[type[Exception], ...]:
    """Give every error that a person can cause; loaded once there is one."""
    from streams.statuses import STATUSES  # noqa: PLC0415 - it loads everything

    return tuple(STATUSES)


def _status_of(error: Exception) -> int:
    from streams.statuses import STATUSES  # noqa: PLC0415 - it loads everything

    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


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
    from detector.documents import printable  # noqa: PLC0415 - its library takes long to load

    sys.stderr.write(f"trainwatch: {printable(' '.join(str(error).split()))}\n")
    return status


def _parser(names: Collection[str]) -> Parser:
    """Give a parser that knows every command, and the options of those named."""
    parser = new_parser(code_version())
    add = adder_of(parser)
    modules = dict.fromkeys(COMMANDS[name] for name in names if name in COMMANDS)
    for module in modules:
        import_module(f"streams.commands.{module}").add_to(add)
    for name, module in COMMANDS.items():
        if module not in modules:
            add(name)
    return parser
