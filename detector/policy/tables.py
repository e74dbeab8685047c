"""Country tables: groups by date, codes that count as another country, codes left open by law."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from rigour.territories import get_territory

from detector.policy.model import CountryCode, Day, Document, Text, holds_on, turning_days
from detector.policy.parse import parse_document
from detector.policy.sheets import REMEDY

#: The country whose persons the proposed rule calls United States persons.
HOME: Final = "US"


class CountryGroup(Document):
    """A named row of a country table, as it stood on a day."""

    id: Text
    countries: tuple[CountryCode, ...]
    source: Text
    as_of: Day
    effective_from: Day | None = None
    effective_to: Day | None = None


class CountryTable(Document):
    """Country groups, the codes that count as another country, the codes that law leaves open.

    ``named_beside_group``: the group beside which every rule names a country that is not in it.
    ``subdivisions`` gives the code of its own that an area has, where a record writes it as a part
    of another country (``US-PR`` is ``PR``).
    ``alias_by`` says by what one area counts as another country, ``spoken`` what sentences call it.
    ``unsettled`` maps a code to the country it may belong to: the answer is then undetermined.
    """

    groups: tuple[CountryGroup, ...]
    aliases: dict[CountryCode, CountryCode]
    alias_source: Text
    alias_by: Text
    named_beside: dict[CountryCode, Text]
    named_beside_group: dict[CountryCode, Text] = {}
    unsettled: dict[CountryCode, CountryCode]
    unsettled_source: Text
    subdivisions: dict[Text, CountryCode] = {}
    spoken: dict[CountryCode, Text] = {}

    def country(self, code: str) -> str:
        """Give the ISO 3166-1 alpha-2 country of a country or subdivision code (``US-DE``)."""
        area = self.area(code)
        return self.aliases.get(area, area)

    def area(self, code: str) -> str:
        """Give the code of a country or of an area with a code of its own: ``CN-HK`` is ``HK``."""
        whole = code.strip().upper()
        return self.subdivisions.get(whole, whole.split("-", 1)[0])

    def told(self, code: str) -> str:
        """Name a place, and say as what it counts: ``Macau (MO), named beside D:5``."""
        area = self.area(code)
        named, country = self._named(area), self.country(code)
        if country != area:
            return f"{named}, counted as {self._named(country)} by {self.alias_by}"
        beside = self.named_beside_group.get(area)
        return named if beside is None else f"{named}, named beside {beside}"

    def _named(self, area: str) -> str:
        territory = get_territory(area)
        name = self.spoken.get(area, territory.name if territory is not None else None)
        return area if name is None else f"{name} ({area})"

    def is_member(self, code: str, group_id: str, day: date) -> bool:
        """Say whether the country of ``code`` stood in the group on ``day``; both ends count."""
        country = self.country(code)
        return any(
            country in group.countries
            for group in self.groups
            if group.id == group_id and holds_on(day, group.effective_from, group.effective_to)
        )

    def days_of_change(self, group_ids: Collection[str]) -> frozenset[date]:
        """Give the days with which any of these groups comes to hold other countries."""
        stretches = [
            (group.effective_from, group.effective_to)
            for group in self.groups
            if group.id in group_ids
        ]
        return frozenset(day for each in stretches for day in turning_days(*each))


def parse_country_groups(text: str) -> CountryTable:
    """Read the country table from TOML text."""
    return parse_document(text, "country_groups.toml", CountryTable, REMEDY)
