"""Starts and orders about the RTSP server of server.py, and stands between it and its viewers as a bad network."""

from __future__ import annotations

import contextlib
import functools
import select
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("server.py")
_NEEDS = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
missing = [n for n in ("appsrc", "x264enc", "rtph264pay", "qtdemux", "h264parse") if Gst.ElementFactory.find(n) is None]
raise SystemExit(", ".join(missing) or 0)
"""


@functools.cache
def why_there_is_no_server() -> str | None:
    """One line, or None where the server can run."""
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", _NEEDS], check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no GStreamer RTSP server: {error}"
    return None if done.returncode == 0 else f"no GStreamer RTSP server: {done.stderr.strip().splitlines()[-1]}"


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RtspServer:
    """A camera of our own. ``numbers`` and ``file`` are addresses; the orders are those of server.py."""

    def __init__(self, *, port: int | None = None, **options: object) -> None:
        self.port = port or free_port()
        arguments = [part for key, value in options.items() for part in (f"--{key}", str(value))]
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVER), "--port", str(self.port), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._answer() == "ready"
        self.numbers = f"rtsp://127.0.0.1:{self.port}/numbers"
        self.file = f"rtsp://127.0.0.1:{self.port}/file"

    def order(self, line: str) -> int:
        """Give an order; returns how many numbers the latest viewer was sent before it."""
        return int(self._ask(line))

    def stamps(self) -> list[float]:
        """When the numbers 0, 1, 2 … of the latest viewer were stamped, in seconds of the server's clock."""
        return [float(stamp_s) for stamp_s in self._ask("stamps").split()]

    def kill(self) -> None:
        """The camera's plug is pulled."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the server."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class BadNetwork:
    """A port that leads to another one, and can be slowed (``bytes_per_s``), halted (0) or cut (``cut``)."""

    def __init__(self, to_port: int) -> None:
        self.bytes_per_s: float | None = None
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks."""
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        """Break everything and listen no more."""
        self._closed = True
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closed:
            try:
                viewer, _ = self._listener.accept()
                camera = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:
                return
            self._open += [viewer, camera]
            threading.Thread(target=self._carry, args=(viewer, camera, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(camera, viewer, True), daemon=True).start()

    def _carry(self, from_end: socket.socket, to_end: socket.socket, slowed: bool) -> None:
        with contextlib.suppress(OSError, ValueError), from_end, to_end:
            while not self._closed:
                if slowed and self.bytes_per_s == 0:
                    time.sleep(0.02)
                    continue
                if not select.select([from_end], [], [], 0.1)[0]:
                    continue
                data = from_end.recv(2048)
                if not data:
                    return
                to_end.sendall(data)
                if slowed and self.bytes_per_s:
                    time.sleep(len(data) / self.bytes_per_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
