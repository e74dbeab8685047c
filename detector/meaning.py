"""Everything that is looked up when work is judged: catalogue, law, places, limits, classifier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from detector.classifier.classify import Classifier
from detector.correlated import Correlations
from detector.facts import PersonStatus
from detector.parties.listed_owners import FindListed, Screening, nobody_listed
from detector.policy.model import HeadquartersTest, PersonTest, Policy
from detector.policy.tables import CountryTable
from detector.report.document import Provenance
from detector.rules import Limits
from detector.screening.screener import Screener
from detector.who.account_figures import AccountFigures
from detector.who.gleif import Gleif
from features.compute import Catalogue
from features.evidence import LinkFigures


@dataclass(frozen=True)
class Meaning:
    """Dated data and a fitted classifier (None: rules alone); a new one changes every number."""

    catalogue: Catalogue
    policy: Policy
    countries: CountryTable
    limits: Limits
    classifier: Classifier | None
    provenance: Provenance
    links: LinkFigures
    accounts: AccountFigures
    #: scored beside the classifier for comparison; nothing follows from what it says
    challenger: Classifier | None = None
    #: finds who among known records is on a screening list
    find_listed: FindListed = nobody_listed
    #: the screening lists, None where none is given
    screener: Screener | None = None
    #: who consolidates whom, None where no file is given; it corroborates and decides nothing
    gleif: Gleif | None = None

    @property
    def screening(self) -> Screening:
        """The packs asked for, and how listed parties are found."""
        snapshots = self.screener.snapshots if self.screener is not None else ()
        labels = tuple(each.label for each in snapshots)
        return Screening(self.policy.packs, self.find_listed, labels)

    @property
    def correlations(self) -> Correlations:
        """How far errors go together between workloads and between tenants."""
        prior = self.catalogue.prior
        return Correlations(prior.rho_tenant, prior.rho_owner)

    def reported_statuses(self) -> frozenset[PersonStatus] | None:
        """Give the person statuses that reports are about; None where a pack asks for more."""
        tests = [pack.subject_test for pack in self.policy.packs if pack.reports]
        persons = [test for test in tests if isinstance(test, PersonTest)]
        if len(persons) < len(tests):
            return None
        return frozenset(status for test in persons for status in test.person_statuses)

    def turns(self) -> tuple[datetime, ...]:
        """Give the instants at which the law that reports rest on changes, ascending.

        Nothing needs to arrive for a report to become due then. Laws change with a day, in UTC.
        """
        days: set[date] = set()
        for pack in self.policy.packs:
            if pack.reports:
                days |= pack.days_of_change()
                if isinstance(pack.subject_test, HeadquartersTest):
                    days |= self.countries.days_of_change(pack.subject_test.country_groups)
        return tuple(datetime.combine(day, time.min, UTC) for day in sorted(days))

    def least_limit(self, *, is_biological: bool = False) -> float:
        """Give the operations of the smallest threshold that reports, infinity for none.

        Thresholds for biological training alone count only where it was declared.
        """
        return min(
            (
                threshold.operations
                for pack in self.policy.packs
                for threshold in pack.thresholds
                if pack.reports and (is_biological or not threshold.only_biological)
            ),
            default=float("inf"),
        )
