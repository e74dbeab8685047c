"""What the pages say can be done: links lead somewhere, targets and commands exist, events pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streams.codec import decode
from streams.ports import Batch, LineBlock

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "deploy" / "RUNBOOK.md"])


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_of_the_tree(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    ours = [target for target in targets if "://" not in target]
    assert [target for target in ours if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    text = page.read_text("utf-8")
    named = set(re.findall(r"(?:`|^|&& )make (\w+)", text, re.MULTILINE))
    assert named - targets == set()


def test_every_make_target_says_what_it_is_for() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^(\w+):(.*)$", makefile, re.MULTILINE)
    assert [name for name, rest in targets if "## " not in rest] == []


def test_the_event_in_the_readme_is_an_event() -> None:
    (block,) = re.findall(r"```json\n(.+?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    line = " ".join(block.split()) + "\n"
    found = decode(Batch(blocks=[LineBlock("README.md", 1, line.encode())]))
    assert (found.read, found.usage.height, found.rejected, found.unknown_fields) == (1, 1, [], {})
