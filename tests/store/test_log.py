"""The log keeps order, numbers and bits, and never the same thing twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from retrail.core.errors import StoreError
from retrail.core.types import Path, Sighting
from retrail.store import Store

from .conftest import make_sighting


def test_what_is_read_is_what_append_returned(store: Store) -> None:
    returned = store.append([make_sighting("a", seed=1), make_sighting("b", seed=None, continues="a")])
    (read,) = store.groups()
    assert returned is not None
    assert [same(one, other) for one, other in zip(returned.sightings, read.sightings, strict=True)] == [True, True]
    assert read.sightings[1].embedding is None


def test_embedding_is_rounded_to_float16_before_anybody_decides(store: Store) -> None:
    raw = make_sighting("a", seed=1)
    returned = store.append([raw])
    assert returned is not None
    assert raw.embedding is not None
    kept = returned.sightings[0].embedding
    assert kept is not None
    assert kept.dtype == np.float32
    assert np.array_equal(kept, raw.embedding.astype(np.float16).astype(np.float32))


def test_the_same_clip_again_adds_nothing(store: Store) -> None:
    clip = [[make_sighting("a", 1)], [make_sighting("b", 2), make_sighting("c", 3)]]
    for _ in range(2):
        for group in clip:
            store.append(group)
        store.end_of_input()
    assert shape(store) == [(1, "a", False), (2, "bc", False), (3, "", True)]


def test_half_a_clip_then_all_of_it_goes_on_where_it_ended(store: Store) -> None:
    store.append([make_sighting("a", 1), make_sighting("b", 2)])
    again = store.append([make_sighting("a", 1), make_sighting("c", 3)])
    assert again is not None
    assert [sighting.id for sighting in again.sightings] == ["c"]
    assert shape(store) == [(1, "ab", False), (2, "c", False)]


def test_the_same_id_twice_in_a_group_counts_once(store: Store) -> None:
    store.append([make_sighting("a", 1), make_sighting("a", 1)])
    assert shape(store) == [(1, "a", False)]


def test_order_is_that_of_logging_not_of_time(store: Store) -> None:
    store.append([make_sighting("z", 900), make_sighting("a", 5)])
    store.append([make_sighting("m", 1)])
    assert shape(store) == [(1, "za", False), (2, "m", False)]
    assert [sighting.id for sighting in store.sightings()] == ["z", "a", "m"]


def test_an_empty_log_gets_no_end_mark(store: Store) -> None:
    store.end_of_input()
    assert shape(store) == []
    assert store.last_group() == 0


def test_more_groups_than_are_read_at_once(store: Store) -> None:
    for number in range(230):
        store.append([make_sighting(f"s{number}", number, seed=None)])
    assert [group.number for group in store.groups()] == list(range(1, 231))


def test_groups_since_leaves_out_what_began_before(store: Store) -> None:
    store.append([make_sighting("a", 1)])
    store.append([make_sighting("b", 2), make_sighting("c", 30)])
    store.end_of_input()
    assert [(g.number, [s.id for s in g.sightings]) for g in store.groups(since_s=30)] == [(2, ["c"]), (3, [])]


def test_sightings_of_a_period(store: Store) -> None:
    store.append([make_sighting("early", 0, 10), make_sighting("long", 5, 90), make_sighting("late", 60, 10)])
    assert [s.id for s in store.sightings(20, 60)] == ["long"]
    assert [s.id for s in store.sightings(20)] == ["long", "late"]
    assert all(s.embedding is None for s in store.sightings())
    assert all(s.embedding is not None for s in store.sightings(embeddings=True))


def test_two_sites_on_one_server_do_not_mix(open_site: Callable[..., Store]) -> None:
    with open_site("Corner shop") as corner:
        corner.append([make_sighting("a")])
    with open_site("corner-shop") as other:
        assert shape(other) == []
    with open_site("Corner shop") as corner:
        assert shape(corner) == [(1, "a", False)]


def test_an_embedding_that_is_no_vector_of_numbers_is_refused(store: Store) -> None:
    broken = make_sighting("a")
    assert broken.embedding is not None
    broken.embedding[3] = np.nan
    with pytest.raises(StoreError, match="cannot be logged"):
        store.append([make_sighting("b"), broken])
    assert shape(store) == []


_FIRST = "the first of all"
_FLOATS = st.floats(0, 4e9)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    """Any sighting that the types allow."""
    count = draw(st.integers(1, 8))
    times_s = np.sort(draw(arrays.arrays(np.float64, count, elements=_FLOATS)))
    corners = st.floats(-(2.0**20), 2.0**20, width=32)
    vector = arrays.arrays(np.float32, draw(st.integers(1, 20)), elements=st.floats(-1, 1, width=32))
    embedding = draw(st.none() | vector)
    return Sighting(
        id=draw(st.text("abcdef0123456789", min_size=8, max_size=12)),
        camera=draw(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=5)),
        start_s=float(times_s[0]),
        end_s=float(times_s[-1]),
        path=Path(
            times_s,
            draw(arrays.arrays(np.float32, (count, 4), elements=corners)),
            draw(arrays.arrays(np.float32, (count, 2), elements=corners)),
            draw(st.integers(1, 8192)),
            draw(st.integers(1, 8192)),
        ),
        embedding=embedding,
        quality=draw(st.floats(0, 1)),
        model="m",
        continues=draw(st.none() | st.just(_FIRST)),
        presence=draw(st.sampled_from(["person", "undecided", "furniture"])),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(group=st.lists(sightings(), min_size=1, max_size=4))
def test_any_sighting_comes_back_to_the_bit(store: Store, group: list[Sighting]) -> None:
    store.append([make_sighting(_FIRST)])
    before = store.last_group()
    returned = store.append(group)
    read = [found for found in store.groups() if found.number > before]
    if returned is None:
        assert not read
        return
    assert all(same(a, b) for a, b in zip(returned.sightings, read[0].sightings, strict=True))
    originals = {sighting.id: sighting for sighting in reversed(group)}
    assert all(same(found, originals[found.id], embedding=False) for found in read[0].sightings)


def shape(store: Store) -> list[tuple[int, str, bool]]:
    """Number, ids and end mark of each group."""
    return [(group.number, "".join(s.id for s in group.sightings), group.end) for group in store.groups()]


def same(a: Sighting, b: Sighting, *, embedding: bool = True) -> bool:
    """Whether all values are equal to the bit."""
    plain = ("id", "camera", "start_s", "end_s", "quality", "model", "continues", "presence")
    bits = [(a.path.times_s, b.path.times_s), (a.path.boxes_px, b.path.boxes_px), (a.path.feet_px, b.path.feet_px)]
    if embedding and (a.embedding is not None or b.embedding is not None):
        if a.embedding is None or b.embedding is None:
            return False
        bits.append((a.embedding, b.embedding))
    return (
        all(getattr(a, name) == getattr(b, name) for name in plain)
        and (a.path.width_px, a.path.height_px) == (b.path.width_px, b.path.height_px)
        and all(x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in bits)
    )
