"""Takes changed screening lists and judgements into use while the sidecar runs.

Files are looked at by size and time of writing, and read where either changed. A file that cannot
be used leaves the lists in force as they are and is told in the log; their age goes on growing.
Which snapshots were in force from when is kept in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from detector.findings.listed import listed_finder
from detector.meaning import Meaning
from streams.lists import ListFileError, read_lists
from streams.logs import Log
from streams.ports import Clock
from streams.service import Service
from streams.settings import ScreeningSettings
from streams.store import Reader, Store

#: The small fact of the store that holds which lists were in force from when.
IN_FORCE: Final = "screening_lists"

#: Size and time of writing of each file.
Stamp = tuple[tuple[Path, int, int], ...]


def lists_in_force(store: Reader) -> Sequence[Mapping[str, Any]]:
    """Give ``from`` (an instant) and ``lists`` (labels: name, date, digest), the earliest first."""
    found = store.value(IN_FORCE)
    return found if isinstance(found, list) else []


def remember_lists(store: Store, labels: Sequence[str], now: datetime) -> None:
    """Keep which lists are in force from now on, where they are others than before."""
    before = list(lists_in_force(store))
    if before and before[-1]["lists"] == list(labels):
        return
    with store.transaction() as transaction:
        entry = {"from": now.isoformat(), "lists": list(labels)}
        transaction.put_value(IN_FORCE, [*before, entry])


class Renewal:
    """Looks whether the files of ``[screening]`` changed; ``make`` builds a service anew."""

    def __init__(
        self,
        settings: ScreeningSettings,
        meaning: Meaning,
        store: Store,
        clock: Clock,
        make: Callable[[Meaning], Service],
        looked: Stamp | None = None,
    ) -> None:
        """Take the lists of ``meaning`` as those in force.

        ``looked`` is the stamp of before they were read, so that a file replaced meanwhile is
        read again; now by default.
        """
        self._settings = settings
        self._meaning = meaning
        self._store = store
        self._clock = clock
        self._make = make
        self._log = Log("screening")
        self._stamp = stamp_of(settings) if looked is None else looked
        remember_lists(store, meaning.provenance.lists, clock.now())

    def renew(self) -> Service | None:
        """Give a service that judges by changed files; None where none changed or can be used."""
        stamp = stamp_of(self._settings)
        if stamp == self._stamp or not self._settings.files:
            return None
        self._stamp = stamp
        asked = self._settings
        try:
            lists = read_lists(asked.files, asked.judgements, before=self._meaning.screener)
        except ListFileError as error:
            self._log.warning("list_not_used", reason=str(error))
            return None
        if lists.screener is None:
            return None
        before = self._meaning.provenance
        # The labels of the lists come first; what follows was read at start and stays.
        labels = (*lists.labels, *before.lists[len(asked.files) :])
        self._meaning = replace(
            self._meaning,
            screener=lists.screener,
            find_listed=listed_finder(lists.screener),
            provenance=before.model_copy(update={"lists": labels}),
        )
        remember_lists(self._store, labels, self._clock.now())
        self._log.info("lists_renewed", lists="; ".join(lists.labels))
        return self._make(self._meaning)


def stamp_of(settings: ScreeningSettings) -> Stamp:
    """Give size and time of writing of each file; one that cannot be looked at has neither."""
    paths = (*settings.files, *settings.judgements)
    return tuple((path, *_size_and_time(path)) for path in paths)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        known = path.stat()
    except OSError:
        return (-1, -1)
    return (known.st_size, known.st_mtime_ns)
