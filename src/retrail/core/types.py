"""What flows between the rooms: frozen records, arrays with shape, dtype and unit.

Boxes are ``(x1, y1, x2, y2)`` in frame pixels, float32, x to the right and y down. Times are event
time: the stream's own clock in seconds UTC (POSIX). Records that hold arrays compare by identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""(x1, y1, x2, y2) in frame pixels."""

PixelFormat = Literal["nv12", "i420", "bgr24"]
ColourMatrix = Literal["bt601", "bt709"]
Presence = Literal["person", "undecided", "furniture"]
"""What a tracklet is: a person, not yet known, or a thing that never moved."""

EntryKind = Literal["assign", "new", "merge", "split", "correct", "unresolved"]
Outcome = Literal["assign", "new", "unresolved"]


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The decoded pixels of one frame, as the codec left them.

    Attributes:
        pixel_format: ``nv12``: (Y, interleaved UV); ``i420``: (Y, U, V); ``bgr24``: one plane.
        arrays: uint8; Y (height, width), U and V (ceil height / 2, ceil width / 2), UV
            (ceil height / 2, ceil width / 2, 2), BGR (height, width, 3). Rows may be padded (strided views).
        matrix: the YUV to RGB matrix.
        full_range: whether Y runs over 0..255 rather than 16..235.
        owner: what keeps the memory alive (a decoder's frame); None where the arrays own it.
    """

    pixel_format: PixelFormat
    arrays: tuple[NDArray[np.uint8], ...]
    matrix: ColourMatrix = "bt601"
    full_range: bool = False
    owner: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one camera. The pixels are borrowed: copy what you keep.

    Attributes:
        camera: the camera's name in the site file.
        index: count of frames decoded from this camera, from 0.
        time_s: event time, seconds UTC.
        planes: the pixels.
        width_px, height_px: size of the picture as shown (after rotation).
    """

    camera: str
    index: int
    time_s: float
    planes: Planes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Detection:
    """One person box of a detector: ``box`` in frame pixels, ``score`` in 0..1."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One good picture of a person.

    Attributes:
        time_s: event time of its frame.
        box: where it was, frame pixels.
        quality: 0..1; weight in the tracklet's embedding.
        crop: the person as the encoder wants it: (height, width, 3) uint8 BGR, owned.
    """

    time_s: float
    box: Box
    quality: float
    crop: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Where somebody was over time on one camera.

    Attributes:
        times_s: (n,) float64, seconds UTC, increasing.
        boxes_px: (n, 4) float32.
        feet_px: (n, 2) float32, the foot point: middle of the lower edge, estimated where the feet are hidden
            by the frame's border or by something in front.
        width_px, height_px: size of the frame the pixels refer to.
    """

    times_s: NDArray[np.float64]
    boxes_px: NDArray[np.float32]
    feet_px: NDArray[np.float32]
    width_px: int
    height_px: int

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True, eq=False)
class Tracklet:
    """One person on one camera without a break, at most 20 s.

    Attributes:
        id: follows from camera, stream time and boxes; the same clip read twice gives the same ids.
        camera: the camera's name.
        path: boxes and foot points over time.
        shots: the best pictures, best first; may be empty.
        clear: (n,) whether each box stood alone: where others lie on it, it may be somebody else's from there on.
        continues: id of the tracklet that this one carries on without a break, or None.
        presence: person, undecided or furniture, as known when it was closed.
    """

    id: str
    camera: str
    path: Path
    shots: tuple[Shot, ...]
    clear: NDArray[np.bool_]
    continues: str | None
    presence: Presence

    @property
    def start_s(self) -> float:
        return float(self.path.times_s[0])

    @property
    def end_s(self) -> float:
        return float(self.path.times_s[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What the log keeps of a closed tracklet.

    Attributes:
        id, camera, path, continues, presence: those of the tracklet.
        start_s, end_s: event time of the first and last box.
        embedding: (d,) float32 of length 1, as it came from the encoder (no centring); None: no good shot, or expired.
        quality: 0..1, of the shots behind the embedding; 0 without one.
        model: name of the encoder's card and first digits of its weights' checksum, ``NAME@1a2b3c4d``; the name alone
            where nobody was seen (simulated). Embeddings of two are never compared.
    """

    id: str
    camera: str
    start_s: float
    end_s: float
    path: Path
    embedding: NDArray[np.float32] | None
    quality: float
    model: str
    continues: str | None
    presence: Presence


@dataclass(frozen=True, slots=True)
class Candidate:
    """An identity that a sighting might be, with the evidence for it.

    Attributes:
        identity: the identity's number.
        log_odds: natural logarithm of the odds, by kind of evidence: ``appearance``, ``time``, ``exclusion``,
            ``continuity``, ``prior``. They add up.
        similarity: cosine after each camera's mean was taken off, or None where there was no embedding.
    """

    identity: int
    log_odds: Mapping[str, float]
    similarity: float | None = None

    @property
    def total_log_odds(self) -> float:
        return sum(self.log_odds.values())


@dataclass(frozen=True, slots=True)
class Match:
    """Who a sighting was taken to be, and why: all that is needed to audit the decision.

    Attributes:
        sighting: id of the sighting.
        identity: its number, or None where unresolved.
        outcome: ``assign`` (somebody known), ``new`` or ``unresolved``.
        probability: that the decision is right, 0..1; None where nothing was compared.
        candidates: who else was considered, most likely first.
        final: False until consolidation has confirmed it.
        lineage: numbers of the ledger entries that this decision follows from.
        reason: one plain sentence.
    """

    sighting: str
    identity: int | None
    outcome: Outcome
    probability: float | None
    candidates: tuple[Candidate, ...] = ()
    final: bool = False
    lineage: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One decision, in order.

    Attributes:
        number: place in the ledger, from 1.
        kind: ``new`` / ``assign`` / ``unresolved`` (one sighting, with its match), ``merge`` (all sightings of
            ``from_identity`` become ``identity``), ``split`` (the named sightings leave ``from_identity`` and become
            ``identity``), ``correct`` (a person said so).
        time_s: event time at which it was decided.
        identity: who the sightings are from now on; None for ``unresolved``.
        sightings: ids of the sightings it speaks of (for a merge: those that moved).
        from_identity: for merge and split.
        match: the evidence, for decisions about one sighting.
        lineage: numbers of earlier entries it follows from or replaces.
        reason: one plain sentence.
    """

    number: int
    kind: EntryKind
    time_s: float
    identity: int | None
    sightings: tuple[str, ...]
    from_identity: int | None = None
    match: Match | None = None
    lineage: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody passed a line. ``direction`` is ``in`` (along the line's inward side) or ``out``."""

    identity: int
    line: str
    camera: str
    time_s: float
    direction: Literal["in", "out"]
    sighting: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay of one identity in one zone of one camera. ``dwell_s`` is ``leave_s - enter_s``."""

    identity: int
    camera: str
    zone: str
    enter_s: float
    leave_s: float
    sightings: tuple[str, ...] = ()

    @property
    def dwell_s(self) -> float:
        return self.leave_s - self.enter_s


@dataclass(frozen=True, slots=True)
class Journey:
    """An identity's visits and crossings, each in order of time."""

    identity: int
    visits: tuple[Visit, ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A number with what it does not know.

    Attributes:
        estimate: the count.
        low, high: the interval, or None until association can give one.
        unresolved: sightings of people who could be anybody (a person counts once however often the sighting was cut).
    """

    estimate: float
    low: float | None = None
    high: float | None = None
    unresolved: int = 0


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """Something that happened to a camera: ``reconnect``, ``stall``, ``corrupt``, ``clock_jump``, ``resolution``."""

    camera: str
    time_s: float
    kind: str
    detail: str = ""
    extra: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What was committed to the log in one go.

    Attributes:
        number: place in the log, from 1.
        sightings: in the order in which they were logged.
        end: True for the mark that an input ended here (then without sightings).
    """

    number: int
    sightings: tuple[Sighting, ...]
    end: bool = False
