"""One connection to a live camera: RTSP(S), HTTP, USB and whatever else FFmpeg opens by an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.error import ExitError, FFmpegError
from av.error import TimeoutError as FFmpegTimeoutError

from retrail.core.errors import SourceError
from retrail.site import Camera
from retrail.video.camera import clean, shown
from retrail.video.stream import StreamHeader

_DEVICE = re.compile(r"/dev/(video\d|v4l/)")
_ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNTIMED = ("mpjpeg", "mjpeg")
"""Formats without times of their own: FFmpeg invents 25 a second, arrival is nearer the truth."""


def is_live(camera: Camera) -> bool:
    """Whether a source is a camera that is on now rather than a recording."""
    text = camera.source.reveal()
    return bool(_DEVICE.match(text) or _ADDRESS.match(text))


@dataclass(frozen=True, slots=True, eq=False)
class LivePacket:
    """One compressed picture. ``stamp_s``: the stream's own time, seconds; None where it has none."""

    data: bytes
    stamp_s: float | None
    is_key: bool


class Stalled(SourceError):
    """The connection stands, but nothing comes."""


class Connection:
    """An open stream.

    Args:
        connect_s: how long opening may take.
        silent_s: how long a packet may take to come.

    Raises:
        SourceError: the camera cannot be reached, or sends no video.
    """

    def __init__(self, camera: Camera, *, connect_s: float, silent_s: float) -> None:
        self._camera = camera
        self._container = self._open(connect_s, silent_s)
        streams = self._container.streams.video
        if not streams:
            self._container.close()
            raise SourceError("The camera sends no video", where=shown(camera), allowed="a stream with video in it")
        self._stream = streams[0]
        self._timed = self._container.format.name not in _UNTIMED
        self.header = StreamHeader.of(self._stream.codec_context)

    def packets(self) -> Iterator[LivePacket]:
        """Packets as they come; ends when the camera ends the stream.

        Raises:
            Stalled: nothing came for too long.
            SourceError: the connection was lost.
        """
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    timed = self._timed and packet.pts is not None
                    stamp_s = float(packet.pts * packet.time_base) if timed and packet.pts is not None else None
                    yield LivePacket(bytes(packet), stamp_s, packet.is_keyframe)
        except (ExitError, FFmpegTimeoutError):
            raise Stalled("The camera fell silent", where=shown(self._camera)) from None
        except FFmpegError as error:
            raise SourceError(
                "The connection was lost", where=shown(self._camera), found=clean(self._camera, error.strerror)
            ) from None

    def close(self) -> None:
        """Hang up."""
        self._container.close()

    def _open(self, connect_s: float, silent_s: float) -> InputContainer:
        address = self._camera.source.reveal()
        device = _DEVICE.match(address) is not None
        try:
            return av.open(
                address,
                format="v4l2" if device else None,
                options=_options(address, self._camera.fps),
                timeout=(connect_s, silent_s),
            )
        except (ExitError, FFmpegTimeoutError):
            found, hint = f"no answer within {connect_s:g} s", "check address, port and network"
        except FFmpegError as error:
            found = clean(self._camera, error.strerror)
            refused = "401" in found or "403" in found or "nauthorized" in found
            hint = "check user and password" if refused else "check the address, and that the camera is on"
        raise SourceError("The camera cannot be reached", where=shown(self._camera), found=found, hint=hint)


def _options(address: str, fps: float | None) -> dict[str, str]:
    if _DEVICE.match(address):
        return {"framerate": f"{fps:g}"} if fps else {}
    # At most a second to find out what is sent (what comes meanwhile is kept), and none of it for the frame rate.
    options = {"analyzeduration": "1000000", "fpsprobesize": "0"}
    if address.lower().startswith("rtsp"):
        # TCP where the camera can; an address that ends in ?udp asks for UDP, whose packets may come out of order.
        options |= {"rtsp_flags": "prefer_tcp", "max_delay": "300000", "buffer_size": "2097152"}
    return options
