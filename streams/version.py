"""The version of this program, as help, metrics and documents name it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    """Give the version of this program, ``0+unknown`` where it runs uninstalled."""
    try:
        return version("trainwatch")
    except PackageNotFoundError:
        return "0+unknown"
