"""What an encoder makes of people who were never drawn: vectors that spread as real ones do, or real ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError
from retrail.simulate.crowd import Guest

# Drawn people of `twins` under 0287 across cameras (benchmarks/lookalikes.py, seeds 101 to 103): what lifts the cosine
# of two people from that of any two (0.18) towards that of one with himself (0.65). Two in the same outfit, lookalikes,
# have 0.53; two in the same uniform 0.47.
OUTFIT_SHARE, UNIFORM_SHARE = 0.74, 0.62
_SHOTS = 3.0  # pictures behind one vector: the noise of a crop is smaller by as much
_UNEVEN = 0.55  # some views of a person are like the others and some are not: as the spread of real cosines has it
FITTED = "person-reidentification-retail-0287"


class Appearance(Protocol):
    """Where vectors come from."""

    @property
    def model(self) -> str: ...

    @property
    def length(self) -> int: ...

    def vectors(self, person: NDArray[np.int64], camera: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, d) unit vectors of n sightings.

        Args:
            person: (n,) numbers from 1. camera: (n,) places in the scenario's list.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Variances of an encoder's vectors (benchmarks/fit_looks.py), each (d,) float64."""

    mean: NDArray[np.float64]
    person: NDArray[np.float64]
    camera: NDArray[np.float64]
    view: NDArray[np.float64]
    crop: NDArray[np.float64]


class FittedLooks:
    """Vectors drawn from a normal distribution for each cause: who, which camera, who there, which picture.

    The same person on the same camera gets the same part whatever else is asked for, and in whichever order. Who
    somebody is comes from his outfit, a part of his own where he is a lookalike, and the uniform where he wears it.

    Args:
        seed: of the simulation.
        people: whoever is not among them looks like nobody else.
        spread: None: that of `FITTED`.
    """

    def __init__(self, seed: int, people: Iterable[Guest] = (), spread: Spread | None = None) -> None:
        self._seed, self._spread = seed, spread or load_spread()
        self._guests = {guest.number: guest for guest in people}
        self.model, self.length = FITTED, len(self._spread.mean)

    def vectors(self, person: NDArray[np.int64], camera: NDArray[np.int64]) -> NDArray[np.float32]:
        spread = self._spread
        found = np.broadcast_to(spread.mean, (len(person), self.length)).copy()
        keys, place = np.unique(person, return_inverse=True)
        found += self._people(keys)[place]
        keys, place = np.unique(camera, return_inverse=True)
        found += self._drawn(2, keys, np.sqrt(spread.camera))[place]
        keys, place = np.unique(person * 100_003 + camera, return_inverse=True)
        found += self._drawn(3, keys, np.sqrt(spread.view), _UNEVEN)[place]
        rng = np.random.Generator(np.random.PCG64([self._seed, 4, int(person[0]) if len(person) else 0]))
        found += rng.standard_normal(found.shape) * np.sqrt(spread.crop / _SHOTS)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    def _people(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, d) what of a vector says who somebody is, of (n,) people."""
        known = [self._guests.get(number) for number in numbers.tolist()]
        looks = np.array(
            [-number if guest is None else guest.look for number, guest in zip(numbers.tolist(), known, strict=True)]
        )
        own = np.array([0.0 if guest is None else (1 - OUTFIT_SHARE) * guest.alike for guest in known])
        shop = np.array([UNIFORM_SHARE if guest is not None and guest.dressed else 0.0 for guest in known])
        deviation = np.sqrt(self._spread.person)
        keys, place = np.unique(looks, return_inverse=True)
        found = self._drawn(1, keys, deviation)[place] * np.sqrt(1 - own)[:, None]
        found += self._drawn(7, numbers, deviation) * np.sqrt(own)[:, None]
        found *= np.sqrt(1 - shop)[:, None]
        return found + self._drawn(8, np.zeros(1, np.int64), deviation) * np.sqrt(shop)[:, None]

    def _drawn(
        self, kind: int, keys: NDArray[np.int64], deviation: NDArray[np.float64], uneven: float = 0.0
    ) -> NDArray[np.float64]:
        """A row for each key, the same for ever; ``uneven``: how much rows differ in size, mean square 1."""
        rows = np.empty((len(keys), self.length))
        for row, key in enumerate(keys.tolist()):
            rng = np.random.Generator(np.random.PCG64([self._seed, kind, abs(key), int(key < 0)]))
            rng.standard_normal(out=rows[row])
            if uneven:
                rows[row] *= np.exp(uneven * rng.standard_normal() - uneven**2)
        return rows * deviation


def load_spread(model: str = FITTED) -> Spread:
    """The variances that come with Retrail.

    Raises:
        DataError: none are there for this encoder.
    """
    source = files("retrail.simulate.looks") / f"{model}.json"
    if not source.is_file():
        raise DataError("Nobody measured how this encoder's vectors spread", found=repr(model), allowed=FITTED)
    data = json.loads(source.read_text(encoding="utf-8"))
    return Spread(*(np.array(data[name], np.float64) for name in ("mean", "person", "camera", "view", "crop")))


class RealLooks:
    """Vectors of real people: each simulated person is one of them for ever, each camera one of their cameras.

    Args:
        seed: of the simulation: who is whom.
        model: the encoder that made them.
        of: by real person and real camera, (k, d) unit vectors.
    """

    def __init__(self, seed: int, model: str, of: Mapping[str, Mapping[str, NDArray[np.float32]]]) -> None:
        self._seed, self.model, self._of = seed, model, of
        self._people: list[str] = np.random.Generator(np.random.PCG64([seed, 5])).permutation(sorted(of)).tolist()
        names: set[str] = set()
        for own in of.values():
            names |= set(own)
        self._cameras = sorted(names)
        self.length = next(iter(next(iter(of.values())).values())).shape[1]

    def vectors(self, person: NDArray[np.int64], camera: NDArray[np.int64]) -> NDArray[np.float32]:
        most = int(person.max()) if len(person) else 0
        if most > len(self._people):
            raise DataError(
                "More people are simulated than there are real ones",
                found=f"{most} people, crops of {len(self._people)}",
                hint="a scenario with fewer visitors, or crops of more people",
            )
        found = np.empty((len(person), self.length), np.float32)
        for row in range(len(person)):
            who, where = int(person[row]), int(camera[row])
            own = self._of[self._people[who - 1]]
            wanted = self._cameras[where % len(self._cameras)]
            there = own[wanted] if wanted in own else own[sorted(own)[where % len(own)]]
            rng = np.random.Generator(np.random.PCG64([self._seed, 6, who, where, row]))
            few = there[rng.permutation(len(there))[: int(_SHOTS)]].mean(axis=0)
            found[row] = few / np.linalg.norm(few)
        return found
