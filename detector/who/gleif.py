"""GLEIF level 2 beside ownership statements: who consolidates whom, by Legal Entity Identifier.

Consolidation is a matter of accounts. It says nothing of shares, so it makes nobody an owner and
moves no figure: it agrees with a statement, contradicts it, or is silent. The columns are those of
the published relationship file (RR-CDF, golden copy, CSV).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import polars as pl
from rigour.ids import LEI

from detector.errors import PolicyError

#: Columns that a relationship file must have, by their published names.
CHILD: Final = "Relationship.StartNode.NodeID"
PARENT: Final = "Relationship.EndNode.NodeID"
KIND: Final = "Relationship.RelationshipType"
STATUS: Final = "Relationship.RelationshipStatus"
REGISTRATION: Final = "Registration.RegistrationStatus"
NODE_KINDS: Final = ("Relationship.StartNode.NodeIDType", "Relationship.EndNode.NodeIDType")
REQUIRED: Final = (CHILD, NODE_KINDS[0], PARENT, NODE_KINDS[1], KIND, STATUS, REGISTRATION)
#: A relationship has up to so many periods; the one that says how long it lasted is of this type.
PERIODS_MAX: Final = 5
LASTED: Final = "RELATIONSHIP_PERIOD"
#: The two kinds that are about consolidation: branches and funds are not.
DIRECT: Final = "IS_DIRECTLY_CONSOLIDATED_BY"
ULTIMATE: Final = "IS_ULTIMATELY_CONSOLIDATED_BY"
#: Registrations that were taken back.
WITHDRAWN: Final = ("ANNULLED", "DUPLICATE")
#: What a scheme of a BODS identifier is called where it is a Legal Entity Identifier.
SCHEMES: Final = frozenset({"xi-lei", "lei", "legal entity identifier", "gleif"})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

RELATIONSHIPS: Final = pl.Schema(
    {
        "child": pl.String(),
        "parent": pl.String(),
        "is_direct": pl.Boolean(),
        "is_active": pl.Boolean(),
        "starts_on": pl.Date(),
        "ends_on": pl.Date(),
    }
)


@dataclass(frozen=True)
class Gleif:
    """Relationship files as read: RELATIONSHIPS, once each, in a fixed order."""

    relationships: pl.DataFrame

    def among(self, leis: Iterable[str]) -> list[Mapping[str, Any]]:
        """Give the relationships whose child is one of these."""
        wanted = self.relationships.filter(pl.col("child").is_in(sorted(set(leis))))
        return list(wanted.iter_rows(named=True))


def read_relationships(content: bytes, name: str) -> pl.DataFrame:
    """Read one relationship file: RELATIONSHIPS of consolidation between two LEIs.

    Raises:
        PolicyError: It is no such file; the message names it, and what it lacks.
    """
    header = content.removeprefix(_BYTE_ORDER_MARK).partition(b"\n")[0]
    columns = [each.strip(' "\r') for each in header.decode("utf-8", "replace").split(",")]
    lacking = [each for each in REQUIRED if each not in columns]
    if lacking:
        raise PolicyError(
            name,
            "line 1",
            "a GLEIF relationship file (RR-CDF golden copy, CSV)",
            f"no column {lacking[0]}",
            "give the unpacked relationship file, not level 1 and not the reporting exceptions",
        )
    try:
        rows = pl.read_csv(BytesIO(content), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        what = " ".join(str(error).split())[:200]
        raise PolicyError(name, "rows", "CSV", what, "fetch the file again") from error
    return _relationships(rows)


def together(files: Iterable[pl.DataFrame]) -> Gleif:
    """Put the rows of several files together, each once."""
    rows = pl.concat([pl.DataFrame(schema=RELATIONSHIPS), *files]).unique()
    return Gleif(rows.sort(list(RELATIONSHIPS)))


def lei_of(details: Mapping[str, Any]) -> str | None:
    """Give the Legal Entity Identifier among the identifiers of a BODS entity, None without one."""
    stated = details.get("identifiers")
    listed = stated if isinstance(stated, list) else []
    for each in listed:
        names = (each.get("scheme"), each.get("schemeName")) if isinstance(each, Mapping) else ()
        value = each.get("id") if isinstance(each, Mapping) else None
        is_lei = any(isinstance(n, str) and n.strip().casefold() in SCHEMES for n in names)
        if is_lei and isinstance(value, str) and LEI.is_valid(value):
            return LEI.normalize(value)
    return None


def _relationships(rows: pl.DataFrame) -> pl.DataFrame:
    is_between_leis = pl.all_horizontal(pl.col(each) == "LEI" for each in NODE_KINDS)
    is_wanted = pl.col(KIND).is_in([DIRECT, ULTIMATE]) & ~pl.col(REGISTRATION).is_in(WITHDRAWN)
    return rows.filter(is_between_leis & is_wanted).select(
        child=pl.col(CHILD),
        parent=pl.col(PARENT),
        is_direct=pl.col(KIND) == DIRECT,
        is_active=pl.col(STATUS) == "ACTIVE",
        starts_on=_lasted(rows, "startDate"),
        ends_on=_lasted(rows, "endDate"),
    )


def _lasted(rows: pl.DataFrame, end: str) -> pl.Expr:
    """Give a date of the period that says how long a relationship lasted, null where none does."""
    found = [pl.lit(None, pl.Date)]
    for number in range(1, PERIODS_MAX + 1):
        kind, day = (f"Relationship.Period.{number}.{each}" for each in ("periodType", end))
        if kind in rows.columns and day in rows.columns:
            date = pl.col(day).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
            found.append(pl.when(pl.col(kind) == LASTED).then(date))
    return pl.coalesce(found)
