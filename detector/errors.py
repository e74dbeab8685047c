"""What the second ring raises when an assumption is broken; bad input is a value instead."""

from __future__ import annotations

from typing import Final

#: How a file in UTF-16 begins; without the mark, or on a later line, one of two bytes is zero.
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
WIDE_LETTERS: Final = 4


class DetectorError(Exception):
    """The root of every error that ``detector`` raises on its own account."""


class PolicyError(DetectorError):
    """A policy pack or a reference document that cannot be used.

    The message is one line: which document, which key in it, what was expected, what was found,
    and what to do.
    """

    def __init__(self, document: str, key: str, expected: str, found: str, remedy: str) -> None:
        self.document = document
        self.key = key
        self.expected = expected
        self.found = found
        self.remedy = remedy
        super().__init__(f"{document}: {key}: expected {expected}, found {found}; {remedy}")


def utf16_hint(raw: bytes) -> str:
    """Give what to do with bytes that look like UTF-16, as some editors save it; else nothing."""
    looks_like_it = raw.startswith(UTF16_MARKS) or b"\0" in raw[:WIDE_LETTERS]
    return "; this looks like UTF-16: save the file as UTF-8" if looks_like_it else ""
