"""The exit status of every error that a person can cause; it loads every command.

0 done, 1 failed, 2 the command line or the configuration is wrong, 3 an input could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streams.commands import catalogue, explain, record, screen, simulate
from streams.export import OutputError
from streams.files import InputError
from streams.web.server import ListenError
from streams.wiring import CONFIGURATION_ERRORS, WORK_ERRORS

_USAGE: Final = (
    *explain.ASKED_WRONGLY,
    *catalogue.ASKED_WRONGLY,
    *record.ASKED_WRONGLY,
    simulate.SimulateError,
    *screen.ASKED_WRONGLY,
    *CONFIGURATION_ERRORS,
)
_FAILED: Final = (OutputError, ListenError, *record.FAILURES, *WORK_ERRORS)
#: By kind; of an error that is several of them the first holds.
STATUSES: Final[Mapping[type[Exception], int]] = {
    **dict.fromkeys(_USAGE, 2),
    InputError: 3,
    **dict.fromkeys(_FAILED, 1),
}
