"""Serves the application in a thread of its own, beside the loop."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from threading import Thread

import uvicorn
from fastapi import FastAPI

from streams.web.connections import CONNECTIONS_MAX, Connection

_STOP_SECONDS = 5


class ListenError(Exception):
    """The address cannot be had; the message is one line for the operator."""


@dataclass(frozen=True)
class WebServer:
    """A running server; ``port`` is the one really bound, also where 0 was asked for."""

    host: str
    port: int
    _server: uvicorn.Server
    _thread: Thread

    def stop(self) -> None:
        """Answer what is being answered, then close; five seconds at most."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)


def serve(app: FastAPI, host: str, port: int) -> WebServer:
    """Bind, start, and return once connections are taken.

    Args:
        app: The application.
        host: Address to bind, IPv6 without brackets.
        port: Port to bind; 0 lets the system choose.

    Raises:
        ListenError: The address is taken, not ours, or not allowed.
    """
    listener = _bind(host, port)
    config = uvicorn.Config(
        app,
        http=Connection,
        backlog=CONNECTIONS_MAX,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS - 1,
    )
    server = uvicorn.Server(config)
    thread = Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="trainwatch-web", daemon=True
    )
    thread.start()
    return WebServer(host, int(listener.getsockname()[1]), server, thread)


def _bind(host: str, port: int) -> socket.socket:
    """Listen before the thread starts: who connects from now on waits in the queue."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(CONNECTIONS_MAX)
    except OSError as error:
        listener.close()
        raise ListenError(
            f"[http] listen {host}:{port}: {error.strerror or error}; "
            "choose a free address of this machine, or port 0"
        ) from None
    return listener
