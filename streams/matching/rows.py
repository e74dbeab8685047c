"""The labelled names of a data folder: listed parties with one alias hidden, and who asks for whom.

``sanctions_lists/ofac_*.csv.gz`` (a work of the US Government), ``name_matching`` (MIT). Of each
entity the alias whose digest is the smallest is hidden and asked for. Half of the entities, by
digest, are fitted to; the other half is only measured.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, NamedTuple

from detector.screening.parties import ListedParty, PartyKind
from streams.files import InputError

Half = Literal["fitted", "measured"]
KINDS: Final[Mapping[str, PartyKind]] = {"individual": "person", "": "organisation"}
#: How the labelled pairs call what we screen.
PAIR_KINDS: Final[Mapping[str, PartyKind]] = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "LegalEntity": "organisation",
}
STRANGERS: Final = {
    "invented people, worldwide names": "negative_global_synthetic_people",
    "invented people, names of the United States": "negative_us_synthetic_people",
    "members of the United States Congress": "positive_us_congress",
}


class Query(NamedTuple):
    """A name that is asked for; ``party_id`` is whom it means, None where nobody listed is."""

    name: str
    kind: PartyKind
    party_id: str | None
    half: Half


class LabelledPair(NamedTuple):
    """Two names, and whether they mean one party."""

    ours: str
    listed: str
    kind: PartyKind
    is_same: bool


class Labelled(NamedTuple):
    """Everything that is fitted to and measured on."""

    parties: tuple[ListedParty, ...]
    aliases: tuple[Query, ...]
    strangers: Mapping[str, tuple[Query, ...]]
    pairs: tuple[LabelledPair, ...]


def read_labelled(folder: Path) -> Labelled:
    """Read the folder of shared data.

    Raises:
        InputError: A file is missing or lacks a column.
    """
    try:
        parties, aliases = _listed(folder / "sanctions_lists")
        names = folder / "name_matching"
        strangers = {
            told: tuple(
                Query(row["full_name"], "person", None, half_of(row["full_name"]))
                for row in _table(names / f"queries_{file}.csv.gz")
            )
            for told, file in STRANGERS.items()
        }
        pairs = tuple(
            LabelledPair(row["name1"], row["name2"], PAIR_KINDS[row["schema"]], _true(row))
            for row in _table(names / "pairs_nomenklatura.csv")
            if row["schema"] in PAIR_KINDS
        )
    except (OSError, KeyError) as error:
        raise InputError(
            f"{folder}: expected sanctions_lists and name_matching with their columns, "
            f"came {error!r}; give the folder of shared data"
        ) from error
    return Labelled(parties, aliases, strangers, pairs)


def _listed(folder: Path) -> tuple[tuple[ListedParty, ...], tuple[Query, ...]]:
    aliases: dict[str, list[str]] = defaultdict(list)
    for row in _table(folder / "ofac_alt.csv.gz"):
        aliases[row["ent_num"]].append(row["alt_name"])
    parties, asked = [], []
    for row in _table(folder / "ofac_sdn.csv.gz"):
        party_id, kind = row["ent_num"], KINDS.get(row["type"])
        if kind is None:
            continue
        known = sorted(set(aliases[party_id]) - {row["name"]})
        hidden = min(known, key=lambda name: _digest(party_id + name), default=None)
        if hidden is not None:
            asked.append(Query(hidden, kind, party_id, half_of(party_id)))
        rest = tuple(name for name in known if name != hidden)
        parties.append(ListedParty(party_id, "SDN", kind, row["name"], rest))
    return tuple(parties), tuple(asked)


def half_of(text: str) -> Half:
    """Give the half of an entity or a name."""
    return "fitted" if int(_digest(text)[:8], 16) % 2 else "measured"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _true(row: Mapping[str, str]) -> bool:
    return row["is_match"] == "True"


def _table(path: Path) -> Sequence[Mapping[str, str]]:
    body = path.read_bytes()
    text = (gzip.decompress(body) if path.suffix == ".gz" else body).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))
