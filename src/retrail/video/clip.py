"""One video file or picture: its frames with the file's own time, whatever is wrong with some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from retrail.core.errors import DataError, SourceError
from retrail.core.time import parse_time

_OLDEST_CREATION_S = datetime.fromisoformat("2000-01-01T00:00:00Z").timestamp()
_DEFAULT_FPS = 25.0
_MISSING_S = 0.5
"""A file that ends this much before its own length was cut off."""
DECODER_THREADS = 2
"""Of one camera. Measured on two cores: one clip alone decodes 1.5 times as fast as with one, four at once as fast, for
10 MB each; more threads only cost memory."""
_ERRORS_IN_A_ROW = 16
"""A demuxer that fails this often without one packet between is at the end of what can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded frame. ``time_s`` counts from the file's first; ``duration_s`` is how long it stands."""

    pixels: VideoFrame
    time_s: float
    duration_s: float


class Clip:
    """An open file.

    Args:
        path: the file.
        where: how errors name it.
        fps: pictures a second where the file holds no times (raw streams).
        on_corrupt: told of every packet or picture that the decoder complained about.

    Raises:
        SourceError: missing, empty, no video, or not readable.
    """

    def __init__(self, path: Path, *, where: str, fps: float | None, on_corrupt: Callable[[str], None]) -> None:
        self._where = where
        self._on_corrupt = on_corrupt
        self._missing_s = 0.0
        self._container = _open(path, where, fps)
        streams = self._container.streams
        if (
            not streams.video or cast(object, streams.video[0].codec_context) is None
        ):  # PyAV's stubs know no unknown codec
            found = ", ".join(f"{s.type} ({s.codec_context.name if s.codec_context else 'unknown'})" for s in streams)
            self._container.close()
            raise SourceError(
                "The file holds no video that can be decoded",
                where=where,
                found=found or "no streams",
                allowed="a file with a video stream",
            )
        self._stream = streams.video[0]
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._stream.thread_type = "AUTO"

    @property
    def created_s(self) -> float | None:
        """When the recording says it was made, seconds UTC; None where it does not or cannot mean it."""
        text = self._container.metadata.get("creation_time") or self._stream.metadata.get("creation_time")
        try:
            created_s = parse_time(text) if text else None
        except DataError:
            return None
        return created_s if created_s is not None and created_s >= _OLDEST_CREATION_S else None

    @property
    def duration_s(self) -> float | None:
        """How long the file says it is, or None."""
        if self._stream.duration is not None and self._stream.time_base is not None:
            return float(self._stream.duration * self._stream.time_base)
        only_video = len(self._container.streams) == 1  # else it is the length of the longest stream
        return self._container.duration / av.time_base if only_video and self._container.duration else None

    @property
    def missing_s(self) -> float:
        """How much of the file's length was not there, once ``pictures`` has come to its end; 0.0: nothing."""
        return self._missing_s

    def pictures(self) -> Iterator[Picture]:
        """Every picture that can be decoded, times strictly increasing; corrupt packets are told of and left out."""
        base = self._stream.time_base or 1
        rate = self._stream.guessed_rate or self._stream.average_rate
        usual_s = 1.0 / float(rate) if rate else 1.0 / _DEFAULT_FPS
        by_dts = self._container.format.name == "avi"  # it knows only the order of decoding; pts there are guesses
        zero = None if by_dts else self._stream.start_time
        shift_s, last_s = 0.0, None
        end_s = 0.0
        for pixels in self._decoded():
            stamp = pixels.dts if by_dts else pixels.pts
            if stamp is None:
                time_s = 0.0 if last_s is None else last_s + usual_s
            else:
                zero = stamp if zero is None else zero
                time_s = float((stamp - zero) * base) + shift_s
                if last_s is not None and time_s <= last_s:
                    # Recordings glued together start counting anew; time goes on instead.
                    shift_s += last_s + usual_s - time_s
                    time_s = last_s + usual_s
            last_s = time_s
            duration_s = float(pixels.duration * base) if pixels.duration else usual_s
            end_s = time_s + duration_s
            yield Picture(pixels, time_s, duration_s)
        if last_s is not None and shift_s == 0.0 and self.duration_s is not None:
            missing_s = self.duration_s - end_s
            self._missing_s = missing_s if missing_s > max(_MISSING_S, 2 * usual_s) else 0.0

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _decoded(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            try:
                decoded = packet.decode()
            except FFmpegError as error:
                self._on_corrupt(str(error.strerror))
                continue
            for pixels in decoded:
                if pixels.is_corrupt:
                    self._on_corrupt("a picture with errors")
                yield pixels

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        errors = 0
        while True:
            try:
                for packet in self._container.demux(self._stream):
                    errors = 0
                    yield packet
                return
            except FFmpegError as error:
                errors += 1
                self._on_corrupt(str(error.strerror))
                if errors >= _ERRORS_IN_A_ROW:
                    return


def _open(path: Path, where: str, fps: float | None) -> InputContainer:
    if not path.exists():
        raise SourceError(
            "The file does not exist", where=where, hint="check the path; it is relative to the site file"
        )
    if path.is_dir():
        raise SourceError("The source is a folder", where=where, hint="name its files, such as folder/*.mp4")
    if path.is_file() and path.stat().st_size == 0:
        raise SourceError("The file is empty", where=where, found="0 bytes", hint="record or copy it again")
    options = {"framerate": f"{fps:g}"} if fps else {}
    try:
        return av.open(str(path), options=options)
    except PermissionError:
        raise SourceError("The file may not be read", where=where, hint="give this user the right to read it") from None
    except FFmpegError as error:
        if _is_mp4_without_index(path):
            raise SourceError(
                "The recording was cut off before its index was written",
                where=where,
                found="an MP4 file without a moov box",
                hint="copy it again, or repair it with a tool such as untrunc",
            ) from None
        raise SourceError(
            "The file is not a video that can be read",
            where=where,
            found=error.strerror,
            allowed="any file FFmpeg opens",
        ) from None


def _is_mp4_without_index(path: Path) -> bool:
    """Whether a file begins as MP4 but its top-level boxes end without a ``moov``."""
    names: list[bytes] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size and len(names) < 1000:
            file.seek(at)
            head = file.read(16)
            length, name = int.from_bytes(head[:4]), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16])
            names.append(name)
            if length < 8:
                break
            at += length
    return b"ftyp" in names[:1] and b"moov" not in names
