"""One file as it is published: plain, gzip, or the only one in a zip archive."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

#: Unpacked bytes that are taken from one file; the published files have a tenth of it.
UNPACKED_BYTES_MAX: Final = 2 * 1024**3


class PackedError(Exception):
    """A packed file cannot be used. One line: which, what came, what to do."""


def unpacked(content: bytes, name: str) -> bytes:
    """Give the bytes of a file by the ending of its name.

    Raises:
        PackedError: It is damaged, too large, or a zip archive of another number of files.
    """
    try:
        if name.endswith(".zip"):
            return _only_member(content, name)
        if name.endswith(".gz"):
            with gzip.open(BytesIO(content)) as stream:
                return _limited(stream.read(UNPACKED_BYTES_MAX + 1), name)
    except (BadZipFile, OSError, EOFError, zlib.error) as error:
        raise PackedError(
            f"{name}: expected a file that can be unpacked, got: {error}; fetch it again"
        ) from error
    return content


def _only_member(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        members = archive.namelist()
        if len(members) != 1:
            raise PackedError(
                f"{name}: expected one file in the archive, got {len(members)}; unpack it and "
                "give the file"
            )
        with archive.open(members[0]) as stream:
            return _limited(stream.read(UNPACKED_BYTES_MAX + 1), name)


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > UNPACKED_BYTES_MAX:
        raise PackedError(
            f"{name}: expected at most {UNPACKED_BYTES_MAX} bytes unpacked, got more; cut it"
        )
    return content
