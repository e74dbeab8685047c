"""The lock files: fresh, complete, hashed, and saying no place to load from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.declared import declared, digest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"requirements.txt": ("runtime",), "requirements-dev.txt": ("runtime", "dev")}


def pins(name: str) -> dict[str, str]:
    """Give the pinned version of each package; one version each, on every platform."""
    text = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    assert len(found) == len(dict(found)), f"{name} pins a package twice"
    return {canonicalize_name(package): version for package, version in found}


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_was_made_from_what_is_declared_now(name: str) -> None:
    assert f"make lock ({digest()})" in (ROOT / name).read_text("utf-8"), "run make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_declared_package_is_pinned_within_its_bounds(name: str) -> None:
    pinned = pins(name)
    wanted = [Requirement(text) for group in LOCKS[name] for text in declared()[group]]
    outside = [
        str(item)
        for item in wanted
        if not item.specifier.contains(pinned.get(canonicalize_name(item.name), "0.dev0"))
    ]
    assert outside == []


def test_the_tests_run_on_the_versions_that_operators_run() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash_and_no_line_says_where_to_load_from(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"://|^--(?!hash)", text, re.MULTILINE) == []


def test_every_direct_dependency_has_its_reason_in_the_docs() -> None:
    told = set(
        re.findall(r"^\| `([\w-]+)`", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.M)
    )
    listed = {Requirement(text).name for items in declared().values() for text in items}
    assert told == listed


def test_the_version_is_said_once_for_the_package_and_once_for_readers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", project["version"])
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text("utf-8")
