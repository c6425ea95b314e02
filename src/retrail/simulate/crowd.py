"""Who comes: the people that the scenario names, and those that its crowds make up from the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrail.core.errors import DataError
from retrail.simulate.spec import CrowdSpec, PersonSpec, ScenarioSpec, StepSpec
from retrail.simulate.values import Floor
from retrail.site.near import near_hint

_STAFF_LOOK = 1_000_003
_MADE_UP_LOOK = 10_000
_MOST_LOOKS = 1 << 40


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody of the scenario, with all that the seed decides.

    Attributes:
        number: from 1; the person's number in the truth.
        where: for messages.
        look: number from which clothes, build and hair follow; `dressed` is the staff's clothes.
        height_m, speed: metres; metres a second.
    """

    number: int
    where: str
    enter_s: float
    door: str | None
    at: Floor | None
    leaves: bool
    plan: tuple[StepSpec, ...]
    look: int
    alike: float
    staff: bool
    dressed: bool
    group: str
    height_m: float
    speed: float


def guests(scenario: ScenarioSpec, seed: int) -> tuple[Guest, ...]:
    """Everybody, in the order of the file and then of coming.

    Raises:
        DataError: a plan names a spot, queue or door that is not there, or a spot that is no seat to sit on.
    """
    rng = np.random.Generator(np.random.PCG64([seed, 0xC0]))
    found: list[Guest] = []
    for index, person in enumerate(scenario.people):
        where = f"people.{index}"
        _check_plan(scenario, person.plan, where)
        _known(person.door, scenario.doors, f"{where}.door", "door")
        found.append(_named(scenario, person, where, rng))
    for index, crowd in enumerate(scenario.crowds):
        found += _made_up(scenario, crowd, f"crowds.{index}", rng)
    return tuple(replace(guest, number=number) for number, guest in enumerate(found, 1))


def _named(scenario: ScenarioSpec, person: PersonSpec, where: str, rng: np.random.Generator) -> Guest:
    drawn_look, drawn_height = int(rng.integers(_MADE_UP_LOOK, _MOST_LOOKS)), _height(rng)
    if person.at is None and not scenario.doors:
        raise DataError("Nobody can come in: there is no door", where=where, hint="add doors, or give the person `at`")
    return Guest(
        number=0,
        where=where,
        enter_s=person.enter_s,
        door=person.door or next(iter(scenario.doors), None),
        at=person.at,
        leaves=person.leaves and bool(scenario.doors),
        plan=tuple(person.plan),
        look=drawn_look if person.look is None else person.look,
        alike=person.alike,
        staff=person.staff,
        dressed=person.staff or person.uniform,
        group=person.group or "",
        height_m=person.height_m or drawn_height,
        speed=person.speed,
    )


def _made_up(scenario: ScenarioSpec, crowd: CrowdSpec, where: str, rng: np.random.Generator) -> list[Guest]:
    doors = list(crowd.doors or scenario.doors)
    spots = list(crowd.spots or [name for name, spot in scenario.spots.items() if not spot.seat])
    for index, name in enumerate(crowd.doors):
        _known(name, scenario.doors, f"{where}.doors.{index}", "door")
    for index, name in enumerate(crowd.spots):
        _known(name, scenario.spots, f"{where}.spots.{index}", "spot")
    for index, name in enumerate(crowd.seats):
        _seat(name, scenario, f"{where}.seats.{index}")
    _known(crowd.queue, scenario.queues, f"{where}.queue", "queue")
    if not doors:
        raise DataError("Nobody can come in: there is no door", where=where, hint="add doors to the scenario")
    times = [float(time_s) for time_s in np.sort(rng.uniform(crowd.from_s, crowd.to_s, crowd.count))]
    found: list[Guest] = []
    while len(found) < crowd.count:
        enter_s, door = times[len(found)], doors[int(rng.integers(len(doors)))]
        plan = _errands(crowd, spots, door, rng)
        together = 2 if rng.random() < crowd.group_share and len(found) + 2 <= crowd.count else 1
        group = f"{where}-{len(found) + 1}" if together > 1 else ""
        speed = float(np.clip(rng.normal(1.12, 0.14), 0.75, 1.5))
        for place in range(together):
            look = int(rng.integers(*((0, crowd.looks) if crowd.looks else (_MADE_UP_LOOK, _MOST_LOOKS))))
            found.append(
                Guest(0, f"{where} visitor {len(found) + 1}", enter_s + 0.9 * place, door, None, True, plan, look,
                      float(crowd.looks is not None), False, False, group, _height(rng), speed)
            )  # fmt: skip
    return found


def _errands(crowd: CrowdSpec, spots: Sequence[str], door: str, rng: np.random.Generator) -> tuple[StepSpec, ...]:
    steps: list[dict[str, object]] = []
    if spots:
        count = min(int(rng.integers(crowd.stops[0], crowd.stops[1] + 1)), len(spots))
        chosen = [int(index) for index in rng.permutation(len(spots)).tolist()[:count]]
        steps.extend({"browse": spots[index], "for_s": float(rng.uniform(*crowd.stay_s))} for index in chosen)
    if crowd.seats and rng.random() < crowd.sit_share:
        seat = crowd.seats[int(rng.integers(len(crowd.seats)))]
        steps.append({"sit": seat, "for_s": float(rng.uniform(*crowd.sit_s))})
    if crowd.queue is not None and rng.random() < crowd.queue_share:
        steps.append({"queue": crowd.queue, "for_s": float(rng.uniform(*crowd.serve_s))})
    if rng.random() < crowd.back_share:
        steps.append({"away": door, "for_s": float(rng.uniform(*crowd.back_s))})
        if spots:
            spot = spots[int(rng.integers(len(spots)))]
            steps.append({"browse": spot, "for_s": float(rng.uniform(*crowd.stay_s))})
    return tuple(StepSpec.model_validate(step) for step in steps)


def _height(rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(1.70, 0.09), 1.48, 1.95))


def staff_look() -> int:
    """The look from which the staff's clothes follow."""
    return _STAFF_LOOK


def _check_plan(scenario: ScenarioSpec, plan: Sequence[StepSpec], where: str) -> None:
    for index, step in enumerate(plan):
        at = f"{where}.plan.{index}"
        for verb in ("go", "browse", "stand"):
            _known(getattr(step, verb), scenario.spots, f"{at}.{verb}", "spot")
        _seat(step.sit, scenario, f"{at}.sit")
        _known(step.queue, scenario.queues, f"{at}.queue", "queue")
        _known(step.away, scenario.doors, f"{at}.away", "door")


def _seat(name: str | None, scenario: ScenarioSpec, where: str) -> None:
    _known(name, scenario.spots, where, "spot")
    if name is not None and not scenario.spots[name].seat:
        raise DataError(
            "Nobody can sit there: the spot is no seat",
            where=where,
            found=repr(name),
            allowed=", ".join(spot for spot, one in scenario.spots.items() if one.seat) or "a spot with `seat: true`",
            hint="give the spot `seat: true`, or let people `stand` there",
        )


def _known(name: str | None, names: Iterable[str], where: str, kind: str) -> None:
    known = list(names)
    if name is not None and name not in known:
        raise DataError(
            f"There is no such {kind}",
            where=where,
            found=repr(name),
            allowed=", ".join(known) or f"add {kind}s",
            hint=near_hint(name, known),
        )
