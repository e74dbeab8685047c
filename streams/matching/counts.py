"""Counts how many listed names have each key: what ships as ``rarity.csv``."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Final

from detector.screening.names import forms, keys
from detector.screening.parties import ListedParty
from detector.screening.rarity import ALL, COLUMNS, READINGS

#: A key of fewer names is as rare as one of none.
NAMES_MIN: Final = 3


def counts_text(parties: Sequence[ListedParty]) -> str:
    """Give the counts as CSV, keys in order, the total of each reading first."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for reading, tag in READINGS.items():
        listed = [party for party in parties if party.kind == reading]
        names = [form for party in listed for form in forms(tag, party.names)]
        counted = Counter(key for name in names for key in keys(name))
        rows.writerow((reading, ALL, len(names)))
        rows.writerows((reading, key, n) for key, n in sorted(counted.items()) if n >= NAMES_MIN)
    return out.getvalue()
