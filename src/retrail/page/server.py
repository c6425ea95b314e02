"""Serves the live page on this machine's own address, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.resources import files

from retrail.core.errors import DataError, RetrailError
from retrail.core.time import format_time
from retrail.page.live import LivePage
from retrail.pipeline import CameraStatus

HOST = "127.0.0.1"
_WAIT_S = 1.0


@contextmanager
def serve_live(page: LivePage, status: Callable[[], Mapping[str, CameraStatus]], port: int = 0) -> Generator[str]:
    """Serve while the block runs; yields the address to open.

    Args:
        page: what is shown.
        status: how each camera is doing.
        port: 0 takes a free one.

    Raises:
        RetrailError: the extra ``serve`` is not installed.
        DataError: the port is taken.
    """
    try:
        import uvicorn
        from starlette.applications import Starlette
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import Request
        from starlette.responses import HTMLResponse, JSONResponse, Response
        from starlette.routing import Route
    except ImportError:
        raise RetrailError("The live page needs an extra", hint='pip install "retrail[serve]"') from None

    async def index(request: Request) -> Response:
        html = files("retrail.page").joinpath("static/live.html").read_text("utf-8")
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})

    async def state(request: Request) -> Response:
        return JSONResponse({"site": page.site.name, "cameras": _state(page, status())})

    async def newest(request: Request) -> Response:
        camera = request.path_params["camera"]
        after = request.query_params.get("after", "0")
        if camera not in page.site.cameras or not after.isdecimal():
            return Response(status_code=404)
        still = await run_in_threadpool(page.newer, camera, int(after), _WAIT_S)
        if still is None:
            return Response(status_code=204)
        headers = {
            "Cache-Control": "no-store",
            "Retrail-Number": str(still.number),
            "Retrail-Frame": str(still.index),
            "Retrail-Time": format_time(still.time_s, page.site.timezone),
        }
        return Response(still.jpeg, media_type="image/jpeg", headers=headers)

    app = Starlette(
        routes=[Route("/", index), Route("/status", state), Route("/camera/{camera:path}", newest)],
    )
    config = uvicorn.Config(app, host=HOST, port=port, log_level="error", timeout_graceful_shutdown=2, lifespan="off")
    try:
        sock = config.bind_socket()
    except SystemExit:
        raise DataError(
            "The live page cannot be served", where=f"{HOST}:{port}", hint="take another --port, or 0 for a free one"
        ) from None
    sock.listen(64)  # so that the address answers from now on
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([sock],), name="page", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{sock.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10.0)
        sock.close()


_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "style-src 'unsafe-inline'",
        "script-src 'unsafe-inline'",
    )
)


def _state(page: LivePage, cameras: Mapping[str, CameraStatus]) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "state": camera.state,
            "time": None if camera.last_s is None else format_time(camera.last_s, page.site.timezone),
            "fps": round(camera.fps, 1),
            "people_now": camera.people_now,
            "dropped": camera.dropped,
            "reconnects": camera.reconnects,
            "error": camera.error,
        }
        for name, camera in cameras.items()
    ]
