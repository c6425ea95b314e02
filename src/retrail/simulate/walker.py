"""One person who carries out a plan, step by step, and gives way to others.

Giving way follows the social force model (Helbing and Molnár 1995) in its simplest form: whoever walks is pushed away
from those near by, to the right of those ahead, and never so hard that the way is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from retrail.simulate.crowd import Guest
from retrail.simulate.places import DOOR_SHARES, in_door
from retrail.simulate.plan import REACH_M, SEAT_REACH_M, Plan
from retrail.simulate.spec import QueueSpec, ScenarioSpec, StepSpec
from retrail.simulate.values import Floor

STEP_S = 0.05
_TURN = 3.2  # radians a second
_AHEAD_M = 0.45
_ARRIVED_M = 0.06
_NEAR_M = 0.75
_PUSH = 0.75  # of the walking speed at most
_ACCELERATION = 2.5
_BESIDE = (0.0, 0.65, -0.65, 1.3, -1.3)
_SIT_S = 1.2
_STUCK_S, _STUCK_M = 1.0, 0.2  # who gets no further than this in that time looks for the way again
_SQUEEZE_S = 1.5  # for so long he gives way to nobody
_JOIN_M = 0.7  # this near to its end one is in a queue
_LONGEST_QUEUE = 60


class Shop:
    """What people share: the plan, seats and places that are taken, and queues.

    Args:
        spec: the scenario.
        plan: where one can walk.
        rng: decides what the scenario leaves open.
    """

    def __init__(self, spec: ScenarioSpec, plan: Plan, rng: np.random.Generator) -> None:
        self.spec, self.plan, self.rng = spec, plan, rng
        self.taken: dict[tuple[str, int], int] = {}
        self.queues: dict[str, list[int]] = {name: [] for name in spec.queues}
        self._slots = {name: _slots(queue, plan) for name, queue in spec.queues.items()}

    def place(self, spot: str, number: int) -> tuple[int, Floor] | None:
        """A free place at a spot, the spot itself or beside it; None: all taken."""
        chosen = self.spec.spots[spot]
        across = math.radians(chosen.face_deg + 90.0)
        for index, offset in enumerate((0.0,) if chosen.seat else _BESIDE):
            point = chosen.at[0] + offset * math.cos(across), chosen.at[1] + offset * math.sin(across)
            if (spot, index) in self.taken or (index and not self.plan.is_free(*point)):
                continue
            self.taken[spot, index] = number
            return index, point
        return None

    def slot(self, queue: str, index: int) -> Floor:
        """Where the index-th of a queue stands; as near to it as there is room."""
        return self._slots[queue][min(index, len(self._slots[queue]) - 1)]


def _slots(queue: QueueSpec, plan: Plan) -> list[Floor]:
    """Places one behind the other; where there is no room behind, the queue turns."""
    found = [queue.head]
    back_deg = queue.back_deg
    while len(found) < _LONGEST_QUEUE:
        for turn_deg in (0.0, 90.0, -90.0):
            back = math.radians(back_deg + turn_deg)
            x, y = found[-1]
            point = x + queue.spacing_m * math.cos(back), y + queue.spacing_m * math.sin(back)
            apart = min(math.dist(point, other) for other in found) > 0.9 * queue.spacing_m
            if apart and plan.straight(found[-1], point):
                break
        else:
            return found
        found.append(point)
        back_deg += turn_deg
    return found


class Walker:
    """One person on the way.

    Attributes:
        guest: who.
        spans: pieces of presence: (first step, rows of `world.STATE`).
        gone: has left for good.
    """

    def __init__(self, guest: Guest, shop: Shop) -> None:
        self.guest, self._shop = guest, shop
        self.spans: list[tuple[int, list[tuple[float, ...]]]] = []
        self.gone = False
        self.x = self.y = self.heading = self.phase = self.speed = self.sit = self.reach = 0.0
        self._here = False
        self._todo: list[StepSpec] = list(guest.plan)
        self._doing: StepSpec | None = None
        self._held: tuple[str, int] | None = None
        self._way: list[Floor] = []
        self._until_s: float | None = None
        self._face: float | None = None
        self._seat: Floor | None = None
        self._back_s = 0.0
        self._leaving = ""
        self._slot = -1
        self._mark: tuple[Floor, float] = ((0.0, 0.0), 0.0)
        self._squeezing_s = 0.0

    def step(self, step: int, time_s: float, others: Sequence[Walker]) -> None:
        """Live for one step and write down the state."""
        if not self._here:
            if time_s < self._back_s:
                return
            self._appear(step)
        self._decide(time_s)
        if not self._here:
            return
        self._move(others)
        self.spans[-1][1].append((self.x, self.y, self.heading, self.phase, self._stride(), self.sit, self.reach))

    def _appear(self, step: int) -> None:
        guest, shop = self.guest, self._shop
        first = not self.spans
        if first and guest.at is not None:
            start = guest.at
        else:
            outside = shop.spec.doors[guest.door or ""].outside
            start = outside[int(shop.rng.integers(len(outside)))]
        self.x, self.y = start
        self.speed = guest.speed
        self._here = True
        self.spans.append((step, []))
        if guest.at is None or not first:
            self._way = [self._through(guest.door or "")]
            self._way = shop.plan.way(start, self._way[0], guest.where)
            ahead = self._way[0]
            self.heading = math.atan2(ahead[1] - self.y, ahead[0] - self.x)

    def _through(self, door: str) -> Floor:
        """A point in the door, not at its posts."""
        return in_door(self._shop.spec.doors[door], float(self._shop.rng.uniform(*DOOR_SHARES)))

    def _decide(self, time_s: float) -> None:
        if self._doing is not None and self._doing.queue is not None:
            self._queue_up(self._doing, time_s)
            return
        if self._way:
            return
        if self._doing is not None and not self._leaving and not self._done(self._doing, time_s):
            return
        self._next(time_s)

    def _done(self, doing: StepSpec, time_s: float) -> bool:
        if self._until_s is None:
            self._until_s = time_s + doing.for_s
        sits = doing.sit is not None and self._seat is not None
        self.reach = (
            0.5 - 0.5 * math.cos(0.9 * (time_s + self.guest.number)) if doing.browse is not None else self.reach * 0.8
        )
        if time_s < self._until_s:
            if sits:
                self.sit = min(1.0, self.sit + STEP_S / _SIT_S)
            return False
        self.reach = max(0.0, self.reach - 2.0 * STEP_S)
        self.sit = max(0.0, self.sit - STEP_S / _SIT_S)
        return self.sit == 0.0

    def _next(self, time_s: float) -> None:
        self._let_go()
        if self._leaving:
            self._go_out(time_s)
            return
        while self._todo:
            self._doing = self._todo.pop(0)
            if self._begin(self._doing):
                return
        self._doing = None
        if self.guest.leaves:
            self._leave(self.guest.door or "")

    def _begin(self, doing: StepSpec) -> bool:
        """Set off; False: this cannot be done now (a seat that is taken)."""
        spot = doing.go or doing.browse or doing.stand or doing.sit
        if spot is not None:
            place = self._shop.place(spot, self.guest.number)
            if place is None:
                return False
            self._held = spot, place[0]
            spec = self._shop.spec.spots[spot]
            self._face = math.radians(spec.face_deg)
            self._seat = place[1] if spec.seat else None
            self._way = self._way_to(place[1])
        elif doing.walk is not None:
            self._way = [*self._way_to(doing.walk[0]), *doing.walk[1:]]
        elif doing.queue is not None:
            self._slot = -1
        elif doing.away is not None:
            self._back_s = doing.for_s
            self._leave(doing.away)
        return True

    def _way_to(self, point: Floor) -> list[Floor]:
        reach_m = SEAT_REACH_M if point == self._seat else REACH_M
        return self._shop.plan.way((self.x, self.y), point, self.guest.where, reach_m)

    def _queue_up(self, doing: StepSpec, time_s: float) -> None:
        name = doing.queue or ""
        line = self._shop.queues[name]
        joined = self.guest.number in line
        slot = line.index(self.guest.number) if joined else len(line)
        place = self._shop.slot(name, slot)
        if not joined and math.dist((self.x, self.y), place) < _JOIN_M:
            line.append(self.guest.number)
            joined = True
        if slot != self._slot:
            self._slot = slot
            self._way = self._way_to(place)
            self._face = math.radians(self._shop.spec.queues[name].face_deg)
        if joined and slot == 0 and not self._way:
            if self._until_s is None:
                self._until_s = time_s + doing.for_s
            elif time_s >= self._until_s:
                line.pop(0)
                self._doing = None
                self._next(time_s)

    def _leave(self, door: str) -> None:
        self._leaving = door
        outside = self._shop.spec.doors[door].outside
        end = outside[int(self._shop.rng.integers(len(outside)))]
        middle = self._through(door)
        self._way = self._way_to(middle) + self._shop.plan.way(middle, end, self.guest.where)

    def _go_out(self, time_s: float) -> None:
        self._here = False
        comes_back = self._doing is not None and self._doing.away is not None
        self.gone = not comes_back
        self._back_s = time_s + self._back_s
        self._leaving, self._doing = "", None

    def _let_go(self) -> None:
        if self._held is not None:
            self._shop.taken.pop(self._held, None)
        self._held = self._face = self._until_s = self._seat = None

    def _stride(self) -> float:
        return min(1.0, self.speed / 1.1)

    def _move(self, others: Sequence[Walker]) -> None:
        wanted = self._wanted()
        self._find_back()
        if wanted is None:
            self.speed = max(0.0, self.speed - 2 * _ACCELERATION * STEP_S)
            if self._face is not None:
                self._turn_to(self._face, 0.8 * _TURN)
            return
        self.reach = max(0.0, self.reach - 3.0 * STEP_S)
        gives_way = self._squeezing_s <= 0.0 and (self._seat is None or len(self._way) > 1)
        push = self._push(others) if gives_way else (0.0, 0.0)
        vx, vy = wanted[0] + push[0], wanted[1] + push[1]
        towards = math.hypot(vx, vy)
        self.speed += max(-2 * _ACCELERATION * STEP_S, min(_ACCELERATION * STEP_S, towards - self.speed))
        if towards < 1e-6:
            return
        scale = self.speed * STEP_S / towards
        self._go(vx * scale, vy * scale)
        self._turn_to(math.atan2(vy, vx), _TURN)

    def _wanted(self) -> tuple[float, float] | None:
        """The velocity towards the next point of the way; None: there."""
        here = self.x, self.y
        while self._way:
            x, y = self._way[0]
            left = math.hypot(x - self.x, y - self.y)
            last = len(self._way) == 1
            if left > _AHEAD_M or (left > _ARRIVED_M and (last or not self._shop.plan.straight(here, self._way[1]))):
                pace = self.guest.speed * (min(1.0, 0.25 + left / 0.8) if last and self._doing is not None else 1.0)
                turn = math.remainder(math.atan2(y - self.y, x - self.x) - self.heading, 2 * math.pi)
                pace *= max(0.35, math.cos(min(abs(turn), 1.4)))
                return (x - self.x) / left * pace, (y - self.y) / left * pace
            self._way.pop(0)
        return None

    def _find_back(self) -> None:
        """Who was pushed aside and now stands before a corner goes around it; who is hemmed in squeezes past."""
        (at, so_far_s), here = self._mark, (self.x, self.y)
        self._squeezing_s -= STEP_S
        if not self._way or math.dist(at, here) > _STUCK_M:
            self._mark = here, 0.0
        elif so_far_s < _STUCK_S:
            self._mark = at, so_far_s + STEP_S
        else:
            self._mark, self._squeezing_s = (here, 0.0), _SQUEEZE_S
            self._way[:1] = self._way_to(self._way[0])

    def _push(self, others: Sequence[Walker]) -> tuple[float, float]:
        px = py = 0.0
        for other in others:
            if other is self or not other._here:
                continue
            dx, dy = self.x - other.x, self.y - other.y
            apart = math.hypot(dx, dy)
            if apart >= _NEAR_M or apart < 1e-9:
                continue
            force = 1.6 * (1.0 - apart / _NEAR_M)
            px += force * (dx - 0.5 * -dy) / apart
            py += force * (dy - 0.5 * dx) / apart
        size, most = math.hypot(px, py), _PUSH * self.guest.speed
        return (px, py) if size <= most else (px / size * most, py / size * most)

    def _go(self, dx: float, dy: float) -> None:
        free = self._shop.plan.is_free
        # A chair stands where nobody can walk: near one's seat furniture is no hindrance.
        at_seat = self._seat is not None and math.dist(self._seat, (self.x, self.y)) < SEAT_REACH_M
        if at_seat or not free(self.x, self.y) or free(self.x + dx, self.y + dy):
            self.x, self.y = self.x + dx, self.y + dy
        elif free(self.x + dx, self.y):
            self.x += dx
        elif free(self.x, self.y + dy):
            self.y += dy
        self.phase += 2 * math.pi * math.hypot(dx, dy) / (0.82 * self.guest.height_m)

    def _turn_to(self, heading: float, rate: float) -> None:
        turn = math.remainder(heading - self.heading, 2 * math.pi)
        self.heading += max(-rate * STEP_S, min(rate * STEP_S, turn))
