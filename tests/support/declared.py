"""The digest of the dependencies that pyproject.toml declares; the lock files carry it."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def declared() -> dict[str, list[str]]:
    """Give the requirement strings of pyproject.toml by set, ``runtime`` and each group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = project["dependency-groups"]
    return {"runtime": sorted(project["project"]["dependencies"]), **groups}


def digest() -> str:
    """Give the first 16 hex digits of the SHA-256 of what is declared, order aside."""
    text = json.dumps({name: sorted(items) for name, items in declared().items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.stdout.write(digest())
