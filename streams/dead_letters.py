"""A refused event as the document that the contract's ``dead_letters.ndjson`` holds."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

from streams.ports import Rejected

RAW_BYTES_MAX: Final = 64 * 1024


def dead_letter(rejected: Rejected) -> tuple[str, bytes]:
    """Give (key, body): the reason, the exact complaint, the raw bytes and where they came from.

    The raw event is cut at 64 KiB; then ``raw_bytes`` and ``raw_sha256`` tell of the whole.
    """
    document: dict[str, Any] = {"reason": rejected.reason, "detail": rejected.detail}
    document |= _raw(rejected.raw)
    document["origin"] = dict(rejected.origin)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    key = json.dumps(document["origin"], ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate can stand in a detail that quotes the event; it is not UTF-8.
    return key, body.encode("utf-8", "backslashreplace")


def _raw(raw: bytes) -> dict[str, Any]:
    cut = raw[:RAW_BYTES_MAX]
    is_cut = len(cut) < len(raw)
    whole = {"raw_bytes": len(raw), "raw_sha256": sha256(raw).hexdigest()} if is_cut else {}
    try:
        raw.decode()
    except UnicodeDecodeError:
        return {"raw_base64": b64encode(cut).decode(), **whole}
    return {"raw": cut.decode(errors="ignore" if is_cut else "strict"), **whole}
