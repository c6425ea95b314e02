"""The log and the ledger kept in step over restarts, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.associate.people import person, sighting

from retrail.associate import fold
from retrail.core.types import Sighting
from retrail.pipeline.decide import Decider
from retrail.site import Site
from retrail.store import Store, open_store
from retrail.zoo import find_card

SITE = "site: {name}\nmode: 0.45\ncameras:\n  door: {{source: door.mp4}}\n  till: {{source: till.mp4}}\n"
START_S = 1_800_000_000.0
DAY_S = 86_400.0
ENCODER = find_card("person-reidentification-retail-0288")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Site]]:
    (tmp_path / "shop.yaml").write_text(SITE.format(name="shop"))
    site = Site.load(tmp_path / "shop.yaml")
    with open_store(site.data, site_name="shop", holder="test") as store:
        yield store, site


def days_of_people(days: int) -> list[list[Sighting]]:
    """Two people a day pass the door and then the till; the groups in which they are logged."""
    return [
        [
            sighting(f"{day}-{who}-{camera}", camera, at_s := START_S + day * DAY_S + 900.0 * who + late_s, at_s + 8.0,
                     person(10 * day + who, noise=0.3, seed=int(late_s)))
        ]
        for day in range(days)
        for who in range(2)
        for camera, late_s in (("door", 0.0), ("till", 60.0))
    ]  # fmt: skip


def test_a_run_begun_anew_after_every_group_decides_as_one_that_never_stopped(
    shop: tuple[Store, Site], tmp_path: Path
) -> None:
    store, site = shop
    groups = days_of_people(4)
    whole = Decider(store, site, ENCODER)
    whole.catch_up()
    for group in groups:
        whole.add(group)
    whole.finish()
    expected = [(entry.kind, entry.sightings, entry.identity) for entry in store.ledger()]
    with open_store(tmp_path / "other", site_name="shop", holder="test") as other:
        for group in groups:
            decider = Decider(other, site, ENCODER)
            assert decider.catch_up().appended == 0
            decider.add(group)
        decider.finish()
        found = [(entry.kind, entry.sightings, entry.identity) for entry in other.ledger()]
    assert len({identity for _, _, identity in found}) == 8
    assert found == expected


def test_only_the_last_days_of_a_long_log_are_read_again(
    shop: tuple[Store, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, site = shop
    decider = Decider(store, site, ENCODER)
    decider.catch_up()
    for group in days_of_people(5):
        decider.add(group)
    read: list[str] = []
    groups = store.groups

    def listening(since_s: float | None = None) -> Iterator[object]:
        for group in groups(since_s):
            read.extend(one.id for one in group.sightings)
            yield group

    monkeypatch.setattr(store, "groups", listening)
    Decider(store, site, ENCODER).catch_up()
    assert {name[0] for name in read} == {"3", "4"}


def test_what_was_logged_and_never_decided_is_decided_at_the_next_start(shop: tuple[Store, Site]) -> None:
    store, site = shop
    first, *others = days_of_people(1)
    decider = Decider(store, site, ENCODER)
    decider.catch_up()
    decider.add(first)
    store.append(others[0])  # killed between log and ledger
    caught = Decider(store, site, ENCODER).catch_up()
    assert caught.appended >= 1
    assert {name for entry in store.ledger() for name in entry.sightings} >= {first[0].id, others[0][0].id}


def test_another_encoders_sightings_are_decided_by_that_ones_cut(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SITE.format(name="shop").replace("mode: 0.45", "mode: count"))
    site = Site.load(tmp_path / "shop.yaml")
    look, again = person(1), person(1, noise=1.5, seed=5)
    similarity = float(look @ again)
    models = ("person-reidentification-retail-0287@00000000", "osnet_x0_25_msmt17@00000000", "gone@00000000")
    with open_store(site.data, site_name="shop", holder="test") as store:
        decider = Decider(store, site, find_card("person-reidentification-retail-0287"))
        decider.catch_up()
        for day, model in enumerate(models):
            at_s = START_S + day * DAY_S
            others = [("door", 90.0, person(7)), ("till", 120.0, person(8))]
            for place, (camera, late_s, seen) in enumerate([("door", 0.0, look), ("till", 60.0, again), *others]):
                one = sighting(f"{day}-{place}", camera, at_s + late_s, at_s + late_s + 8.0, seen)
                decider.add([replace(one, model=model)])
        decider.finish()
        assert store.last_model() == models[-1]
        who = fold(store.ledger()).identity_of
    assert 0.25 < similarity < 0.55
    assert who["0-0"] == who["0-1"]
    assert who["1-0"] != who["1-1"]
    assert who["2-0"] == who["2-1"]  # a card that is gone: by the cut of the one in use
