"""A camera that speaks HTTP: JPEG pictures one after the other, as cheap ones do."""

from __future__ import annotations

import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest
from tests.numbers_in_pictures import draw_number, read_number

from retrail.core.errors import SourceError


def jpeg(number: int) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 128, 96, "yuvj420p"
    encoder.time_base = Fraction(1, 10)
    return bytes(
        encoder.encode(av.VideoFrame.from_ndarray(draw_number(number, 128, 96), "gray").reformat(format="yuvj420p"))[0]
    )


class Camera(http.server.BaseHTTPRequestHandler):
    number = 0

    def do_GET(self) -> None:
        if self.path != "/video":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for _ in range(30):
                data = jpeg(Camera.number)
                Camera.number += 1
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data))
                self.wfile.write(data + b"\r\n")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Camera.number = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_mjpeg_camera_is_read_by_arrival_and_called_again_when_it_ends(address, watch):
    watched = watch(f"{address}/video")
    found: list[tuple[int, int, float]] = []
    for frame in watched.source.frames():
        found.append((read_number(frame.planes.arrays[0]), frame.index, frame.time_s))
        assert frame.planes.full_range
        if len(found) == 35:
            break
    assert [number for number, *_ in found] == [index for _, index, _ in found]
    steps = [after[2] - before[2] for before, after in itertools.pairwise(found)]
    assert min(steps) > 0
    assert sorted(steps)[len(steps) // 2] == pytest.approx(0.05, abs=0.02)
    assert watched.kinds()[:2] == ["lost", "reconnect"]


def test_a_page_that_is_not_there_is_told(address, watch):
    watched = watch(f"{address}/nothing", patience_s=0.5)
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        next(iter(watched.source.frames()))
    assert "404" in (caught.value.found or "")


def test_a_usb_camera_that_is_not_plugged_in_is_told(watch):
    watched = watch("/dev/video97", patience_s=0.5)
    assert watched.source.live
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        next(iter(watched.source.frames()))
    assert "No such file" in (caught.value.found or "")
