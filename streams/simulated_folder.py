"""A simulated cloud as a folder: events, owners, truth and a manifest, streamed to disk.

``bods.ndjson`` holds the statements known when the window opens, ``events.ndjson`` everything
else; both are what ``trainwatch replay`` reads. ``truth.csv``, ``truth_tenants.csv`` and
``manifest.toml`` are not read by it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl
import zstandard

from streams.export import OutputError, write_whole
from streams.simulation import Cloud
from streams.simulation.people import Record
from streams.simulation.truth import Tally, tenants

#: What the manifest holds: numbers stay numbers.
Value = str | int | float

#: How the lines may be packed, by the ending of the file.
PACKINGS: Final = ("", ".gz", ".zst")
BODS: Final = "trainwatch.bods.v1"
_GZIP_WINDOW: Final = 31  # zlib's way of saying: with a gzip header, which then holds no time


class _Packer(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Plain:
    """Packs nothing."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


@dataclass
class _Written:
    """What went into one file: lines before, bytes and digest after packing."""

    name: str
    lines: int = 0
    size: int = 0
    digest: str = ""


def clear(out: Path) -> None:
    """Take away what an earlier simulation left here: packed otherwise, it would be replayed too.

    Raises:
        OutputError: A file cannot be taken away.
    """
    tables = ("manifest.toml", "truth.csv", "truth_tenants.csv")
    lines = (f"{name}.ndjson{ending}" for name in ("bods", "events") for ending in PACKINGS)
    for name in (*tables, *lines):
        try:
            (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{out / name}: expected to take it away ({error.strerror}); choose another --out"
            ) from error


def write_folder(
    cloud: Cloud,
    out: Path,
    asked: Mapping[str, Value],
    packing: str,
    advance: Callable[[int, int], None],
) -> dict[str, int]:
    """Write the cloud into ``out`` and give how many of what it holds.

    ``asked`` is written into the manifest: what the same cloud can be made from again. ``advance``
    is told of events and bytes as they are written, once a block: the statements, then those of the
    cloud. Memory stays bounded: a stretch at a time.
    """
    tally = Tally(cloud.workloads)
    known, sent = _divided(cloud)
    parts = [
        _write_lines(out / f"bods.ndjson{packing}", _bare(known), packing, advance),
        _write_lines(out / f"events.ndjson{packing}", cloud.blocks(tally, sent), packing, advance),
    ]
    truth = cloud.truth(tally)
    whose = tenants(truth, cloud.customers)
    parts.append(_write_table(out / "truth.csv", truth))
    parts.append(_write_table(out / "truth_tenants.csv", whose))
    counts = {
        "tenants": len(cloud.customers),
        "workloads": truth.height,
        "training_workloads": int(truth["is_training"].sum()),
        "lines": parts[0].lines + parts[1].lines,
    }
    write_whole(out / "manifest.toml", [_manifest(asked, counts, parts).encode()])
    return counts


def _divided(cloud: Cloud) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Part the records: statements known at the start stand alone, the rest are events."""
    early = [r.kind == BODS and r.time_ms <= cloud.start_ms for r in cloud.records]
    known = tuple(r for r, alone in zip(cloud.records, early, strict=True) if alone)
    return known, tuple(r for r, alone in zip(cloud.records, early, strict=True) if not alone)


def _bare(records: Iterable[Record]) -> Iterator[bytes]:
    """Give all of them, which are held already, as one block."""
    yield "".join(f"{record.text}\n" for record in records).encode()


def _write_lines(
    path: Path, blocks: Iterable[bytes], packing: str, advance: Callable[[int, int], None]
) -> _Written:
    written, digest, packer = _Written(path.name), sha256(), _packer(packing)

    def packed() -> Iterator[bytes]:
        for block in blocks:
            lines = block.count(b"\n")
            written.lines += lines
            advance(lines, len(block))
            yield packer.compress(block)
        yield packer.flush()

    def counted() -> Iterator[bytes]:
        for piece in packed():
            written.size += len(piece)
            digest.update(piece)
            yield piece

    write_whole(path, counted())
    written.digest = digest.hexdigest()
    return written


def _packer(packing: str) -> _Packer:
    if packing == ".gz":
        return zlib.compressobj(wbits=_GZIP_WINDOW)
    if packing == ".zst":
        return zstandard.ZstdCompressor().compressobj()
    return _Plain()


def _write_table(path: Path, table: pl.DataFrame) -> _Written:
    body = table.write_csv(line_terminator="\n").encode()
    write_whole(path, [body])
    return _Written(path.name, table.height, len(body), sha256(body).hexdigest())


def _manifest(asked: Mapping[str, Value], counts: dict[str, int], parts: list[_Written]) -> str:
    """Write what was asked, what came, and by which versions: the same again gives the same."""
    sections: list[tuple[str, Mapping[str, Value]]] = [
        ("asked", asked),
        ("versions", {"numpy": np.__version__, "polars": pl.__version__}),
        ("counts", {**counts}),
    ]
    for part in parts:
        facts: dict[str, Value] = {"lines": part.lines, "bytes": part.size}
        sections.append((f'files."{part.name}"', {**facts, "sha256": part.digest}))
    text = []
    for title, values in sections:
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        text.append("\n".join([f"[{title}]", *lines]))
    return "\n\n".join(text) + "\n"
