"""``python -m streams.training.evasion``: how well disguised training is found, into the docs.

Needs nothing but this repository. ``--part`` runs one half: ``recall`` (the classifier alone) or
``line`` (the whole line).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from threadpoolctl import threadpool_limits

from streams.packaged import build_meaning, default_policies, read_classifier
from streams.training.__main__ import ROOT, SEED, labelled_rows
from streams.training.evasion import page
from streams.training.evasion.line import through_the_line
from streams.training.evasion.recall import without_each
from streams.training.page import put

PAGE: Final = ROOT / "docs" / "evasion.md"
PICTURE: Final = ROOT / "docs" / "evasion-recall.svg"
PARTS: Final = ("recall", "line")

Line = TypeVar("Line")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m streams.training.evasion", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="only this half")
    given = parser.parse_args(arguments)
    with threadpool_limits(limits=1):  # the rows are few: threads only wait for each other
        for part in PARTS if given.part is None else (given.part,):
            sections = _recall() if part == "recall" else _line()
            text = PAGE.read_text("utf-8")
            for mark, content in sections.items():
                text = put(text, mark, content)
            PAGE.write_text(text, "utf-8")
            sys.stderr.write(f"wrote {PAGE.relative_to(ROOT)}: {', '.join(sections)}\n")
    return 0


def _recall() -> dict[str, str]:
    lines = [_said(line, page.recalls) for line in without_each(labelled_rows(), SEED)]
    PICTURE.write_text(page.picture(lines), "utf-8")
    return {
        "disguises": page.disguises(),
        "verdict": page.verdict(lines),
        "picture": f"![Share found by disguise]({PICTURE.name})",
        "recall": page.recalls(lines),
    }


def _line() -> dict[str, str]:
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    lines = [_said(line, page.told) for line in through_the_line(meaning)]
    return {"outcome": page.outcome(lines), "line": page.told(lines)}


def _said(line: Line, written: Callable[[Sequence[Line]], str]) -> Line:
    """Show a row as soon as it is known."""
    sys.stderr.write(written([line]).splitlines()[-1] + "\n")
    return line


if __name__ == "__main__":
    sys.exit(main())
