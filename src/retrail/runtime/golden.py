"""The golden check: what does a network say about one fixed picture, here and where its card was written?

The picture is drawn, a person on a grey floor made of shaded capsules, so that no picture of anybody is needed:
detectors find it, and for other networks any fixed picture will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import ModelError
from retrail.runtime.network import Network, Outputs
from retrail.zoo import Card, Golden, Tolerance
from retrail.zoo.card import Precision

SAMPLES, SCATTER = 256, 2_654_435_761
"""How many numbers of a detector's rows, and a prime that scatters them: at even distances all were of one column,
which in a net with one class is 1 whatever the weights are."""
TOLERANCE: Mapping[Precision, tuple[float, float]] = {"f32": (0.9999, 0.01), "bf16": (0.995, 0.15)}
"""Least cosine, and largest difference as a part of the largest number: between processors f32 differs by some 1e-5;
bf16 was measured at a cosine of 0.99999 for embeddings, and moves boxes and scores by up to 0.084."""
# A limb: from (x, y) to (x, y), radius, B, G, R. Unit: the figure's height; x from its middle, y from its top.
Limb = tuple[float, float, float, float, float, int, int, int]
FIGURE: tuple[Limb, ...] = (
    (-0.05, 0.97, -0.09, 0.98, 0.03, 30, 30, 30),
    (0.06, 0.97, 0.10, 0.98, 0.03, 30, 30, 30),
    (-0.045, 0.52, -0.06, 0.95, 0.052, 110, 60, 40),
    (0.045, 0.52, 0.07, 0.95, 0.052, 110, 60, 40),
    (-0.12, 0.24, -0.16, 0.50, 0.035, 60, 50, 170),
    (0.12, 0.24, 0.165, 0.50, 0.035, 60, 50, 170),
    (-0.163, 0.52, -0.163, 0.54, 0.025, 120, 150, 200),
    (0.168, 0.52, 0.168, 0.54, 0.025, 120, 150, 200),
    (-0.055, 0.26, -0.045, 0.50, 0.085, 60, 50, 170),
    (0.055, 0.26, 0.045, 0.50, 0.085, 60, 50, 170),
    (0.0, 0.15, 0.0, 0.19, 0.035, 120, 150, 200),
    (0.0, 0.07, 0.0, 0.10, 0.062, 120, 150, 200),
    (0.0, 0.045, 0.0, 0.05, 0.06, 25, 30, 40),
)
HEIGHT, FLOOR = 0.8, 0.8


@dataclass(frozen=True, slots=True)
class GoldenCheck:
    """How a network compares with its card.

    Attributes:
        state: ``unverified``: the card records nothing to compare with.
        cosine, difference: to the recorded vector; None where unverified.
        precision: what it was computed in.
    """

    state: Literal["same", "differs", "unverified"]
    cosine: float | None
    difference: float | None
    precision: str


def golden_image(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The picture, (height_px, width_px, 3) uint8 BGR; the same on every machine."""
    unit = height_px * HEIGHT
    rows, columns = np.mgrid[0:height_px, 0:width_px] + 0.5
    x, y = (columns - width_px / 2) / unit, (rows - height_px * (1 - HEIGHT) / 2) / unit
    image = np.stack([150 - 30 * y, 155 - 30 * y, 160 - 30 * y], axis=-1)
    image[y > FLOOR] *= 0.75
    for x1, y1, x2, y2, radius, *colour in FIGURE:
        along = np.clip(((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2), 0, 1)
        off = ((x - x1 - along * (x2 - x1)) ** 2 + (y - y1 - along * (y2 - y1)) ** 2) / radius**2
        shade = 0.45 + 0.55 * np.sqrt(np.clip(1 - off, 0, 1))
        image = np.where((off < 1)[..., None], np.array(colour) * shade[..., None], image)
    return np.clip(np.floor(image), 0, 255).astype(np.uint8)


def golden_vector(network: Network) -> NDArray[np.float64]:
    """What the network says about the picture, as one vector.

    Embeddings and landmarks: as they come. ``ssd`` and ``boxes``: score and corners (fractions) of the best box.
    ``yolox`` and ``yunet``: 256 numbers, scattered over the outputs in the order of their names, by their
    hyperbolic tangent: far corners of boxes, in cells, would drown the scores.

    Raises:
        ModelError: the run failed.
    """
    outputs = network.infer(golden_image(network.width_px, network.height_px)[None])
    return _vector(network, outputs).astype(np.float64)


def recorded(vector: NDArray[np.float64], how: str) -> Golden:
    """What a card keeps of `golden_vector`, computed in f32; ``how`` says with what, in words."""
    largest = float(np.abs(vector).max())
    return Golden(
        tuple(float(f"{number:.6g}") for number in vector),
        {name: Tolerance(cosine, round(part * largest, 5)) for name, (cosine, part) in TOLERANCE.items()},
        how,
    )


def check_golden(network: Network) -> GoldenCheck:
    """Compare a network with what its card records, by the tolerance of its precision.

    Raises:
        ModelError: the run failed.
    """
    golden = network.card.golden
    if golden is None:
        return GoldenCheck("unverified", None, None, network.precision)
    found, recorded = golden_vector(network), np.asarray(golden.vector)
    if found.shape != recorded.shape:
        return GoldenCheck("differs", None, None, network.precision)
    lengths = float(np.linalg.norm(found) * np.linalg.norm(recorded))
    cosine = float(found @ recorded) / lengths if lengths > 0 else 0.0
    difference = float(np.abs(found - recorded).max())
    tolerance = golden.tolerance[network.precision]
    same = cosine >= tolerance.cosine and difference <= tolerance.difference
    return GoldenCheck("same" if same else "differs", cosine, difference, network.precision)


def require_golden(network: Network) -> GoldenCheck:
    """As :func:`check_golden`, for those who go no further with a network that differs.

    Raises:
        ModelError: it differs from its card.
    """
    check = check_golden(network)
    if check.state == "differs":
        raise ModelError(
            f"{network.card.name} does not say what its card records about a fixed picture",
            found=_in_words(check),
            allowed=_allowed(network.card.golden, network),
            hint=f"retrail models verify {network.card.name}",
        )
    return check


def _vector(network: Network, outputs: Outputs) -> NDArray[np.float32]:
    card: Card = network.card
    first = next(iter(outputs.values()))
    match card.output.head if card.output else "embedding":
        case "ssd":
            rows = first.reshape(-1, 7)
            return rows[np.argmax(rows[:, 2]), 2:]
        case "boxes":
            rows = outputs["boxes"]
            if not len(rows):
                return np.zeros(5, np.float32)
            size = np.array([network.width_px, network.height_px] * 2, np.float32)
            best = rows[np.argmax(rows[:, 4])]
            return np.concatenate([best[4:], best[:4] / size])
        case "yolox" | "yunet":
            numbers = np.concatenate([outputs[name].ravel() for name in sorted(outputs)])
            return np.tanh(numbers[np.arange(SAMPLES) * SCATTER % len(numbers)])
        case _:
            return first[0]


def _in_words(check: GoldenCheck) -> str:
    if check.cosine is None or check.difference is None:
        return "a vector of another length"
    return f"cosine {check.cosine:.6f}, largest difference {check.difference:.4g} in {check.precision}"


def _allowed(golden: Golden | None, network: Network) -> str | None:
    if golden is None:
        return None
    tolerance = golden.tolerance[network.precision]
    return f"cosine at least {tolerance.cosine}, difference at most {tolerance.difference:.4g}"
