"""How bright a camera's pictures are from moment to moment: its automatic exposure hunts, and the lamps flicker."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.simulate.render.background import rolled, unrolled
from retrail.simulate.spec import CameraFlaws

_PERIODS = (0.6, 1.0, 1.7)
"""Of the swings that make up the wander, in shares of the period that was asked for."""

_VARIED = 0.2


@dataclass(frozen=True, slots=True)
class Wave:
    """A swing of brightness: ``size`` times the sine of its phase, radians, at a second of the scenario."""

    size: float
    hertz: float
    phase: float

    def at(self, time_s: float) -> float:
        """Its height at a moment."""
        return self.size * math.sin(2 * math.pi * self.hertz * time_s + self.phase)


@dataclass(frozen=True, slots=True)
class Brightness:
    """A function of time alone, so that a picture does not depend on those drawn before it.

    Attributes:
        hunting: added up they are the logarithm of the exposure's factor.
        flicker: added up and to 1 they are the factor of the light.
    """

    hunting: tuple[Wave, ...]
    flicker: tuple[Wave, ...]

    def at(self, time_s: float) -> float:
        """By what factor more light is taken at a second of the scenario; 1: as without both."""
        wander = math.exp(sum(wave.at(time_s) for wave in self.hunting))
        return wander * (1.0 + sum(wave.at(time_s) for wave in self.flicker))


def brightness_of(flaws: CameraFlaws, seed: int, lamps_seed: int) -> Brightness | None:
    """A camera's brightness; None where it never changes.

    Args:
        seed: of this camera.
        lamps_seed: of the shop, for all its cameras see the same lamps.
    """
    hunts, flickers = flaws.exposure_hunting, flaws.lamp_flicker
    hunting: tuple[Wave, ...] = ()
    flicker: tuple[Wave, ...] = ()
    if hunts is not None:
        rng = np.random.Generator(np.random.PCG64([seed, 0xAE]))
        size = hunts.deviation * math.sqrt(2 / len(_PERIODS))  # a sine's variance is half its size squared
        hunting = tuple(
            Wave(
                size, 1 / (hunts.period_s * share * rng.uniform(1 - _VARIED, 1 + _VARIED)), rng.uniform(0, 2 * math.pi)
            )
            for share in _PERIODS
        )
    if flickers is not None:
        rng = np.random.Generator(np.random.PCG64([lamps_seed, 0xAC]))
        flicker = (Wave(flickers.depth, 2 * flickers.mains_hz, rng.uniform(0, 2 * math.pi)),)
    return Brightness(hunting, flicker) if hunting or flicker else None


def relit(flaws: CameraFlaws, factor: float) -> NDArray[np.uint8]:
    """(256,) what becomes of each grey level that a camera shows when it takes ``factor`` times the light."""
    shown = np.arange(256, dtype=np.float64)
    most = rolled(np.array(255.0 * max(flaws.cast) * flaws.exposure))
    held = np.clip(118 + (shown - 118) / flaws.contrast, 0.0, most)
    return np.clip(np.round(118 + (rolled(unrolled(held) * factor) - 118) * flaws.contrast), 0, 255).astype(np.uint8)
