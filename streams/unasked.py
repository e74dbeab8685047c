"""Reports that stand though the pack they rest on is not loaded any more.

A pack that is not configured judges nothing, so it withdraws nothing either: the last version
stays as it is, and a person is told. Counts and ids of packs only; nothing of a customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from streams.doctor import Answer, Check, Errors
from streams.logs import Log
from streams.reported import read_reported
from streams.store import Reader, StoreError

_REMEDY = "load a version of the pack to have them judged again, or withdraw them where filed"


def unasked(stored: Mapping[str, bytes], pack_ids: Collection[str]) -> dict[str, int]:
    """Count the standing reports of packs that are not among ``pack_ids``, by pack."""
    standing = (each for each in read_reported(stored).values() if each.facts.standing)
    counts = Counter(each.pack_id for each in standing if each.pack_id not in pack_ids)
    return dict(sorted(counts.items()))


def tell_unasked(stored: Mapping[str, bytes], pack_ids: Collection[str], log: Log) -> None:
    """Warn of each pack that is gone and left standing reports."""
    for pack_id, count in unasked(stored, pack_ids).items():
        log.warning("reports_without_pack", pack=pack_id, reports=count, remedy=_REMEDY)


def unasked_check(
    path: Path, look: Callable[[], tuple[Sequence[str], Sequence[str]]], errors: Errors = ()
) -> Check:
    """Look whether every standing report in the store has its pack.

    ``path``: the store; ``look`` gives the ids of packs that load and of those that are missing.
    """

    def judge() -> Answer:
        if not path.exists():
            return Answer("ok", "none yet")
        with Reader.open(path) as reader:
            left = unasked(reader.reported(), look()[0])
        if not left:
            return Answer("ok", "each has its pack")
        told = ", ".join(f"{count} of {pack_id}" for pack_id, count in left.items())
        return Answer("warn", f"no pack judges {told}; they keep their last version")

    return Check("standing reports", judge, _REMEDY, (OSError, ValueError, StoreError, *errors))
