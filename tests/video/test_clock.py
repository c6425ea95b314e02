from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrail.video.clock import ArrivalClock, StreamClock

NOW_S = 1_700_000_000.0


def mapped(stamps: np.ndarray, arrivals: np.ndarray) -> tuple[np.ndarray, list[float]]:
    clock = StreamClock()
    times, jumps = [], []
    for stamp_s, arrival_s in zip(stamps, arrivals, strict=True):
        times.append(clock.map(float(stamp_s), float(arrival_s)))
        if clock.jump_s:
            jumps.append(clock.jump_s)
    return np.array(times), jumps


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1000), st.floats(0.0, 0.2), st.sampled_from([5.0, 10.0, 25.0]))
def test_jitter_of_the_network_does_not_show(seed, jitter_s, fps):
    stamps = np.arange(0, 120, 1 / fps)
    late = np.random.default_rng(seed).exponential(jitter_s, len(stamps)) if jitter_s else np.zeros(len(stamps))
    times, jumps = mapped(stamps, NOW_S + stamps + late)
    assert jumps == []
    assert np.all(np.diff(times) > 0)
    settled = times[stamps > 80] - NOW_S - stamps[stamps > 80]
    assert np.abs(settled).max() < 0.01 + jitter_s / 10
    assert np.abs(np.diff(times) * fps - 1).max() < 0.03


@pytest.mark.parametrize("drift", [-300e-6, 300e-6])
def test_a_camera_whose_clock_runs_fast_or_slow_is_followed_for_an_hour(drift):
    real = np.arange(0, 3600, 0.2)
    late = np.random.default_rng(0).exponential(0.02, len(real))
    times, jumps = mapped(real * (1 + drift), NOW_S + real + late)
    assert jumps == []
    assert np.abs(times - NOW_S - real)[500:].max() < 0.06
    assert np.all(np.diff(times) > 0)


def test_a_stall_that_ends_in_a_burst_changes_nothing():
    stamps = np.arange(0, 60, 0.1)
    arrivals = NOW_S + stamps.copy()
    stalled = (stamps > 30) & (stamps < 36)
    arrivals[stalled] = NOW_S + 36
    times, jumps = mapped(stamps, arrivals)
    assert jumps == []
    assert times - NOW_S == pytest.approx(stamps, abs=1e-3)


def test_frames_lost_in_a_stall_are_no_leap():
    stamps = np.concatenate([np.arange(0, 30, 0.1), np.arange(35, 60, 0.1)])
    arrivals = NOW_S + np.maximum(stamps, np.where((stamps >= 35) & (stamps < 37), 37, 0))
    times, jumps = mapped(stamps, arrivals)
    assert jumps == []
    assert times - NOW_S == pytest.approx(stamps, abs=1e-3)


@pytest.mark.parametrize("leap_s", [-3600.0, -5.0, 5.0, 100_000.0])
def test_a_leap_of_the_stream_s_clock_is_told_and_time_goes_on(leap_s):
    real = np.arange(0, 60, 0.1)
    stamps = real + np.where(real > 30, leap_s, 0.0)
    times, jumps = mapped(stamps, NOW_S + real)
    assert jumps == [pytest.approx(leap_s, abs=0.01)]
    assert times - NOW_S == pytest.approx(real, abs=0.02)


def test_b_frames_out_of_order_are_no_leap():
    order = np.arange(0, 400).reshape(-1, 4)[:, [3, 0, 1, 2]].ravel()
    stamps = order / 10
    times, jumps = mapped(stamps, NOW_S + np.arange(400) / 10)
    assert jumps == []
    assert np.all(np.diff(np.sort(times[40:])) > 0)
    assert np.array_equal(np.argsort(times), np.argsort(stamps))


def test_what_waited_before_the_connection_is_placed_in_the_past():
    stamps = np.arange(0, 10, 0.1)
    arrivals = NOW_S + np.maximum(stamps, 2.0)  # two seconds of backlog come at once
    clock = StreamClock()
    for stamp_s, arrival_s in zip(stamps[:25], arrivals[:25], strict=True):
        clock.learn(stamp_s, arrival_s)
    times = [clock.map(s, a) - NOW_S for s, a in zip(stamps, arrivals, strict=True)]
    assert times == pytest.approx(stamps, abs=1e-3)


def test_a_wall_clock_set_forward_is_followed_and_one_set_back_is_not():
    now = {"wall": 1000.0, "monotonic": 50.0}
    clock = ArrivalClock(lambda: now["wall"], lambda: now["monotonic"])

    def pass_by(seconds: float, step_s: float = 0.0) -> tuple[float, float]:
        now["monotonic"] += seconds
        now["wall"] += seconds + step_s
        return clock.now()

    assert pass_by(10) == (1010.0, 0.0)
    assert pass_by(1, step_s=0.2) == (1011.0, 0.0)  # time servers set it a little now and then
    time_s, step_s = pass_by(1, step_s=100)
    assert (time_s, step_s) == (pytest.approx(1112.2), pytest.approx(100.2))
    time_s, step_s = pass_by(1, step_s=-3600)
    assert (time_s, step_s) == (pytest.approx(1113.2), pytest.approx(-3600))
    assert pass_by(1) == (pytest.approx(1114.2), 0.0)
