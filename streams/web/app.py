"""The pages of one instance: metrics, health, reports and a console to read them.

No page changes anything and nobody logs in, so the service binds to loopback unless the
configuration says otherwise; put a proxy that knows your people in front before it does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.middleware.trustedhost import TrustedHostMiddleware

from streams.health import Health
from streams.metrics import Metrics
from streams.web.views import (
    CONSOLE_FILES,
    SECURITY_HEADERS,
    console_file,
    liveness_document,
    readiness_document,
    report_list,
)

#: Report versions that one request may ask for.
REPORTS_LIMIT = 1000

#: Names under which a service on loopback may be called; stops a web page that rebinds its name.
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def create_app(
    metrics: Metrics,
    health: Callable[[], Health],
    reports: Callable[[], Sequence[bytes]],
    loopback_only: bool = True,
) -> FastAPI:
    """Build the application.

    Args:
        metrics: What ``/metrics`` shows.
        health: Called at each request for ``/healthz`` and ``/readyz``, on the thread that
            serves all; must not wait.
        reports: Called for ``/reports``: JSON documents, oldest first.
        loopback_only: Whether calls under another host name than this machine's are refused.
    """
    app = FastAPI(title="trainwatch", docs_url=None, redoc_url=None)
    app.middleware("http")(_add_security_headers)
    if loopback_only:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK_HOSTS))
    _add_watching(app, metrics, health)
    _add_reading(app, reports)
    return app


async def _add_security_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers.update(SECURITY_HEADERS)
    return response


def _add_watching(app: FastAPI, metrics: Metrics, health: Callable[[], Health]) -> None:
    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.get("/healthz")
    async def show_liveness() -> JSONResponse:
        found = health()
        return JSONResponse(liveness_document(found), 200 if found.is_alive else 503)

    @app.get("/readyz")
    async def show_readiness() -> JSONResponse:
        found = health()
        return JSONResponse(readiness_document(found), 200 if found.is_ready else 503)


def _add_reading(app: FastAPI, reports: Callable[[], Sequence[bytes]]) -> None:
    @app.get("/reports")
    def show_reports(limit: Annotated[int, Query(ge=1, le=REPORTS_LIMIT)] = 200) -> Response:
        return Response(report_list(reports(), limit), media_type="application/json")

    @app.get("/", include_in_schema=False)
    @app.get("/console", include_in_schema=False)
    def go_to_console() -> RedirectResponse:
        return RedirectResponse("/console/index.html")

    @app.get("/console/{name}", include_in_schema=False)
    def show_console(name: str) -> Response:
        if name not in CONSOLE_FILES:
            return JSONResponse({"detail": f"no such page; try {', '.join(CONSOLE_FILES)}"}, 404)
        return Response(console_file(name), media_type=CONSOLE_FILES[name])
