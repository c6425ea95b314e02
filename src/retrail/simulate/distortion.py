"""Radial lens distortion: how far from the middle of the picture a camera shows what a pinhole shows elsewhere.

The model of D. C. Brown, "Close-Range Camera Calibration" (1971), in the form and with the names of OpenCV's
``calib3d``, without tangential terms: a point that a pinhole of focal length 1 shows at radius r is shown at

    r (1 + k1 r^2 + k2 r^4)

Negative k1: barrel, as of wide-angle lenses. The polynomial is used as far as the picture's corner; beyond it the
radius goes on rising as steeply as there, so that nothing outside the picture is folded back into it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable

_LEAST_RISE = 0.05
"""What a small step outwards must at least become, in shares of it: less is a fold, or smeared beyond recognition."""

_NO_RADIUS = 1e-12
_HALVINGS = 48


class Radial(NamedTuple):
    """A distortion (a tuple, for compiled code takes it as it is). Radii are tangents of the angle to the optical axis.

    Attributes:
        k1, k2: coefficients.
        edge: radius, as of a pinhole, that is shown at the picture's corner; from there on the radius rises evenly.
        rise: how steeply.
    """

    k1: float
    k2: float
    edge: float
    rise: float


PINHOLE = Radial(0.0, 0.0, math.inf, 1.0)


def radial_of(k1: float, k2: float, half_width: float, aspect: float) -> Radial | None:
    """The distortion of a camera, or None where it folds the picture over: where r does not rise up to its corner.

    Args:
        half_width: tangent of half the horizontal field of view, that is, the radius shown at the picture's side.
        aspect: height of the picture over its width.
    """
    if k1 == 0 and k2 == 0:
        return PINHOLE
    if _least_rise(k1, k2, half_width) < _LEAST_RISE:
        return None
    corner = _polynomial(k1, k2, half_width) * math.hypot(1.0, aspect)
    low, high = half_width, half_width
    while _polynomial(k1, k2, high) < corner:
        high *= 1.1
        if _least_rise(k1, k2, high) < _LEAST_RISE:
            break
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _polynomial(k1, k2, middle) < corner else (low, middle)
    if _polynomial(k1, k2, high) < corner or _least_rise(k1, k2, high) < _LEAST_RISE:
        return None
    return Radial(k1, k2, high, _rise(k1, k2, high))


@register_jitable
def distorted(radius: Any, lens: Radial) -> Any:
    """Where a radius of a pinhole's picture is shown. Numbers or arrays; exactly the radius itself for `PINHOLE`."""
    held = np.minimum(radius, lens.edge)
    squared = held * held
    return held * (1.0 + squared * (lens.k1 + squared * lens.k2)) + lens.rise * (radius - held)


@register_jitable
def stretch(radius: Any, lens: Radial) -> Any:
    """By how much `distorted` is more than the radius, as a factor; exactly 1 for `PINHOLE`."""
    return (distorted(radius, lens) + _NO_RADIUS) / (radius + _NO_RADIUS)


@register_jitable
def undistorted(shown: Any, lens: Radial) -> Any:
    """The radius of which `distorted` makes ``shown``, by bisection (the fifth degree has no formula)."""
    if lens.k1 == 0.0 and lens.k2 == 0.0:
        return shown * 1.0
    held = np.minimum(shown, distorted(lens.edge, lens))
    found, step = 0.0 * shown, lens.edge
    for _ in range(_HALVINGS):
        step *= 0.5
        found = found + step * (distorted(found + step, lens) <= held)
    return found + (shown - held) / lens.rise


@register_jitable
def straightening(shown: Any, lens: Radial) -> Any:
    """By how much `undistorted` is more than what is shown, as a factor; exactly 1 for `PINHOLE`."""
    return (undistorted(shown, lens) + _NO_RADIUS) / (shown + _NO_RADIUS)


def steepest(lens: Radial) -> float:
    """The most that a small step outwards becomes, anywhere in the picture."""
    return 1.0 if lens == PINHOLE else max(_rise(lens.k1, lens.k2, r) for r in _extremes(lens.k1, lens.k2, lens.edge))


def _polynomial(k1: float, k2: float, radius: float) -> float:
    squared = radius * radius
    return radius * (1.0 + squared * (k1 + squared * k2))


def _rise(k1: float, k2: float, radius: float) -> float:
    squared = radius * radius
    return 1.0 + squared * (3.0 * k1 + 5.0 * squared * k2)


def _least_rise(k1: float, k2: float, edge: float) -> float:
    """The least derivative of the polynomial from the middle to a radius."""
    return min(_rise(k1, k2, radius) for radius in _extremes(k1, k2, edge))


def _extremes(k1: float, k2: float, edge: float) -> list[float]:
    """Radii at which the derivative, a parabola of r^2, can be least or most."""
    turn = -3.0 * k1 / (10.0 * k2) if k2 else -1.0
    return [0.0, edge, math.sqrt(turn)] if 0.0 < turn < edge * edge else [0.0, edge]
