"""Batches of so many people with so many pictures each (PK sampling, Hermans et al. 2017, arXiv 1703.07737)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrail.core.errors import DataError


class PeopleSampler:
    """Which pictures a step learns from; follows from the seed and the step alone.

    Args:
        persons: whose picture each is, by place.
        people, pictures: how many people a batch holds, with how many pictures each (again and again where one has
            fewer).
        seed: decides.

    Raises:
        DataError: there are fewer people than a batch wants.
    """

    def __init__(self, persons: Sequence[str], people: int, pictures: int, seed: int) -> None:
        places: dict[str, list[int]] = defaultdict(list)
        for place, person in enumerate(persons):
            places[person].append(place)
        if len(places) < people:
            raise DataError("Too few people for a batch", found=str(len(places)), allowed=f"{people} or more")
        self._places = [np.array(places[person]) for person in sorted(places)]
        self._people, self._pictures, self._seed = people, pictures, seed

    def batch(self, step: int) -> NDArray[np.int64]:
        """Places of the pictures of a step, those of one person side by side."""
        dice = np.random.default_rng([self._seed, step])
        chosen: NDArray[np.int64] = dice.permutation(len(self._places))[: self._people]
        return np.concatenate([self._some(self._places[int(person)], dice) for person in chosen])

    def _some(self, places: NDArray[np.int64], dice: np.random.Generator) -> NDArray[np.int64]:
        if len(places) >= self._pictures:
            return dice.choice(places, self._pictures, replace=False)
        return np.concatenate([places, dice.choice(places, self._pictures - len(places))])
