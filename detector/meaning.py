"""Everything that is looked up when work is judged: catalogue, law, places, limits, classifier."""

from __future__ import annotations

from dataclasses import dataclass

from detector.classifier.classify import Classifier
from detector.policy.model import Policy
from detector.policy.tables import CountryTable
from detector.report.document import Provenance
from detector.rules import Limits
from features.compute import Catalogue


@dataclass(frozen=True)
class Meaning:
    """Dated data and a fitted classifier (None: rules alone); a new one changes every number."""

    catalogue: Catalogue
    policy: Policy
    countries: CountryTable
    limits: Limits
    classifier: Classifier | None
    provenance: Provenance

    def limits_of_reports(self) -> list[float]:
        """Give the operations of every threshold of a pack that reports."""
        packs = [pack for pack in self.policy.packs if pack.reports]
        return [threshold.operations for pack in packs for threshold in pack.thresholds]
