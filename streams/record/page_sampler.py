"""Live readings of an exporter: its page is fetched at every look, whole or not at all."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from streams.record.figures import Sample
from streams.record.pages import PAGE_BYTES_MAX, PageError, read_page
from streams.record.samplers import Asked


class PageSampler:
    """Fetches the exporter's page at every look."""

    def __init__(self, asked: Asked, url: str) -> None:
        """Take the address, of http or https; nothing is fetched yet."""
        self._asked = asked
        self._url = urlsplit(url)

    def poll(self, now_ms: int) -> list[Sample]:
        """Fetch once; a page that does not come whole in one period is silence."""
        asked = self._asked
        try:
            text = self._fetched().decode("utf-8", "replace")
            figures = read_page(text, asked.table, asked.drops)
        except (OSError, HTTPException, PageError) as error:
            asked.tell("page_unreadable", str(error) or type(error).__name__)
            return []
        if not figures:
            asked.tell("page_empty", "expected metrics of accelerators, got none")
            return []
        return [Sample(now_ms, figures)]

    def close(self) -> None:
        """Nothing stays open."""

    def _fetched(self) -> bytes:
        """Give the page. No proxy stands between a node and its own exporter."""
        url, seconds = self._url, self._asked.period_ms / 1000
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=seconds)
        late = threading.Event()
        try:
            connection.connect()
            # A limit on each read alone would let a page that drips hold the recorder for ever.
            watch = threading.Timer(seconds, _hang_up, (connection.sock, late))
            watch.start()
            try:
                return _page(connection, url._replace(scheme="", netloc="", fragment="").geturl())
            finally:
                watch.cancel()
                if late.is_set():
                    raise PageError(f"expected a whole page within {seconds:g} s")
        finally:
            connection.close()


def _page(connection: HTTPConnection, path: str) -> bytes:
    """Ask for the page and read it to its end: the last figure of a torn one would be wrong."""
    connection.request("GET", path or "/", headers={"Connection": "close"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise PageError(f"expected status 200, got {answer.status} {answer.reason}")
    body = answer.read(PAGE_BYTES_MAX)
    if answer.length or len(body) == PAGE_BYTES_MAX:
        raise PageError(f"expected a whole page of at most {PAGE_BYTES_MAX} bytes, got {len(body)}")
    if not body.endswith(b"\n"):
        raise PageError("expected a page whose last line has an end, got one that breaks off")
    return body


def _hang_up(held: socket.socket, late: threading.Event) -> None:
    """End a fetch that takes too long: whoever reads from the connection finds it closed."""
    late.set()
    with suppress(OSError):  # The other side may have been quicker.
        socket.socket.shutdown(held, socket.SHUT_RDWR)
