"""When a training run may be stopped: between its steps, never within one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Stops:
    """Ctrl-C and SIGTERM end a run at once between two steps, and at the end of a step within one.

    Attributes:
        within: whether numbers of the net are being changed, so that they are those of no step.
    """

    def __init__(self) -> None:
        self.within = False
        self._asked = False

    def begin(self) -> None:
        """From here on a step's numbers are being changed."""
        self.within = True

    def end(self) -> None:
        """They are whole again.

        Raises:
            KeyboardInterrupt: somebody asked for it meanwhile.
        """
        self.within = False
        if self._asked:
            raise KeyboardInterrupt

    def ask(self, kind: int, frame: FrameType | None) -> None:
        """A handler of signals.

        Raises:
            KeyboardInterrupt: between two steps.
        """
        del kind, frame
        self._asked = True
        if not self.within:
            raise KeyboardInterrupt


@contextmanager
def stoppable() -> Generator[Stops]:
    """Stops that listen to Ctrl-C and SIGTERM while the block runs; outside the main thread to nothing."""
    stops = Stops()
    if threading.current_thread() is not threading.main_thread():  # Python gives signals to that one alone
        yield stops
        return
    before = {kind: signal.signal(kind, stops.ask) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stops
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
