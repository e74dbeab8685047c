"""Parts of the state that were judged one by one, put together to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import polars as pl

from detector.completeness import completeness, completeness_findings
from detector.findings.accounts import Seen, account_findings
from detector.findings.linked import link_findings
from detector.findings.listed import listed_findings
from detector.findings.metering import metering_findings
from detector.findings.plans import plan_findings
from detector.findings.repeated import repeated_findings
from detector.findings.withdrawn import withdrawn_findings
from detector.ledger import TOTALS, added
from detector.linkage import Marks, linkage, together_marks
from detector.linked import Link
from detector.meaning import Meaning
from detector.parties import Parties
from detector.rules import Finding
from detector.watching import Watched
from detector.watching import gathered as gathered_watched
from features.activity import Activity
from features.completeness import Metered, gathered, nothing_metered

_KEY: Final = ("scope", "id")
#: Columns of totals that are at hand of every part at once while they are put in order.
COLUMNS_TOGETHER: Final = 4


class Judged(Protocol):
    """A part of the state that was judged, wherever its rows are held; see ``Part``."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What holds of its subjects."""

    @property
    def sums(self) -> pl.DataFrame:
        """What may go on in other parts, in whole numbers: ``ledger.parts_of``."""

    @property
    def marks(self) -> Marks:
        """What links its workloads to others."""

    @property
    def metered(self) -> Metered:
        """What was metered where."""

    @property
    def watched(self) -> Watched:
        """What is watched of the classifier."""

    @property
    def withdrawn(self) -> pl.DataFrame:
        """Give WITHDRAWN of its tenants and owners."""

    def rows(self, columns: Sequence[str]) -> pl.DataFrame:
        """Give columns of TOTALS of the subjects that lie in this part alone."""


@dataclass(frozen=True)
class Part:
    """A part of the state that was judged, in memory."""

    totals: pl.DataFrame
    findings: tuple[Finding, ...]
    sums: pl.DataFrame
    marks: Marks
    metered: Metered
    watched: Watched
    withdrawn: pl.DataFrame

    def rows(self, columns: Sequence[str]) -> pl.DataFrame:
        """Give columns of TOTALS of the subjects that lie in this part alone."""
        return self.totals.select(columns)


@dataclass(frozen=True)
class Whole:
    """Everything at one instant: rows of totals.csv, findings, links, COMPLETENESS rows."""

    totals: pl.DataFrame
    findings: tuple[Finding, ...]
    links: tuple[Link, ...]
    completeness: pl.DataFrame
    watched: Watched


def together(
    parts: Sequence[Judged],
    activity: Activity,
    as_of: datetime,
    parties: Parties,
    meaning: Meaning,
) -> Whole:
    """Put parts of the state together that share no tenant, owner or run; link runs across them.

    ``activity``: who sent usage and when, over all parts.
    """
    findings = [finding for part in parts for finding in part.findings]
    marks = together_marks([part.marks for part in parts])
    links = linkage(marks, meaning)
    findings += link_findings(links, marks, parties, as_of, meaning)
    where = gathered([nothing_metered(), *(part.metered for part in parts)])
    seen = completeness(where, activity, meaning.limits)
    findings += completeness_findings(seen, meaning.limits, as_of)
    totals = _totals(parts, meaning)
    findings += account_findings(totals, marks, links, Seen(parties, as_of), meaning)
    findings += metering_findings(totals, parties, as_of, meaning)
    findings += repeated_findings(where.repeats, activity, totals, as_of, meaning)
    lost = pl.concat([part.withdrawn for part in parts])
    findings += withdrawn_findings(lost, activity.corrected, parties, as_of, meaning)
    tenants = totals.select(pl.col("id").filter(scope="tenant")).to_series()
    findings += listed_findings(parties, meaning, as_of)
    findings += plan_findings(set(tenants), parties, meaning, as_of)
    findings.sort(key=lambda finding: (finding.scope, finding.subject_id, finding.rule_id))
    live = gathered_watched([part.watched for part in parts])
    return Whole(totals, tuple(findings), links, seen, live)


def _totals(parts: Sequence[Judged], meaning: Meaning) -> pl.DataFrame:
    """Put the rows of all parts in order, some columns at a time: that is what takes room."""
    further = added([pl.concat([part.sums for part in parts])], meaning.correlations)

    def rows(columns: Sequence[str]) -> pl.DataFrame:
        found = [*(part.rows(columns) for part in parts), further.select(columns)]
        return pl.concat(found, rechunk=True)

    order = rows(_KEY).select(pl.arg_sort_by(_KEY)).to_series()
    return pl.concat(
        [
            rows(TOTALS[start : start + COLUMNS_TOGETHER])[order]
            for start in range(0, len(TOTALS), COLUMNS_TOGETHER)
        ],
        how="horizontal",
    )
