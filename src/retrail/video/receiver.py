"""Receives a live camera's packets, gives each its event time, and connects again when the connection breaks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median

from retrail.core.errors import SourceError
from retrail.site import Camera
from retrail.video.backlog import Backlog, NumberedPacket
from retrail.video.camera import shown
from retrail.video.clock import ArrivalClock, StreamClock
from retrail.video.connection import Connection, LivePacket, Stalled
from retrail.video.journal import Journal
from retrail.video.tape import PacketTape

CONNECT_S = 10.0
SILENT_S = 5.0
"""A camera that sends nothing for this long is taken for dead and called again."""
_LEARN_S = 0.5
"""How long packets of a new connection are held back to see which of them had been waiting."""
_LEARN_PACKETS = 500
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_STEADY_S = 5.0
"""A connection that held this long ends a row of failures."""
_USUAL_STEP_S = 0.04
_LOOK_AGAIN_S = 0.1


class Receiver:
    """``run`` is a thread's work until ``over`` says so."""

    def __init__(
        self, camera: Camera, backlog: Backlog, journal: Journal, tape: PacketTape | None, over: Callable[[], bool]
    ) -> None:
        self.failure: SourceError | None = None
        """Why there is no connection; None while packets come."""
        self._camera = camera
        self._backlog = backlog
        self._journal = journal
        self._tape = tape
        self._over = over
        self._clock = ArrivalClock()
        self._number = 0
        self._failures = 0
        self._lost_s: float | None = None
        self._ever = False

    def run(self) -> None:
        """Connect, receive, connect again: after each failure in a row waiting twice as long, up to half a minute."""
        while not self._over():
            try:
                self._receive()
            except SourceError as error:
                self._tell_of(error)
            # Jitter, so that cameras that were lost together do not all come back in the same instant.
            self._wait(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(self._failures, 10)) * random.uniform(0.5, 1.5))
            self._failures += 1

    def _receive(self) -> None:
        connection = Connection(self._camera, connect_s=CONNECT_S, silent_s=SILENT_S)
        first_s: float | None = None
        try:
            self._backlog.put(connection.header)
            if self._tape is not None:
                self._on_tape(self._tape.begin, connection.header)
            for item in self._timed(connection.packets()):
                if self._over():
                    return
                first_s = self._tell_of_return(item) if first_s is None else first_s
                if item.arrival_s - first_s > _STEADY_S:
                    self._failures = 0
                if self._tape is not None:
                    self._on_tape(self._tape.packet, item.number, item.packet.data, item.packet.is_key)
                self._journal.count(dropped=self._backlog.put(item))
        finally:
            connection.close()
        raise SourceError("The camera ended the stream", where=shown(self._camera))

    def _timed(self, packets: Iterator[LivePacket]) -> Iterator[NumberedPacket]:
        """Every packet with number and time. Those of the first moments are looked at together, before any is timed."""
        clock = StreamClock()
        held: list[tuple[LivePacket, float]] = []
        learnt = False
        try:
            for packet in packets:
                arrival_s, step_s = self._clock.now()
                if step_s:
                    self._leapt(arrival_s, step_s, "this machine's clock was set")
                if learnt:
                    yield self._numbered(clock, packet, arrival_s)
                    continue
                held.append((packet, arrival_s))
                learnt = arrival_s - held[0][1] >= _LEARN_S or len(held) >= _LEARN_PACKETS
                if learnt:
                    yield from self._released(clock, held)
        except SourceError:
            if not learnt:
                yield from self._released(clock, held)
            raise
        if not learnt:
            yield from self._released(clock, held)

    def _released(self, clock: StreamClock, held: list[tuple[LivePacket, float]]) -> Iterator[NumberedPacket]:
        for packet, arrival_s in held:
            if packet.stamp_s is not None:
                clock.learn(packet.stamp_s, arrival_s)
        stamps = sorted(packet.stamp_s for packet, _ in held if packet.stamp_s is not None)
        steps = [after - before for before, after in pairwise(stamps) if after > before]
        step_s = median(steps) if steps else _USUAL_STEP_S
        unstamped = next((place for place, (packet, _) in enumerate(held) if packet.stamp_s is not None), 0)
        for place, (packet, arrival_s) in enumerate(held):
            if stamps and place < unstamped:
                # RTSP's first picture has no stamp: it stands before the others, one step apart.
                stamp_s = stamps[0] - (unstamped - place) * step_s
                yield self._numbered(clock, LivePacket(packet.data, stamp_s, packet.is_key), arrival_s)
            else:
                yield self._numbered(clock, packet, arrival_s)

    def _numbered(self, clock: StreamClock, packet: LivePacket, arrival_s: float) -> NumberedPacket:
        time_s = arrival_s if packet.stamp_s is None else clock.map(packet.stamp_s, arrival_s)
        time_s += self._camera.offset_s
        if packet.stamp_s is not None and clock.jump_s:
            self._leapt(time_s, clock.jump_s, "the stream's clock leapt")
        self._number += 1
        return NumberedPacket(self._number, time_s, arrival_s, packet)

    def _leapt(self, time_s: float, by_s: float, what: str) -> None:
        self._journal.tell("clock_jump", time_s, f"{what} by {by_s:+.1f} s", jump_s=by_s)

    def _tell_of_return(self, item: NumberedPacket) -> float:
        self.failure = None
        if self._lost_s is not None:
            gap_s = item.arrival_s - self._lost_s
            kind = "reconnect" if self._ever else "connect"
            self._journal.tell(kind, item.time_s, f"back after {gap_s:.1f} s", gap_s=gap_s, attempts=self._failures)
        self._lost_s = None
        self._ever = True
        return item.arrival_s

    def _tell_of(self, error: SourceError) -> None:
        """Each failure once: of a row of equal ones the first, then the 2nd, 4th, 8th …"""
        now_s, _ = self._clock.now()
        known = self.failure is not None and (self.failure.what, self.failure.found) == (error.what, error.found)
        self.failure = error
        detail = f"{error.what}: {error.found}" if error.found else error.what
        if isinstance(error, Stalled):
            self._journal.tell("stall", now_s, detail)
        elif not known or self._failures & (self._failures - 1) == 0:
            kind = "unreachable" if self._lost_s is not None or not self._ever else "lost"
            self._journal.tell(kind, now_s, detail, attempts=self._failures + 1)
        if self._lost_s is None:
            self._lost_s = now_s

    def _on_tape(self, write: Callable[..., None], *args: object) -> None:
        try:
            write(*args)
        except OSError as error:
            self._tape = None
            now_s, _ = self._clock.now()
            self._journal.tell("tape", now_s, f"the tape ends here: {error.strerror}")

    def _wait(self, wait_s: float) -> None:
        until_s = time.monotonic() + wait_s
        while not self._over() and (left_s := until_s - time.monotonic()) > 0:
            time.sleep(min(left_s, _LOOK_AGAIN_S))
