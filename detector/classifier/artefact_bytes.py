"""Fitted estimators to the bytes of a skops archive: equal estimators, equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import skops.io

from detector.classifier.manifest import TRUSTED_TYPES


def dump(parts: Mapping[str, Any]) -> bytes:
    """Write estimators by name; refuse what holds a type that was not audited."""
    artefact = canonical(bytes(skops.io.dumps(dict(parts))))
    unknown = set(skops.io.get_untrusted_types(data=artefact)) - set(TRUSTED_TYPES)
    if unknown:
        raise TypeError(f"expected only audited types in the artefact, found {sorted(unknown)}")
    return artefact


def canonical(artefact: bytes) -> bytes:
    """Write a skops archive so that equal estimators give equal bytes.

    skops names objects by their address in memory and stamps each part with the time of day;
    here they are numbered in order of appearance and the stamp is a constant.
    """
    with zipfile.ZipFile(io.BytesIO(artefact)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = parts.pop("schema.json").decode()
    numbers: dict[str, str] = {}
    pattern = re.compile(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")')

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), str(len(numbers)))

    renamed = {"schema.json": pattern.sub(number, schema).encode()}
    for name, content in parts.items():
        stem, _, suffix = name.rpartition(".")
        renamed[f"{numbers[stem]}.{suffix}"] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(renamed):
            archive.writestr(zipfile.ZipInfo(name), renamed[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
