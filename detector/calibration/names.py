"""Which catalogue row a benchmark's or a paper's spelling of an accelerator means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

#: Words that say who made it, not what it is.
_MAKERS: Final = frozenset({"nvidia", "amd", "instinct", "intel", "habana", "tesla", "ai", "gpu"})
_WORD: Final = re.compile(r"[a-z]+\d[a-z0-9]*|[a-z]+|\d+[a-z]*")


def _words(name: str) -> frozenset[str]:
    """Split a spelling into words: marks and the version of a socket do not matter."""
    plain = re.sub(r"\(r\)|\(tm\)", "", name.lower())
    plain = re.sub(r"sxm\d", "sxm", plain)
    plain = re.sub(r"\b([a-z]+) (\d+)\b", r"\1\2 \1 \2", plain)
    words = frozenset(_WORD.findall(plain))
    return words - _MAKERS or words


def resolve(names: Iterable[str], accelerators: pl.DataFrame) -> dict[str, str]:
    """Give the kind each spelling means; a spelling that fits none is left out.

    ``accelerators``: the catalogue, one row an alias (``alias_key``, ``sku``). The alias with most
    words wins of those whose every word is in the spelling; then the shortest kind's name.
    """
    aliases = [
        (words, sku)
        for alias, sku in accelerators.select("alias_key", "sku").iter_rows()
        if (words := _words(alias))
    ]
    found = {}
    for name in names:
        spelled = _words(name)
        fitting = [(-len(words), len(sku), sku) for words, sku in aliases if words <= spelled]
        if fitting:
            found[name] = min(fitting)[2]
    return found
