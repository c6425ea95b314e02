"""Curves of a run, for TensorBoard.

Written here and now rather than by TensorBoard's own writer: that one has a thread, which ends with a traceback where
the disk is full.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

# TensorBoard has no types of its own.
from tensorboard.compat.proto import event_pb2, summary_pb2  # pyright: ignore[reportMissingTypeStubs]
from tensorboard.summary.writer.record_writer import RecordWriter  # pyright: ignore[reportMissingTypeStubs]

from retrail.core.errors import DataError

VERSION = "brain.Event:2"
_EVENTS: Any = event_pb2  # made by protobuf while it is imported: no type says what is in it
_SUMMARIES: Any = summary_pb2


class Curves:
    """Points of curves, in a new file of events.

    Args:
        folder: where it goes, made if need be.
        step: where a run goes on; points from here on that an earlier part left are no longer shown.

    Raises:
        DataError: it cannot be written.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._folder = folder
        self._stream: BinaryIO | None = None
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}.{step}"
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._stream = (folder / name).open("wb")
        self._records: Any = RecordWriter(self._stream)
        self._write(file_version=VERSION)
        self._write(step=step, session_log=_EVENTS.SessionLog(status=_EVENTS.SessionLog.START))

    def draw(self, step: int, values: Mapping[str, float]) -> None:
        """A point of each curve.

        Raises:
            DataError: it cannot be written.
        """
        points = [_SUMMARIES.Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(step=step, summary=_SUMMARIES.Summary(value=points))

    def close(self) -> None:
        """The end. Every point was written when it was drawn; what could not be has been said."""
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()

    def _write(self, **event: Any) -> None:
        with self._explained():
            self._records.write(_EVENTS.Event(wall_time=time.time(), **event).SerializeToString())
            self._records.flush()

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            self.close()
            raise DataError(
                "The curves of the run cannot be written",
                where=str(self._folder),
                found=error.strerror,
                hint="make room, then run it again: it goes on from its last checkpoint",
            ) from None
