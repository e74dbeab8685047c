"""A refused event as the document that the contract's ``dead_letters.ndjson`` holds."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

from streams.ports import Cut, LineBlock, Rejected

RAW_BYTES_MAX: Final = 64 * 1024


def dead_letters(
    refused: Iterable[Rejected], blocks: Iterable[LineBlock]
) -> Iterator[tuple[str, bytes]]:
    """Give the documents of one batch; ``blocks``: its lines, some of which may be cut."""
    cuts: dict[tuple[object, object], Cut | None] = {
        (block.file, block.first_line): block.cut for block in blocks
    }
    for each in refused:
        place = (each.origin.get("file"), each.origin.get("line"))
        yield dead_letter(each, cuts.get(place))


def dead_letter(rejected: Rejected, cut: Cut | None = None) -> tuple[str, bytes]:
    """Give (key, body): the reason, the exact complaint, the raw bytes and where they came from.

    The raw event is cut at 64 KiB; then ``raw_bytes`` and ``raw_sha256`` tell of the whole.
    ``cut`` tells of an event that was too long to be held, of which ``rejected`` has the beginning.
    """
    detail = rejected.detail if cut is None else cut.detail
    document: dict[str, Any] = {"reason": rejected.reason, "detail": detail}
    document |= _raw(rejected.raw) if cut is None else _beginning(rejected.raw, cut)
    document["origin"] = dict(rejected.origin)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    key = json.dumps(document["origin"], ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate can stand in a detail that quotes the event; it is not UTF-8.
    return key, body.encode("utf-8", "backslashreplace")


def _beginning(raw: bytes, cut: Cut) -> dict[str, Any]:
    kept, whole = raw[:RAW_BYTES_MAX], {"raw_bytes": cut.size, "raw_sha256": cut.sha256}
    if not cut.is_text:
        return {"raw_base64": b64encode(kept).decode(), **whole}
    return {"raw": kept.decode(errors="ignore"), **whole}


def _raw(raw: bytes) -> dict[str, Any]:
    cut = raw[:RAW_BYTES_MAX]
    is_cut = len(cut) < len(raw)
    whole = {"raw_bytes": len(raw), "raw_sha256": sha256(raw).hexdigest()} if is_cut else {}
    try:
        raw.decode()
    except UnicodeDecodeError:
        return {"raw_base64": b64encode(cut).decode(), **whole}
    return {"raw": cut.decode(errors="ignore" if is_cut else "strict"), **whole}
