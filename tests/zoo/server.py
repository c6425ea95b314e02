"""A server on the loopback that behaves badly on request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Asked"], None]


@dataclass
class Asked:
    """One request: what was asked, and how to answer."""

    handler: BaseHTTPRequestHandler
    body: bytes
    server: BadServer

    @property
    def offset(self) -> int:
        return int((self.handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def head(self, status: int, length: int | None, **headers: str) -> None:
        self.handler.send_response(status)
        if length is not None:
            self.handler.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


@dataclass
class BadServer:
    """Answers with ``script``, one entry a request; the last one again and again."""

    body: bytes
    script: list[Answer]
    url: str = ""
    offsets: list[int] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def bad_server(body: bytes, *script: Answer) -> Iterator[BadServer]:
    served = BadServer(body, list(script))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Asked(self, served.body, served)
            answer = served.script[min(len(served.offsets), len(served.script) - 1)]
            served.offsets.append(asked.offset)
            answer(asked)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}/model.bin"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def whole(asked: Asked) -> None:
    """All of it, or what was asked for."""
    rest = asked.body[asked.offset :]
    if asked.offset:
        span = f"bytes {asked.offset}-{len(asked.body) - 1}/{len(asked.body)}"
        asked.head(206, len(rest), Content_Range=span)
    else:
        asked.head(200, len(rest))
    asked.send(rest)


def ignores_range(asked: Asked) -> None:
    asked.head(200, len(asked.body))
    asked.send(asked.body)


def carries_on_elsewhere(asked: Asked) -> None:
    rest = asked.body[1:]
    asked.head(206, len(rest), Content_Range=f"bytes 1-{len(asked.body) - 1}/{len(asked.body)}")
    asked.send(rest)


def truncated(asked: Asked) -> None:
    """Promises the rest, gives a third of it, hangs up."""
    rest = asked.body[asked.offset :]
    span = f"bytes {asked.offset}-{len(asked.body) - 1}/{len(asked.body)}"
    asked.head(206 if asked.offset else 200, len(rest), **({"Content_Range": span} if asked.offset else {}))
    asked.send(rest[: len(rest) // 3])


def stalls(asked: Asked) -> None:
    """Gives half, then says nothing and keeps the line open."""
    asked.head(200, len(asked.body))
    asked.send(asked.body[: len(asked.body) // 2])
    asked.server.release.wait(20)


def lies_about_length(asked: Asked) -> None:
    asked.head(200, len(asked.body) + 1000)
    asked.send(asked.body)


def sends_more(asked: Asked) -> None:
    """Says nothing of its length, and does not stop where the file ends."""
    asked.head(200, None)
    asked.send(asked.body + b"x" * 100_000)


def wrong_bytes(asked: Asked) -> None:
    """Of the right length."""
    asked.head(200, len(asked.body))
    asked.send(bytes(255 - value for value in asked.body))


def status(code: int, **headers: str) -> Answer:
    return lambda asked: asked.head(code, 0, **headers)
