"""What happens to the cameras of a run, told as it happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from queue import SimpleQueue

from rich.console import Console
from rich.text import Text

from retrail.core.types import CameraEvent

_AWAY = frozenset({"unreachable", "lost", "stall"})
_BACK = frozenset({"connect", "reconnect"})


class News:
    """Says which cameras failed, went away and came back; each absence once, however often the camera was called."""

    def __init__(self) -> None:
        self._away: set[str] = set()

    def line(self, event: CameraEvent) -> str | None:
        """The event in words; None where it is no news: known, or nothing that stops the camera."""
        camera = event.camera
        if event.kind == "failed":
            return f"{camera} failed: {event.detail}"
        if event.kind in _AWAY and camera not in self._away:
            self._away.add(camera)
            return f"{camera}: {event.detail}; trying again"
        if event.kind in _BACK:
            self._away.discard(camera)
            return f"{camera}: {event.detail}"
        return None


@contextmanager
def told(console: Console) -> Generator[Callable[[CameraEvent], None]]:
    """Print the news of the events that are brought, by any thread; all of it is printed on leaving.

    A thread of its own prints: a terminal that was closed, or is slow, is no camera's trouble.
    """
    events: SimpleQueue[CameraEvent | None] = SimpleQueue()

    def tell() -> None:
        news = News()
        while (event := events.get()) is not None:
            if line := news.line(event):
                style = "red" if event.kind == "failed" else ""
                # A style of the text, not of `print`: that would colour the table below it, too.
                console.print(Text(line, style), soft_wrap=True)

    thread = threading.Thread(target=tell, name="news", daemon=True)
    thread.start()
    try:
        yield events.put
    finally:
        events.put(None)
        thread.join()
