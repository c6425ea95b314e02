"""What a decoder needs to know of a live stream, so that its packets can be decoded now, and once more later."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

from av.codec import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from retrail.video.clip import DECODER_THREADS


@dataclass(frozen=True, slots=True)
class StreamHeader:
    """Codec and its parameters, as the connection announced them; sizes matter for raw video only."""

    codec: str
    extradata: bytes
    width_px: int
    height_px: int
    pix_fmt: str | None

    @classmethod
    def of(cls, context: VideoCodecContext) -> Self:
        return cls(context.name, context.extradata or b"", context.width, context.height, context.pix_fmt)

    def to_json(self) -> bytes:
        record = asdict(self) | {"extradata": base64.b64encode(self.extradata).decode()}
        return json.dumps(record).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        record = json.loads(data)
        return cls(**(record | {"extradata": base64.b64decode(record["extradata"])}))


class PacketDecoder:
    """Decodes numbered packets; every picture knows the number of the packet that it came in, whatever the order."""

    def __init__(self, header: StreamHeader) -> None:
        context: Any = CodecContext.create(header.codec, "r")  # PyAV's stubs leave parts of decoding untyped
        if header.extradata:
            context.extradata = header.extradata
        if header.width_px and header.height_px:
            context.width, context.height = header.width_px, header.height_px
        if header.pix_fmt:
            context.pix_fmt = header.pix_fmt
        context.thread_count = DECODER_THREADS
        context.thread_type = "AUTO"
        self._context = context

    def decode(self, data: bytes, number: int) -> list[tuple[int, VideoFrame]]:
        """Pictures that this packet completes, with the number of their own packet.

        Raises:
            FFmpegError: the packet is broken; the next one may be fine.
        """
        # Memory of FFmpeg's own: of Python's, a decoding thread would need the GIL to give it back, which whoever frees
        # the decoder holds while waiting for that thread.
        packet = Packet(len(data))
        packet.update(data)
        # A decoder hands a packet's time on to its picture and looks at it no further: the number travels there.
        packet.pts = packet.dts = number
        return list(_numbered(self._context.decode(packet)))

    def drain(self) -> list[tuple[int, VideoFrame]]:
        """What is still inside, at the end of a connection."""
        try:
            return list(_numbered(self._context.decode(None)))
        except FFmpegError:
            return []


def _numbered(pictures: list[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
    for picture in pictures:
        if picture.pts is not None:
            yield picture.pts, picture
