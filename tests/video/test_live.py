"""Live cameras against a real RTSP server; the number drawn into each picture tells what was lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.numbers_in_pictures import read_number
from tests.rtsp.control import BadNetwork, free_port

from retrail.core.errors import SourceError
from retrail.core.types import CameraEvent
from retrail.video import receiver

pytestmark = pytest.mark.rtsp


@dataclass
class Viewer:
    """Reads a source in a thread of its own and keeps number, index and time of every frame."""

    watched: object
    pause_s: float = 0.0
    seen: list[tuple[int, int, float, float]] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    error: Exception | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            for frame in self.watched.source.frames():
                number = read_number(frame.planes.arrays[0])
                self.seen.append((number, frame.index, frame.time_s, time.time()))
                self.sizes.add((frame.width_px, frame.height_px))
                time.sleep(self.pause_s)
        except SourceError as error:
            self.error = error

    def wait_for(self, what: Callable[[], bool], seconds: float = 20.0) -> None:
        until_s = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until_s, (len(self.seen), self.watched.events, self.watched.source.counters())
            time.sleep(0.02)

    def wait_for_frames(self, count: int) -> None:
        wanted = len(self.seen) + count
        self.wait_for(lambda: len(self.seen) >= wanted)

    def end(self) -> None:
        self.watched.source.close()
        self.thread.join(timeout=5)
        assert not self.thread.is_alive()

    @property
    def numbers(self) -> list[int]:
        return [number for number, *_ in self.seen]

    @property
    def times(self) -> np.ndarray:
        return np.array([time_s for _, _, time_s, _ in self.seen])


@pytest.fixture
def view(watch) -> Iterator[Callable[..., Viewer]]:
    viewers: list[Viewer] = []

    def start(address: object, pause_s: float = 0.0, **arguments: object) -> Viewer:
        viewers.append(Viewer(watch(address, **arguments), pause_s))
        return viewers[-1]

    yield start
    for viewer in viewers:
        viewer.end()


@pytest.fixture
def impatient(monkeypatch) -> None:
    """The same times-outs and back-off, in a shorter time."""
    monkeypatch.setattr(receiver, "SILENT_S", 0.7)
    monkeypatch.setattr(receiver, "CONNECT_S", 3.0)
    monkeypatch.setattr(receiver, "_FIRST_WAIT_S", 0.2)


def test_a_camera_is_seen_in_order_and_in_time(rtsp_server, view):
    server = rtsp_server()
    viewer = view(server.numbers)
    viewer.wait_for_frames(40)
    viewer.end()
    assert viewer.watched.source.live
    assert viewer.watched.events == []
    assert np.all(np.diff(viewer.numbers) > 0)
    assert np.all(np.diff(viewer.times) > 0)
    late = np.array([seen_s - time_s for _, _, time_s, seen_s in viewer.seen])[25:]
    assert -0.05 < np.median(late) < 0.5
    per_number = np.diff(viewer.times)[25:] / np.diff(viewer.numbers)[25:]
    assert np.median(per_number) == pytest.approx(1 / 25, rel=0.1)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_what_a_slow_reader_misses_is_counted_exactly(rtsp_server, view, transport):
    server = rtsp_server()
    viewer = view(f"{server.numbers}?{transport}", pause_s=0.15)
    viewer.wait_for_frames(15)
    viewer.end()
    counters = viewer.watched.source.counters()
    assert counters.corrupt == 0
    assert counters.frames == len(viewer.seen)
    # Each frame's index counts every picture decoded, so up to the last one seen: sent = seen + dropped.
    assert [index for _, index, *_ in viewer.seen] == viewer.numbers
    missed = viewer.numbers[-1] + 1 - len(viewer.seen)
    assert missed > 20
    assert counters.dropped >= missed
    assert server.order("sent") + 5 >= counters.frames + counters.dropped


def test_a_camera_that_stops_and_comes_back_is_found_again(rtsp_server, view, impatient):
    server = rtsp_server()
    viewer = view(server.numbers)
    viewer.wait_for_frames(10)
    server.order("stop")
    viewer.wait_for(lambda: "unreachable" in viewer.watched.kinds() or viewer.watched.kinds().count("lost") > 0)
    time.sleep(0.5)
    server.order("start")
    viewer.wait_for(lambda: viewer.watched.source.counters().reconnects == 1)
    viewer.wait_for_frames(10)
    viewer.end()
    kinds = viewer.watched.kinds()
    assert kinds.count("lost") == 1
    assert kinds[-1] == "reconnect"
    assert viewer.watched.events[-1].extra["gap_s"] > 0.4
    assert np.all(np.diff(viewer.times) > 0)
    assert [index for _, index, *_ in viewer.seen][-1] >= len(viewer.seen) - 1


def test_a_camera_that_loses_power_is_found_again(rtsp_server, view, impatient):
    port = free_port()
    server = rtsp_server(port=port)
    viewer = view(f"{server.numbers}?udp")
    viewer.wait_for_frames(10)
    server.kill()
    viewer.wait_for(lambda: len(viewer.watched.events) > 0)
    rtsp_server(port=port)
    viewer.wait_for(lambda: viewer.watched.source.counters().reconnects == 1)
    viewer.wait_for_frames(10)


def test_a_camera_that_falls_silent_is_called_again(rtsp_server, view, impatient):
    server = rtsp_server()
    viewer = view(f"{server.numbers}?udp")
    viewer.wait_for_frames(10)
    server.order("pause")
    viewer.wait_for(lambda: viewer.watched.source.counters().stalls >= 1)
    server.order("resume")
    viewer.wait_for(lambda: viewer.watched.source.counters().reconnects >= 1)
    viewer.wait_for_frames(10)
    assert "stall" in viewer.watched.kinds()


def test_a_throttled_network_loses_nothing_uncounted_and_a_cut_one_is_survived(rtsp_server, view, impatient):
    server = rtsp_server()
    with BadNetwork(server.port) as network:
        viewer = view(f"rtsp://127.0.0.1:{network.port}/numbers?tcp")
        viewer.wait_for_frames(25)
        network.bytes_per_s = 4_000
        time.sleep(1.5)
        network.bytes_per_s = None
        viewer.wait_for_frames(40)
        throttled, counters = len(viewer.seen), viewer.watched.source.counters()
        stamps = np.array(server.stamps())
        assert viewer.watched.events == []
        network.cut()
        viewer.wait_for(lambda: viewer.watched.source.counters().reconnects == 1)
        viewer.wait_for_frames(10)
        viewer.end()
    del viewer.seen[throttled:]
    assert [index for _, index, *_ in viewer.seen] == viewer.numbers
    assert counters.frames + counters.dropped >= viewer.numbers[-1] + 1
    # Event time keeps the rhythm of the stream's own stamps through the delay (RTSP sends the first picture without).
    stamped = np.diff(stamps[viewer.numbers])[1:]
    assert np.all(np.abs(np.diff(viewer.times)[1:] - stamped) < 0.01 + 0.02 * stamped)


def leap(server, viewer: Viewer, leap_s: int) -> CameraEvent:
    """Has the camera's clock leap; once more where the busy machine had just lost the stream and begins anew."""

    def jumps() -> list[CameraEvent]:
        return [event for event in viewer.watched.events if event.kind == "clock_jump"]

    before = len(jumps())
    for _ in range(3):
        server.order(f"leap {leap_s}")
        until_s = time.monotonic() + 10.0
        while len(jumps()) == before and time.monotonic() < until_s:
            time.sleep(0.02)
        if len(jumps()) > before:
            return jumps()[-1]
    raise AssertionError(f"no leap of {leap_s} s was told: {viewer.watched.events}")


