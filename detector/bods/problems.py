"""One thing that is wrong with a statement, or worth knowing, in the words of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where a statement stands: file, line on which it begins, number in the file (from 1)."""

    file: str
    line: int
    number: int

    def text(self) -> str:
        """Give it as a person looks for it."""
        return f"{self.file}:{self.line} (statement {self.number})"


@dataclass(frozen=True)
class Problem:
    """A breach of the standard, or with ``is_note`` something that it allows and that is doubtful.

    ``path`` is a JSON Pointer from the root of the statement, empty for the whole of it.
    ``is_told_once``: the same in every statement, so that one line with a ``count`` tells of all.
    """

    place: Place
    path: str
    expected: str
    found: str
    remedy: str
    is_note: bool = False
    is_told_once: bool = False
    count: int = 1

    def text(self) -> str:
        """Give it in one line."""
        kind = "note: " if self.is_note else ""
        where = f"{self.place.text()} {self.path or 'the statement'}"
        more = f" ({self.count:,} times, told once)" if self.count > 1 else ""
        return f"{where}: {kind}expected {self.expected}, found {self.found}; {self.remedy}{more}"

    def document(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "statement": self.place.number,
            "path": self.path,
            "severity": "note" if self.is_note else "problem",
            "expected": self.expected,
            "found": self.found,
            "remedy": self.remedy,
            "count": self.count,
        }
