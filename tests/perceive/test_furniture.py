"""What a camera remembers of its furniture."""

from __future__ import annotations

import pytest

from retrail.core.errors import DataError
from retrail.perceive.furniture import FurnitureMemory, FurniturePlace

CHAIR = (0.4, 0.5, 0.45, 0.7)


def test_what_is_seen_again_at_a_place_is_one_thing_with_the_longer_time() -> None:
    memory = FurnitureMemory()
    memory.remember(CHAIR, 100.0, 700.0)
    memory.remember((0.401, 0.5, 0.452, 0.7), 900.0, 1500.0)
    assert memory.places == (FurniturePlace(CHAIR, 100.0, 1500.0),)


def test_what_was_taken_away_a_month_ago_is_forgotten() -> None:
    memory = FurnitureMemory()
    memory.remember(CHAIR, 0.0, 600.0)
    memory.remember((0.8, 0.5, 0.9, 0.9), 40 * 86400.0, 40 * 86400.0 + 600)
    assert not memory.knows(CHAIR)


def test_records_survive_the_way_to_the_store_and_back() -> None:
    place = FurniturePlace(CHAIR, 100.0, 700.0)
    assert FurniturePlace.from_record(place.to_record()) == place


def test_a_record_of_something_else_is_an_error() -> None:
    with pytest.raises(DataError, match="Not a record of furniture"):
        FurniturePlace.from_record({"box": [1, 2]})
