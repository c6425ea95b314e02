"""One camera's perception: what was detected in its frames becomes tracklets with their best shots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from retrail.core.types import Detection, Frame, Shot, Tracklet
from retrail.perceive.colours import colours
from retrail.perceive.shots import ShotKeeper
from retrail.perceive.track import ClosedTrack, OpenTrack, Tracker, TrackStep

MakeTracker = Callable[[int, int], Tracker]
MakeShotKeeper = Callable[[int, int], ShotKeeper]


@dataclass(frozen=True, slots=True)
class Observation:
    """What one frame gave.

    Attributes:
        open: who is in sight now; confirmed tracks only. A key is never used twice on one camera.
        closed: tracklets that are over, with their shots.
    """

    open: tuple[OpenTrack, ...]
    closed: tuple[Tracklet, ...]


class CameraEye:
    """Follows people on one camera and keeps the best pictures of each.

    A change of resolution closes all tracks and begins anew: boxes before and after do not compare.

    Args:
        camera: the camera's name.
        make_tracker: a tracker for frames of this width and height; each gets the camera's furniture memory from here.
        make_shots: a shot keeper for frames of this width and height.
    """

    def __init__(
        self, camera: str, make_tracker: MakeTracker | None = None, make_shots: MakeShotKeeper = ShotKeeper
    ) -> None:
        self.camera = camera
        self._make_tracker: MakeTracker = make_tracker or partial(Tracker, camera)
        self._make_shots = make_shots
        self._size: tuple[int, int] | None = None
        self._tracker: Tracker | None = None
        self._shots: ShotKeeper | None = None
        self._open: tuple[OpenTrack, ...] = ()
        self._first_key = 0
        self._last_key = 0

    @property
    def tracking(self) -> bool:
        """Whether anybody is tracked now: the motion gate must not rest for long (see ``MotionGate.moved``)."""
        return bool(self._open)

    def observe(
        self, frame: Frame, detections: Sequence[Detection], motion: Sequence[float] | None = None
    ) -> Observation:
        """Take in a frame that was detected.

        Args:
            frame: with its pixels; later than the frame before.
            detections: of this frame, in any order.
            motion: share of moving pixels in each detection's box (``MotionGate.motion_in``), or None.

        Raises:
            DataError: time does not advance.
        """
        before: tuple[Tracklet, ...] = ()
        size = (frame.width_px, frame.height_px)
        if size != self._size:
            before = self.finish().closed
            self._size = size
            self._first_key = self._last_key
            self._tracker, self._shots = self._make_tracker(*size), self._make_shots(*size)
        tracker, shots = self._tracker, self._shots
        if tracker is None or shots is None:  # never, once the size is known; tells the type checker so
            return Observation((), before)
        worn = colours(frame, [each.box for each in detections])
        seen = self._take(tracker.update(frame.time_s, detections, motion, worn), shots)
        # After the closed ones took theirs: where a tracklet was cut, this frame belongs to the next piece.
        shots.offer(frame, seen.open)
        return Observation(seen.open, before + seen.closed)

    def still(self, time_s: float) -> Observation:
        """Take in a frame in which nothing moved and that was not detected.

        Raises:
            DataError: time does not advance.
        """
        if self._tracker is None or self._shots is None:
            return Observation((), ())
        return self._take(self._tracker.still(time_s), self._shots)

    def best_shot(self, key: int) -> Shot | None:
        """The best picture so far of somebody in sight, or None."""
        shots = self._shots.peek(key) if self._shots is not None else ()
        return shots[0] if shots else None

    def finish(self) -> Observation:
        """Close everything: the input ended. Nothing more comes out, unless another frame is observed."""
        if self._tracker is None or self._shots is None:
            return Observation((), ())
        rest = self._take(self._tracker.finish(), self._shots)
        self._tracker, self._shots, self._size = None, None, None
        return rest

    def _take(self, step: TrackStep, shots: ShotKeeper) -> Observation:
        self._open = tuple(self._numbered(track) for track in step.open)
        return Observation(self._open, tuple(self._tracklet(each, shots) for each in step.closed))

    def _numbered(self, track: OpenTrack) -> OpenTrack:
        """Trackers number from 1; on this camera the numbers go on."""
        self._last_key = max(self._last_key, self._first_key + track.key)
        return replace(track, key=self._first_key + track.key) if self._first_key else track

    def _tracklet(self, closed: ClosedTrack, shots: ShotKeeper) -> Tracklet:
        return Tracklet(
            id=closed.id,
            camera=self.camera,
            path=closed.path,
            shots=shots.take(self._first_key + closed.key),
            clear=closed.clear,
            continues=closed.continues,
            presence=closed.presence,
        )
