"""Packets between the thread that receives and the one that decodes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from retrail.video.connection import LivePacket
from retrail.video.stream import StreamHeader

_BEHIND_S = 2.0
_MOST_PACKETS = 3000


@dataclass(frozen=True, slots=True, eq=False)
class NumberedPacket:
    """A packet with its number in the order of arrival, its event time, and when it came (seconds UTC)."""

    number: int
    time_s: float
    arrival_s: float
    packet: LivePacket


class Backlog:
    """A queue that stays short: when decoding is two seconds behind, it goes on at the newest key frame.

    What is left out for that is counted, packet by packet. A ``StreamHeader`` begins a connection and is never lost.
    """

    def __init__(self) -> None:
        self._items = deque[NumberedPacket | StreamHeader]()
        self._changed = threading.Condition()
        self._await_key = False

    def put(self, item: NumberedPacket | StreamHeader) -> int:
        """Add what came; returns how many packets had to be left out."""
        with self._changed:
            dropped = 0
            if isinstance(item, NumberedPacket):
                if self._await_key and not item.packet.is_key:
                    return 1
                self._await_key = False
                dropped = self._shorten(item)
                if self._await_key:
                    return dropped + 1
            self._items.append(item)
            self._changed.notify()
            return dropped

    def take(self, wait_s: float) -> NumberedPacket | StreamHeader | None:
        """The oldest item, or None where nothing came in time."""
        with self._changed:
            if not self._items:
                self._changed.wait(wait_s)
            return self._items.popleft() if self._items else None

    def clear(self) -> int:
        """Forget everything; returns how many packets that were."""
        with self._changed:
            packets = sum(isinstance(item, NumberedPacket) for item in self._items)
            self._items.clear()
            return packets

    def _shorten(self, newest: NumberedPacket) -> int:
        packets = [item for item in self._items if isinstance(item, NumberedPacket)]
        late = bool(packets) and newest.arrival_s - packets[0].arrival_s > _BEHIND_S
        if late and newest.packet.is_key:
            self._keep_headers()
            return len(packets)
        if len(packets) >= _MOST_PACKETS:
            self._keep_headers()
            self._await_key = not newest.packet.is_key
            return len(packets)
        return 0

    def _keep_headers(self) -> None:
        headers = [item for item in self._items if isinstance(item, StreamHeader)]
        self._items.clear()
        self._items.extend(headers[-1:])
