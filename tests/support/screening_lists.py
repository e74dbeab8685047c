"""Invented screening lists, in every format, and a screener over them, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from detector.screening.lists import read_snapshot
from detector.screening.parties import Judgement, PartyKind, Snapshot, Subject
from detector.screening.screener import Screener
from streams.lists import effects, figures

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "screening"
ENTITY_LIST: Final = "Entity List (EL) - Bureau of Industry and Security"
SDN: Final = "Specially Designated Nationals (SDN) - Treasury Department"


def snapshot(name: str = "csl.csv") -> Snapshot:
    """Read one of the invented lists; its label is its name."""
    return read_snapshot((FOLDER / name).read_bytes(), name, name)


def screener(*names: str, judged: tuple[Judgement, ...] = ()) -> Screener:
    read = [snapshot(name) for name in names or ("csl.csv",)]
    return Screener(read, figures(), effects(), {each.pair: each for each in judged})


def asked(
    *names: str,
    kind: PartyKind = "organisation",
    countries: tuple[str, ...] = (),
    identifiers: tuple[str, ...] = (),
    birth_dates: tuple[str, ...] = (),
) -> Subject:
    return Subject("r-1", "query", kind, names, identifiers, countries, (), birth_dates)
