"""Clips that Retrail writes: H.264 in MP4, timed by event time, visible only when they are whole."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray

from retrail.core.errors import DataError

_TICKS = Fraction(1, 90_000)
_AV_BT709 = 1
_KEY_FRAME_EVERY_S = 2.0
# Written in fragments and made one piece at the end: what is on a disk that filled up can still be played.
_MUXER = {"movflags": "hybrid_fragmented+frag_keyframe"}
# Without B-frames the first picture stands at zero, and one picture in is one picture out.
_ENCODERS = {
    "libx264": {"preset": "veryfast", "bf": "0", "threads": "1"},
    "libopenh264": {},
    "mpeg4": {"bf": "0", "qscale": "4"},
}


class ClipWriter:
    """Writes pictures into an MP4 file beside ``path`` and moves it to ``path`` when closed.

    Args:
        path: where the clip shall be; its folder is made, a file of that name is replaced.
        width_px, height_px: size of every picture; an odd one is grown by a repeated edge, as H.264 wants.
        fps: about how many pictures a second will come: how long the last one stands, how often a key frame comes.
            Each picture stands where its own time puts it.
        crf: constant rate factor of x264: more is smaller and poorer; other encoders have one quality.
        comment: what the file says of itself.

    Raises:
        DataError: the folder cannot be written.
    """

    def __init__(
        self, path: str | Path, width_px: int, height_px: int, fps: float, crf: int = 23, *, comment: str = ""
    ) -> None:
        self.path = Path(path)
        self._part = self.path.with_name(f".{self.path.name}.part")
        self._size = width_px, height_px
        self._fps = Fraction(fps).limit_denominator(1001)
        self._crf = crf
        self._first_s: float | None = None
        self._last_tick = -1
        self._written = 0
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._container: Any = av.open(str(self._part), "w", format="mp4", options=_MUXER)
            self._container.metadata.update({"comment": comment} if comment else {})
            self._stream = self._add_stream()
        except (FFmpegError, OSError) as error:
            raise DataError(
                "The clip cannot be written",
                where=str(path),
                found=str(error.strerror),
                hint="choose a folder that this user may write to",
            ) from None
        self._open = True

    def write(self, bgr: NDArray[np.uint8], time_s: float) -> None:
        """Add one picture.

        Args:
            bgr: (height_px, width_px, 3) uint8.
            time_s: event time, seconds UTC; later than that of the picture before.

        Raises:
            DataError: wrong size, a time that goes back, or the disk is full (what could be kept is then at ``path``).
        """
        width, height = self._size
        if bgr.shape != (height, width, 3) or bgr.dtype != np.uint8:
            raise DataError(
                "A picture of another size than the clip",
                where=str(self.path),
                found=f"{bgr.shape} {bgr.dtype}",
                allowed=f"{(height, width, 3)} uint8",
            )
        if self._first_s is None:
            self._first_s = time_s
            began = datetime.fromtimestamp(time_s, UTC).isoformat(timespec="microseconds")
            self._container.metadata["creation_time"] = began
        tick = round((time_s - self._first_s) / _TICKS)
        if tick <= self._last_tick:
            raise DataError(
                "A picture that is not later than the one before", where=str(self.path), found=f"time {time_s}"
            )
        picture = _coded(bgr)
        picture.pts, picture.time_base = tick, _TICKS
        self._encode(picture)
        self._last_tick = tick
        self._written += 1

    def close(self) -> None:
        """Finish the clip and make it visible; without a picture there is no file. May be called twice.

        Raises:
            DataError: the disk is full.
        """
        if not self._open:
            return
        if self._written:
            self._encode(None)
        try:
            self._open = False
            self._container.close()
        except (FFmpegError, OSError) as error:
            self._give_up(error)
        if self._written:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add_stream(self) -> Any:  # PyAV's stubs leave parts of writing untyped
        name = next(name for name in _ENCODERS if name in av.codecs_available)
        options = (
            _ENCODERS[name]
            | ({"crf": str(self._crf)} if name == "libx264" else {})
            | {"g": str(max(1, round(self._fps * Fraction(_KEY_FRAME_EVERY_S))))}
        )
        stream = self._container.add_stream(name, rate=self._fps, options=options)
        stream.width, stream.height = (side + side % 2 for side in self._size)
        stream.pix_fmt = "yuv420p"
        stream.time_base = _TICKS
        context = stream.codec_context
        context.time_base = _TICKS
        context.colorspace = _AV_BT709
        context.color_range = ColorRange.MPEG
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        return stream

    def _encode(self, picture: VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(picture):
                packet.duration = packet.duration or round(1 / (self._fps * _TICKS))
                self._container.mux(packet)
        except (FFmpegError, OSError) as error:
            self._give_up(error)

    def _give_up(self, error: FFmpegError | OSError) -> None:
        self._open = False
        with suppress(FFmpegError, OSError):  # the same disk again; what the file holds is looked at next
            self._container.close()
        kept_s = _playable_s(self._part)
        if kept_s is None:
            self._part.unlink(missing_ok=True)
        else:
            self._part.replace(self.path)
        raise DataError(
            "The clip could not be written to its end",
            where=str(self.path),
            found=f"{error.strerror}; {'nothing' if kept_s is None else f'the first {kept_s:.1f} s'} kept",
            hint="make room on the disk and run again",
        ) from None


def _coded(bgr: NDArray[np.uint8]) -> VideoFrame:
    """BT.709 in limited range, as the stream's tags say, with even sides."""
    height, width = bgr.shape[:2]
    even = np.pad(bgr, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if height % 2 or width % 2 else bgr
    return VideoReformatter().reformat(
        VideoFrame.from_numpy_buffer(np.require(even, requirements=["C", "W"]), "bgr24"),
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        threads=1,
    )


def _playable_s(path: Path) -> float | None:
    """How many seconds of a cut-off clip can be played; None: nothing."""
    last: float | None = None
    try:
        with av.open(str(path)) as container:
            for picture in container.decode(video=0):
                last = picture.time
    except (FFmpegError, OSError):
        return last
    return last
