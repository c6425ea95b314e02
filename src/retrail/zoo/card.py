"""Model cards: what a network is, what goes in, what comes out, who may use it.

A card is a JSON file in ``cards/``, named like the model; these are its types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Task = Literal[
    "person-detection", "person-reidentification", "face-detection", "face-landmarks", "face-reidentification"
]
Head = Literal["ssd", "yolox", "boxes", "embedding", "landmarks", "yunet"]
Status = Literal["current", "withdrawn", "community"]
Precision = Literal["f32", "bf16"]


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of a model.

    Attributes:
        path: where it lies in a models folder, ``/`` between the parts.
        size_bytes: its size, or None where nobody published one.
        sha256, sha384: lower-case hex; at most one is needed, both may be None (a file that the user exports).
        url: where its owner publishes it, or None.
    """

    path: str
    size_bytes: int | None = None
    sha256: str | None = None
    sha384: str | None = None
    url: str | None = None

    @property
    def hashed(self) -> bool:
        return self.sha256 is not None or self.sha384 is not None


@dataclass(frozen=True, slots=True)
class CardInput:
    """What the network wants to see. Callers always hand over uint8 BGR; the rest happens inside the graph.

    Attributes:
        name: of the image input, or None: the only input with four dimensions.
        width_px, height_px: size of the image.
        colour: order of the channels.
        mean, scale: of each channel in that order, of values in 0..255; the network gets ``(value - mean) / scale``.
        resize: ``stretch`` to the size, or ``letterbox`` (keep the ratio, fill with 114 to the right and below).
        constants: values of further inputs, which become part of the graph.
    """

    name: str | None
    width_px: int
    height_px: int
    colour: Literal["BGR", "RGB"]
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    resize: Literal["stretch", "letterbox"] = "stretch"
    constants: Mapping[str, tuple[float, ...]] | None = None


@dataclass(frozen=True, slots=True)
class CardOutput:
    """What the network says.

    Attributes:
        name: of the output that matters, or None: the only one.
        head: how to read it. ``ssd``: (1, 1, n, 7) rows of image, label, score, x1, y1, x2, y2 in fractions.
            ``boxes``: (n, 5) rows of x1, y1, x2, y2 in input pixels, score, and ``labels`` (n). ``yolox``: (b, n,
            5 + classes), relative to a grid. ``yunet``: cls, obj, bbox, kps at strides 8, 16, 32. ``embedding``: one
            vector. ``landmarks``: x, y of each point in fractions.
        dimension: numbers an image (``embedding``, ``landmarks``) or a row (``yolox``; None: 85, COCO's 80 classes).
        person_class: the label that means a person, or None: every row does.
    """

    name: str | None
    head: Head
    dimension: int | None = None
    person_class: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A published or measured figure, with who says so."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a run may be from the recorded vector: least cosine, largest absolute difference."""

    cosine: float
    difference: float


@dataclass(frozen=True, slots=True)
class Golden:
    """What a network said about a fixed synthetic picture when its weights were checked.

    Attributes:
        vector: from f32; what it holds depends on the head (``retrail.runtime.golden``).
        tolerance: by precision.
        recorded: with what, in words.
    """

    vector: tuple[float, ...]
    tolerance: Mapping[Precision, Tolerance]
    recorded: str


@dataclass(frozen=True, slots=True)
class Card:
    """One model.

    Attributes:
        name: as in a site file.
        task, summary, status: what it is for; ``withdrawn``: its owner no longer lists it;
            ``community``: not of the Open Model Zoo.
        licence: of the weights, as their owner released them.
        data_licence: of the data behind them, in words.
        commercial: whether the weights were released under a licence that allows commercial use.
        commercial_note: why, or what to know all the same.
        precision: folder of ``files``, such as ``FP16``; empty where there is none.
        files: of that precision. The first is the network (.xml, .onnx).
        other_files: of other precisions that are opened if those are not there.
        earlier_files: earlier releases of the same paths, which the owner published once.
        input, output: None where nobody published them: such a model cannot be opened.
        default_score: least score of a detection that counts where pictures are judged one by one (`retrail evaluate
            detection`); None for other tasks. A run does not use it: its tracker begins with boxes from 0.5 on, follows
            them through boxes from 0.15 on, and tells by what never moves that it is nobody (``retrail.perceive``).
        cuts: least cosine of the same person, by mode (``count``, ``journey``, ``vip``), after each camera's mean was
            taken off; None for other tasks, or where nobody measured.
        cut_notes: by mode, what the cut means; under ``source``, on what it was measured.
        figures: published ones, with source.
        paper: arXiv number or address.
        golden: None: unverified, the weights were not at hand.
        gflops, mparams: as published.
        note: what else to know.
    """

    name: str
    task: Task
    summary: str
    status: Status
    licence: str
    data_licence: str
    commercial: bool
    commercial_note: str
    precision: str
    files: tuple[CardFile, ...]
    input: CardInput | None
    output: CardOutput | None
    other_files: tuple[CardFile, ...] = ()
    earlier_files: tuple[CardFile, ...] = ()
    default_score: float | None = None
    cuts: Mapping[str, float] | None = None
    cut_notes: Mapping[str, str] | None = None
    figures: tuple[Figure, ...] = ()
    paper: str | None = None
    golden: Golden | None = None
    gflops: float | None = None
    mparams: float | None = None
    note: str = ""
