"""What else outlives a run: events, furniture, searches; and that threads may share a store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from retrail.core.errors import StoreError
from retrail.core.types import CameraEvent
from retrail.store import Store

from .conftest import make_sighting


def test_events_come_back_in_the_order_in_which_they_came(store: Store) -> None:
    events = (
        CameraEvent("till", 1_700_000_000.123456, "reconnect", "after 3 tries", {"tries": 3, "gap_s": 0.1}),
        CameraEvent("door", 5.0, "stall"),
    )
    for event in events:
        store.event(event)
    assert store.events() == events


def test_furniture_is_kept_per_camera_and_replaced_as_a_whole(store: Store) -> None:
    assert store.furniture("door") == ()
    store.save_furniture("door", [{"box": [0.1, 0.2, 0.3, 0.4], "first_s": 1.5}, {"box": [0, 0, 1, 1]}])
    store.save_furniture("till", [{"box": [0, 0, 1, 1]}])
    assert store.furniture("door") == ({"box": [0.1, 0.2, 0.3, 0.4], "first_s": 1.5}, {"box": [0, 0, 1, 1]})
    store.save_furniture("door", [])
    assert store.furniture("door") == ()
    assert len(store.furniture("till")) == 1


def test_a_report_may_log_a_search_but_no_sighting_is_lost_to_it(open_site: Callable[..., Store]) -> None:
    run = open_site("searched")
    report = open_site("searched", read_only=True)
    report.log_search("who was at the till at noon")
    assert [what for _, what in run.searches()] == ["who was at the till at noon"]


def test_threads_share_a_store(store: Store) -> None:
    def log(number: int) -> int:
        group = store.append([make_sighting(f"{number}-{part}", number, seed=None) for part in range(3)])
        store.event(CameraEvent("door", float(number), "stall"))
        assert group is not None
        assert len(list(store.groups())) >= 1
        return group.number

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(log, range(30)))
    assert numbers == list(range(1, 31))
    assert len(store.events()) == 30


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="lost while logging"):
        store.append([make_sighting("a")])
