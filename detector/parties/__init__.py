"""Who everybody is: customers, their owners and where they sit, as known at an hour."""

from detector.parties.book import PartyBook
from detector.parties.parties import Parties

__all__ = ["Parties", "PartyBook"]
