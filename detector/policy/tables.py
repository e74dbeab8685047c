"""Country tables: groups by date, codes that count as another country, codes left open by law."""

from __future__ import annotations

from datetime import date

from detector.policy.model import CountryCode, Day, Document, Text, holds_on
from detector.policy.parse import parse_document
from detector.policy.sheets import REMEDY


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
    ``unsettled`` maps a code to the country it may belong to: the answer is then undetermined.
    """

    groups: tuple[CountryGroup, ...]
    aliases: dict[CountryCode, CountryCode]
    alias_source: Text
    named_beside: dict[CountryCode, Text]
    named_beside_group: dict[CountryCode, Text] = {}
    unsettled: dict[CountryCode, CountryCode]
    unsettled_source: Text
    subdivisions: dict[Text, CountryCode] = {}

    def country(self, code: str) -> str:
        """Give the ISO 3166-1 alpha-2 country of a country or subdivision code (``US-DE``)."""
        whole = code.strip().upper()
        head = self.subdivisions.get(whole, whole.split("-", 1)[0])
        return self.aliases.get(head, head)

    def is_member(self, code: str, group_id: str, day: date) -> bool:
        """Say whether the country of ``code`` stood in the group on ``day``; both ends count."""
        country = self.country(code)
        return any(
            country in group.countries
            for group in self.groups
            if group.id == group_id and holds_on(day, group.effective_from, group.effective_to)
        )


def parse_country_groups(text: str, name: str = "country_groups.toml") -> CountryTable:
    """Read the country table from TOML text."""
    return parse_document(text, name, CountryTable, REMEDY)
