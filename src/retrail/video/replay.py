"""Decodes packets a second time, each only when the frame that was made of it is asked for."""

from __future__ import annotations

from collections import deque

from av.error import FFmpegError
from av.video.frame import VideoFrame

from retrail.video.stream import PacketDecoder, StreamHeader

_LATEST = 48
"""A picture leaves the decoder at most this many packets after its own (B-frames, one for each thread)."""


class Replay:
    """Packets in, in their order; pictures out by the number of their packet, in the order they first came out."""

    def __init__(self) -> None:
        self._decoder: PacketDecoder | None = None
        self._waiting = deque[StreamHeader | tuple[int, bytes]]()
        self._pictures = deque[tuple[int, VideoFrame]]()
        self._decoded = -1

    def begin(self, header: StreamHeader) -> None:
        """What follows belongs to another connection."""
        self._waiting.append(header)

    def packet(self, number: int, data: bytes) -> None:
        """A packet; decoded later."""
        self._waiting.append((number, data))

    def picture(self, number: int) -> VideoFrame | None:
        """The picture of packet ``number``; None where it cannot be decoded from what is there.

        Pictures that came out before it and were not asked for were never frames, and are let go.
        """
        while True:
            if any(of == number for of, _ in self._pictures):
                while self._pictures:
                    of, picture = self._pictures.popleft()
                    if of == number:
                        return picture
            if not self._waiting or self._decoded > number + _LATEST:
                return None
            self._decode(self._waiting.popleft())

    def _decode(self, item: StreamHeader | tuple[int, bytes]) -> None:
        if isinstance(item, StreamHeader):
            if self._decoder is not None:
                self._pictures.extend(self._decoder.drain())
            self._decoder = PacketDecoder(item)
            return
        number, data = item
        self._decoded = number
        if self._decoder is not None:
            try:
                self._pictures.extend(self._decoder.decode(data, number))
            except FFmpegError:
                return  # it was told of when it came the first time