def test_a_change_of_resolution_and_leaps_of_the_camera_s_clock_are_told_and_survived(rtsp_server, view):
    server = rtsp_server()
    viewer = view(server.numbers)
    viewer.wait_for_frames(10)
    server.order("size 480 272")
    viewer.wait_for(lambda: viewer.watched.source.counters().resolutions == 1)
    viewer.wait_for_frames(10)
    assert viewer.sizes == {(320, 240), (480, 272)}
    assert viewer.watched.kinds() == ["resolution"]
    assert viewer.watched.events[0].detail == "from 320x240 to 480x272 pixels"
    for leap_s in (100, -90):
        jump = leap(server, viewer, leap_s)
        viewer.wait_for_frames(10)
        assert jump.extra["jump_s"] == pytest.approx(leap_s, abs=1.0)
    viewer.end()
    assert np.all(np.diff(viewer.numbers) > 0)
    assert np.all(np.diff(viewer.times) > 0)
    assert abs(viewer.times[-1] - time.time()) < 2.0


def test_user_and_password_with_awkward_signs_open_the_camera_and_are_never_shown(rtsp_server, view, impatient):
    server = rtsp_server(user="eva", password="p@ss:/%1")
    address = server.numbers.replace("rtsp://", "rtsp://eva:p%40ss%3A%2F%251@")
    viewer = view(address, secret="p@ss:/%1")
    viewer.wait_for_frames(5)
    wrong = view(address.replace("%251", "%252"), secret="p@ss:/%2", patience_s=1.0)
    wrong.thread.join(timeout=20)
    text = f"{wrong.error} {wrong.error!r} {wrong.watched.events}"
    assert isinstance(wrong.error, SourceError)
    assert "401" in text
    assert "user and password" in text
    assert "p@ss" not in text
    assert "p%40ss" not in text


def test_a_camera_that_is_not_there_is_an_error_only_for_the_impatient(view, impatient):
    viewer = view(f"rtsp://127.0.0.1:{free_port()}/numbers", patience_s=1.0)
    viewer.thread.join(timeout=15)
    assert isinstance(viewer.error, SourceError)
    assert viewer.error.what == "The camera cannot be reached"
    assert viewer.watched.kinds()[0] == "unreachable"
    assert viewer.seen == []


def test_close_returns_at_once_from_a_camera_that_never_answers(view):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        viewer = view(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/numbers")
        time.sleep(0.5)
        began_s = time.monotonic()
        viewer.end()
        assert time.monotonic() - began_s < 1.5


def test_close_returns_at_once_while_nothing_comes(rtsp_server, view):
    server = rtsp_server()
    viewer = view(server.numbers)
    viewer.wait_for_frames(5)
    server.order("pause")
    time.sleep(0.3)
    began_s = time.monotonic()
    viewer.end()
    assert time.monotonic() - began_s < 1.5


def test_four_cameras_at_once_do_not_disturb_each_other(rtsp_server, view):
    server = rtsp_server(fps=10)
    viewers = [view(server.numbers) for _ in range(4)]
    for viewer in viewers:
        viewer.wait_for_frames(5)
    viewers[0].end()
    viewers[1].wait_for_frames(5)
    for viewer in viewers[1:]:
        assert [index for _, index, *_ in viewer.seen] == viewer.numbers
