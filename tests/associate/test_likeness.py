"""Taking off what a camera gives to everybody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.associate.likeness import Looks, background, centred, cosines, unit
from retrail.associate.settings import MatcherSettings

SETTINGS = MatcherSettings()


def crowd(people: int, seed: int = 0, dimensions: int = 64) -> np.ndarray:
    """Strangers on one camera whose cosine is 0.4, as encoders give it in a new place."""
    rng = np.random.default_rng(seed)
    own = unit(rng.normal(size=(people, dimensions)).astype(np.float32))
    shared = unit(rng.normal(size=(1, dimensions)).astype(np.float32))
    return unit(np.sqrt(np.float32(0.6)) * own + np.sqrt(np.float32(0.4)) * shared)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 512), st.integers(0, 1000))
def test_cosines_are_close_and_the_same_to_the_bit_in_any_order(m: int, n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = unit(rng.normal(size=(m, d)).astype(np.float32)), unit(rng.normal(size=(n, d)).astype(np.float32))
    got = cosines(a, b)
    assert np.abs(got - a.astype(float) @ b.astype(float).T).max() < 0.001
    shuffled = rng.permutation(d)  # another order of addition
    assert np.array_equal(got, cosines(a[:, shuffled], b[:, shuffled]))
    assert np.array_equal(got[:1, :1], cosines(a[:1], b[:1]))
    assert np.array_equal(got.T, cosines(b, a))


@pytest.mark.parametrize("people", [2, 4, 8, 30, 200])
def test_strangers_on_one_camera_are_no_longer_alike_however_few_they_are(people: int) -> None:
    before, after = [], []
    for seed in range(20):
        vectors = crowd(people, seed)
        seen = background(vectors, SETTINGS)
        looks = Looks(centred(vectors, seen.mean), np.zeros(people, np.intp), np.array([seen.left], np.float32))
        pairs = np.triu_indices(people, 1)
        before.append(cosines(vectors, vectors)[pairs].mean())
        after.append(looks.alike(looks)[pairs].mean())
    assert 0.3 < np.mean(before) < 0.5
    assert np.mean(after) < 0.05


def test_one_person_alone_is_still_himself() -> None:
    one = crowd(1)
    again = unit(one + 0.3 * crowd(2, 5)[:1])
    rows = np.concatenate([one, again])
    seen = background(rows, SETTINGS)
    looks = Looks(centred(rows, seen.mean), np.zeros(2, np.intp), np.array([seen.left], np.float32))
    assert looks.alike(looks)[0, 1] > 0.6


def test_a_cashier_in_a_hundred_chains_is_one_vote_in_the_mean() -> None:
    people = crowd(6)
    cashier = unit(people[:1] + 0.05 * np.random.default_rng(1).normal(size=(100, 64)).astype(np.float32))
    alone, crowded = background(people, SETTINGS), background(np.concatenate([cashier, people[1:]]), SETTINGS)
    assert float(unit(alone.mean[None])[0] @ unit(crowded.mean[None])[0]) > 0.98
    assert crowded.left == pytest.approx(alone.left, rel=0.1)


def test_a_camera_without_anybody_gives_nothing() -> None:
    seen = background(np.zeros((0, 8), np.float32), SETTINGS)
    assert not seen.mean.any()
