"""Everybody's way through the shop: where each person is, looks and does at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrail.core.time import parse_time
from retrail.simulate.crowd import Guest, guests
from retrail.simulate.places import check_places
from retrail.simulate.plan import Plan
from retrail.simulate.scenario import Scenario
from retrail.simulate.schedule import check_frames
from retrail.simulate.walker import STEP_S, Shop, Walker

STATE = ("x", "y", "heading", "phase", "stride", "sit", "reach")
"""Columns of a person's states: metres, radians (0 east, not wrapped), radians of gait, 0..1, 0..1, 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """What one person did.

    Attributes:
        guest: who it is.
        spans: (first, states) pieces of unbroken presence: index of the first step, (n, 7) float64 of `STATE`.
    """

    guest: Guest
    spans: tuple[tuple[int, NDArray[np.float64]], ...]

    def at(self, time_s: float) -> NDArray[np.float64] | None:
        """(7,) float64 `STATE` at a moment of the scenario, between two steps interpolated; None: not there."""
        step = time_s / STEP_S
        for first, states in self.spans:
            offset = step - first
            if 0 <= offset <= len(states) - 1:
                low = min(int(offset), len(states) - 2) if len(states) > 1 else 0
                high = min(low + 1, len(states) - 1)
                share = offset - low
                return states[low] + (states[high] - states[low]) * share
        return None


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A scenario that has been played.

    Attributes:
        scenario: the shop.
        seed: what it was played with.
        start_s: seconds UTC of the scenario's second 0.
        lives: everybody who ever came, by number from 1.
    """

    scenario: Scenario
    seed: int
    start_s: float
    lives: tuple[Life, ...]

    def there(self, time_s: float) -> list[tuple[Guest, NDArray[np.float64]]]:
        """Who is there at a second of the scenario, with `STATE`."""
        found = ((life.guest, life.at(time_s)) for life in self.lives)
        return [(guest, state) for guest, state in found if state is not None]


def play(scenario: Scenario, *, seed: int | None = None) -> World:
    """Let everybody walk.

    The same scenario and seed give the same world to the last bit, on any number of threads.

    Args:
        seed: instead of the scenario's own.

    Raises:
        DataError: somebody would have to stand in or walk through a wall, a plan names what is not there, or a camera
            never gives a picture.
    """
    chosen = scenario.spec.seed if seed is None else seed
    with scenario.placing_errors():
        check_frames(scenario.spec, chosen)
        everybody = guests(scenario.spec, chosen)
        plan = Plan(scenario.spec)
        check_places(scenario.spec, plan)
        shop = Shop(scenario.spec, plan, np.random.Generator(np.random.PCG64([chosen, 0x57])))
        walkers = [Walker(guest, shop) for guest in everybody]
        _walk(walkers, shop, round(scenario.spec.length_s / STEP_S))
    return World(scenario, chosen, parse_time(scenario.spec.start), tuple(_life(walker) for walker in walkers))


def _walk(walkers: Sequence[Walker], shop: Shop, steps: int) -> None:
    waiting = sorted(walkers, key=lambda walker: (walker.guest.enter_s, walker.guest.number))
    inside: list[Walker] = []
    for step in range(steps + 1):
        time_s = step * STEP_S
        while waiting and waiting[0].guest.enter_s <= time_s:
            inside.append(waiting.pop(0))
        for walker in inside:
            walker.step(step, time_s, inside)
        inside = [walker for walker in inside if not walker.gone]


def _life(walker: Walker) -> Life:
    return Life(walker.guest, tuple((first, np.array(rows, np.float64)) for first, rows in walker.spans if rows))
