"""What the second ring raises when an assumption is broken; bad input is a value instead."""

from __future__ import annotations


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
