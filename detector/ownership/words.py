"""The words on a chart: what a party is, what it holds, and how wide a text is when drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, east_asian_width

from detector.documents import printable
from detector.ownership.chart import ChartEdge, ChartParty

#: Width of a letter of 12 units, on the wide side, of a capital, and of an East Asian letter.
LETTER: Final = 6.6
CAPITAL: Final = 8.8
WIDE_LETTER: Final = 12.6
#: Latin letters nearly as wide as East Asian ones.
_BROAD: Final = frozenset("MWmw@%…—")
#: A bound that is excluded lies 1e-10 percent below itself, give or take what rounding does.
EXCLUDED: Final = (5e-11, 1e-8)
CUT: Final = "…"
STATUS_WORDS: Final = {
    "us": "US person",
    "foreign": "foreign person",
    "undetermined": "status undetermined",
}
#: Where one word of a BODS code ends and the next begins.
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMES: Final = {
    "unnamed": "Not named",
    "nobody_on_file": "No owner on file",
    "undisclosed_rest": "Not disclosed",
    "none": "No beneficial owner",
}


def clean(text: str) -> str:
    """Take out what cannot be printed or would turn a line around; names come from customers."""
    return printable(" ".join(text.split()))


def width_of(text: str) -> float:
    """Give the width of a text at 12 units, on the wide side."""
    return sum(_letter(mark) for mark in text)


def fit(text: str, width: float) -> str:
    """Cut a text to a width; what is cut ends in an ellipsis."""
    if width_of(text) <= width:
        return text
    kept, used = "", _letter(CUT)
    for mark in text:
        used += _letter(mark)
        if used > width:
            break
        kept += mark
    return kept.rstrip() + CUT


def two_lines(text: str, width: float) -> tuple[str, ...]:
    """Break a text into two lines at the most, at a space where there is one."""
    if width_of(text) <= width:
        return (text,)
    first = ""
    for word in text.split(" "):
        longer = f"{first} {word}".strip()
        if width_of(longer) > width:
            break
        first = longer
    if not first:
        first = fit(text, width).removesuffix(CUT)
    return first, fit(text[len(first) :].strip(), width)


def name_of(party: ChartParty) -> str:
    """Give what to call a party: its name, else its record, else what is known of it."""
    if party.record_id is None:
        return _NAMES[party.kind]
    return clean(party.name or party.record_id) or "a record without a name"


def place_of(party: ChartParty) -> str:
    """Say where a party belongs: headquarters with its country groups, law, nationality."""
    words = []
    if party.headquarters is not None:
        by = "HQ by law" if party.headquarters_read_from == "jurisdiction" else "HQ"
        words.append(f"{by} {_counted(party.headquarters, party.headquarters_country)}")
        words += party.country_groups
        if party.named_beside is not None:
            words.append(f"named beside {party.named_beside}")
    if party.jurisdiction not in (None, party.headquarters):
        words.append(f"law {party.jurisdiction}")
    if party.nationalities:
        words.append(f"national of {', '.join(party.nationalities)}")
    if party.residence is not None:
        words.append(f"lives in {party.residence}")
    return clean(", ".join(words))


def roles_of(party: ChartParty) -> Iterator[str]:
    """Say what a party is to the customers: their customer, their owner, a listed party."""
    if len(party.customer_of) == 1:
        yield f"customer of {clean(party.customer_of[0])}"
    elif party.customer_of:
        yield f"customer of {len(party.customer_of)} tenants"
    if party.owns != "no" and not (party.customer_of and party.share_low == 1):
        how = share_words(party.share_low, party.share_high) if party.share_high else "by control"
        yield f"{'owner' if party.owns == 'yes' else 'may be owner'}: {how}"


def listed_words(party: ChartParty) -> str:
    """Say whether screening took a party for a listed one; empty where it did not."""
    return {"yes": "likely a listed party", "possible": "may be a listed party", "no": ""}[
        party.listed
    ]


def reason_of(party: ChartParty) -> str:
    """Say why a party is not known, as far as the discloser said; empty where it is."""
    if party.kind != "none" and party.reason is not None:
        return reason_words(party.reason)
    return "no statement describes it" if party.kind == "unknown" else ""


def reason_words(code: str) -> str:
    """Write a BODS reason, ``informationUnknownToPublisher``, as words."""
    return clean(_WORD.sub(" ", code).lower())


def stake_words(edge: ChartEdge) -> str:
    """Say what is held: the share, control, and until when where it is held no more."""
    words = [] if edge.share_high is None else [share_words(edge.share_low, edge.share_high)]
    if edge.is_indirect and words:
        words = [f"{words[0]} over chains"]
    if edge.control == "yes":
        words.append("control")
    elif edge.control == "possible" and not words:
        words.append("may control")
    return ", ".join(words)


def gleif_words(edge: ChartEdge) -> str:
    """Say whether GLEIF agrees with an edge; empty where it was not asked or is silent."""
    verdict = edge.gleif.verdict if edge.gleif is not None else None
    return {"agrees": "GLEIF agrees", "contradicts": "GLEIF contradicts"}.get(verdict or "", "")


def date_words(edge: ChartEdge) -> str:
    """Say from when to when something is held, in dates of UTC; empty where both are open."""
    start, end = edge.valid_from, edge.valid_to
    words = [f"from {start.date().isoformat()}"] if start is not None else []
    return " ".join([*words, *([f"until {end.date().isoformat()}"] if end is not None else [])])


def share_words(low: float | None, high: float | None) -> str:
    """Write a share that is known, bounded, or not stated at all."""
    if low is None or high is None:
        return "no share"
    if (low, high) == (0.0, 1.0):
        return "share not stated"
    if low == high:
        return f"{_percent(low)} %"
    most = f"{_percent(high)} %"
    is_excluded = EXCLUDED[0] < round(high * 100, 2) - high * 100 < EXCLUDED[1]
    if low == 0:
        return f"under {most}" if is_excluded else f"up to {most}"
    if high == 1:
        return f"{_percent(low)} % or more"
    return f"{_percent(low)} to {'under ' if is_excluded else ''}{most}"


def _percent(ratio: float) -> str:
    return f"{round(ratio * 100, 2):g}"


def _counted(code: str, country: str | None) -> str:
    return code if country is None or code.startswith(country) else f"{code} (counts as {country})"


def _letter(mark: str) -> float:
    if category(mark) in {"Mn", "Me"}:
        return 0.0
    if mark in _BROAD or east_asian_width(mark) in {"W", "F"}:
        return WIDE_LETTER
    return CAPITAL if category(mark) == "Lu" else LETTER
