"""What the second ring raises when an assumption is broken; bad input is a value instead."""

from __future__ import annotations

from typing import Final

#: How text in a wide encoding begins with a mark, the longer marks first.
_MARKS: Final = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
#: Without a mark, or on a later line: which of the first four bytes of plain letters are zero.
_ZEROS: Final[dict[tuple[bool, ...], str]] = {
    (False, True, True, True): "UTF-32",
    (True, True, True, False): "UTF-32",
    (False, True, False, True): "UTF-16",
    (True, False, True, False): "UTF-16",
}


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


def encoding_hint(raw: bytes) -> str:
    """Give what to do with bytes that some editors save, UTF-16 or UTF-32; else nothing."""
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    name = marked or _ZEROS.get(tuple(byte == 0 for byte in raw[:4]))
    return f"; this looks like {name}: save the file as UTF-8" if name else ""
