"""The command, and what running it left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

COMMAND = [sys.executable, "-m", "retrail"]


@dataclass(frozen=True)
class Ran:
    """What a command left: its status, what it printed, and the JSON object printed last."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.strip().splitlines()[-1])


Retrail = Callable[..., Ran]


@contextmanager
def running(*arguments: str | Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The command, at work; ended on leaving, whatever happened."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_seconds(source: Path, target: Path, seconds: float) -> None:
    """The beginning of a clip, its packets as they are."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        stream = read.streams.video[0]
        copy = written.add_stream_from_template(stream)
        for packet in read.demux(stream):
            if packet.pts is not None and float(packet.pts * packet.time_base) < seconds:
                packet.stream = copy
                written.mux(packet)
