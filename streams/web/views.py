"""Values -> what a reader gets: JSON documents and the console's files."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from streams.health import Health

#: What the console is made of, and how each part is served. Nothing else can be asked for.
CONSOLE_FILES = {
    "index.html": "text/html; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
}

#: The console needs nothing from elsewhere, so a browser is told to load nothing from elsewhere.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def liveness_document(health: Health) -> dict[str, object]:
    """Say whether the loop moves."""
    return {
        "alive": health.is_alive,
        "loop_idle_seconds": round(health.loop_idle_seconds, 3),
        "stall_seconds": health.stall_seconds,
    }


def readiness_document(health: Health) -> dict[str, object]:
    """Say whether the service can work, and what is in its way."""
    conditions = [
        {"name": item.name, "holds": item.holds, "detail": item.detail}
        for item in health.conditions
    ]
    reasons = [f"{item.name}: {item.detail}" for item in health.conditions if not item.holds]
    if not health.is_alive:
        idle = round(health.loop_idle_seconds)
        reasons.append(f"loop: no step for {idle} s, expected one in {health.stall_seconds:g} s")
    return {"ready": health.is_ready, "reasons": reasons, "conditions": conditions}


def report_list(reports: Sequence[bytes], limit: int) -> bytes:
    """Give the last ``limit`` report versions as one JSON array, newest first, bytes unchanged."""
    newest = list(reports)[::-1][:limit]
    return b"[" + b",".join(document.strip() for document in newest) + b"]"


def console_file(name: str) -> bytes:
    """Give one file of the console; the name is a key of CONSOLE_FILES."""
    return (files("streams.web") / "console" / name).read_bytes()
