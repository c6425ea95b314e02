"""From camera to camera, where their views overlap and where they do not."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retrail.evaluate.ways import Presence, transitions


def ways(*seen: tuple[str, float, float]) -> list[tuple[str, str, float, float]]:
    """Where one person was seen, as (camera, from, to); the changes of camera."""
    listed = [Presence(1, *one) for one in seen]
    found = transitions(listed, dict.fromkeys(listed, 7))
    return [(one.from_camera, one.to_camera, one.leave_s, one.enter_s) for one in found]


def test_who_stays_in_view_of_one_camera_goes_from_it_to_the_next() -> None:
    # B sees him as well for a while: he does not go from B to C, nor from A to B before he leaves it
    assert ways(("A", 0, 100), ("B", 10, 20), ("C", 150, 160)) == [("A", "C", 100, 150)]


def test_who_comes_into_view_while_another_camera_sees_him_has_not_changed() -> None:
    assert ways(("A", 0, 100), ("B", 50, 150), ("C", 200, 210)) == [("B", "C", 150, 200)]
    assert ways(("A", 0, 100), ("B", 100, 150)) == []
    assert ways(("A", 0, 10), ("B", 0, 10), ("C", 20, 30)) == [("B", "C", 10, 20)]


def test_who_comes_back_to_the_same_camera_has_not_changed() -> None:
    assert ways(("A", 0, 100), ("B", 10, 20), ("A", 150, 160)) == []


PRESENCES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 30), st.integers(0, 10)).map(
        lambda made: (made[0], float(made[1]), float(made[1] + made[2]))
    ),
    unique_by=lambda one: one[:2],
    max_size=8,
)


@given(PRESENCES)
def test_every_change_is_over_a_time_in_which_nobody_sees_him(seen: list[tuple[str, float, float]]) -> None:
    found = ways(*seen)
    for before, after, leave_s, enter_s in found:
        assert before != after
        assert leave_s < enter_s
        assert not any(start <= enter_s and leave_s <= end and (end > leave_s and start < enter_s)
                       for _, start, end in seen)  # fmt: skip
        assert any((camera, end) == (before, leave_s) for camera, _, end in seen)
        assert any((camera, start) == (after, enter_s) for camera, start, _ in seen)
    # and each gap in which nobody sees him is asked about once, unless he comes back to the same camera
    moments = sorted({time_s for _, start, end in seen for time_s in (start, end)})
    gaps = [(a, b) for a, b in pairwise(moments) if not any(start <= a and b <= end for _, start, end in seen)]
    assert len(found) <= len(gaps)
    assert {(leave_s, enter_s) for *_, leave_s, enter_s in found} <= set(gaps)


@given(PRESENCES)
def test_without_overlap_it_is_from_one_to_the_next(seen: list[tuple[str, float, float]]) -> None:
    apart = [(camera, 100.0 * place, 100.0 * place + end - start) for place, (camera, start, end) in enumerate(seen)]
    assert [one[:2] for one in ways(*apart)] == [(a[0], b[0]) for a, b in pairwise(apart) if a[0] != b[0]]
