from __future__ import annotations

import threading
from pathlib import Path

import av
import pytest
from tests.numbers_in_pictures import read_number

from retrail.core.errors import SourceError
from retrail.core.types import Frame
from retrail.video.stream import PacketDecoder, StreamHeader
from retrail.video.tape import PacketTape
from retrail.video.taped import TapedSource


class Recorder:
    """Puts a clip's packets on a tape as a live camera does, and keeps (index, time, number) of every frame."""

    def __init__(self, tape: PacketTape) -> None:
        self.tape = tape
        self.number = self.index = 0
        self.made: list[tuple[int, float, int]] = []
        self.decoder: PacketDecoder | None = None

    def record(self, path: Path, *, ends: bool = True) -> None:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            header = StreamHeader.of(stream.codec_context)
            self.tape.begin(header)
            self.frames(self.decoder.drain() if self.decoder else [])
            self.decoder = PacketDecoder(header)
            for packet in container.demux(stream):
                if packet.size:
                    self.number += 1
                    self.tape.packet(self.number, bytes(packet), packet.is_keyframe)
                    self.frames(self.decoder.decode(bytes(packet), self.number))
        if ends:
            self.tape.end()

    def frames(self, pictures: list[tuple[int, av.VideoFrame]]) -> None:
        for number, picture in pictures:
            luma = picture.to_ndarray()[: picture.height, : picture.width]
            self.made.append((self.index, 1000 + self.index / 7, read_number(luma)))
            self.tape.frame(number, *self.made[-1][:2])
            self.index += 1


def seen(frames) -> list[tuple[int, float, int]]:
    return [(f.index, f.time_s, read_number(f.planes.arrays[0])) for f in frames]


@pytest.mark.parametrize("b_frames", [0, 3])
def test_a_tape_shows_every_frame_again_with_its_index_and_time(clip, tmp_path, b_frames):
    path = clip(tmp_path / "a.mp4", range(60), options={"bf": str(b_frames), "b_strategy": "0", "g": "20"})
    tape = PacketTape(tmp_path / "tape", "till", segment_bytes=2000)
    recorder = Recorder(tape)
    recorder.record(path)
    assert len(recorder.made) > 50  # the last ones are still inside the decoder
    assert len(list((tmp_path / "tape").iterdir())) > 1
    assert seen(tape.frames()) == recorder.made
    assert seen(tape.frames()) == recorder.made  # and once more
    tape.close()
    assert list((tmp_path / "tape").iterdir()) == []


def test_a_tape_goes_on_over_a_new_connection_of_another_size(clip, tmp_path):
    tape = PacketTape(tmp_path / "tape", "till")
    recorder = Recorder(tape)
    recorder.record(clip(tmp_path / "a.mp4", range(20), options={"bf": "2"}), ends=False)
    recorder.record(clip(tmp_path / "b.mp4", range(20, 40), size=(160, 120)))
    assert [number for *_, number in recorder.made] == list(range(len(recorder.made)))
    assert len(recorder.made) > 30
    assert seen(tape.frames()) == recorder.made


def test_a_tape_is_read_while_it_is_written(clip, tmp_path):
    tape = PacketTape(tmp_path / "tape", "till", segment_bytes=1000)
    recorder = Recorder(tape)
    found: list[tuple[int, float, int]] = []
    reader = threading.Thread(target=lambda: found.extend(seen(tape.frames())), daemon=True)
    reader.start()
    recorder.record(clip(tmp_path / "a.mp4", range(30), options={"g": "5"}))
    reader.join(timeout=10)
    assert found == recorder.made


def test_a_reader_that_waits_can_be_stopped(tmp_path):
    source = TapedSource(PacketTape(tmp_path, "till"), threading.Event())
    frames: list[Frame] = []
    reader = threading.Thread(target=lambda: frames.extend(source.frames()), daemon=True)
    reader.start()
    source.close()
    reader.join(timeout=2)
    assert not reader.is_alive()
    assert frames == []


def test_a_full_tape_gives_up_its_oldest_frames(clip, tmp_path):
    tape = PacketTape(tmp_path / "tape", "till", segment_bytes=1500, limit_bytes=6000)
    recorder = Recorder(tape)
    recorder.record(clip(tmp_path / "a.mp4", range(120), options={"g": "10", "bf": "0"}))
    assert tape.size_bytes < 9000
    found = seen(tape.frames())
    assert 10 <= len(found) < 120
    assert found == recorder.made[-len(found) :]


def test_frames_that_are_done_with_can_be_forgotten(clip, tmp_path):
    tape = PacketTape(tmp_path / "tape", "till", segment_bytes=1500)
    recorder = Recorder(tape)
    recorder.record(clip(tmp_path / "a.mp4", range(120), options={"g": "10", "bf": "0"}))
    before = tape.size_bytes
    tape.forget_before(1000 + 60 / 7)
    assert tape.size_bytes < before
    found = seen(tape.frames())
    assert found == recorder.made[-len(found) :]
    assert 60 <= len(found) < 80


def test_only_its_owner_may_read_a_tape(clip, tmp_path):
    Recorder(PacketTape(tmp_path / "tape", "till")).record(clip(tmp_path / "a.mp4", range(5)))
    assert (tmp_path / "tape").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "tape").iterdir())


def test_what_a_killed_run_left_is_deleted_but_nothing_else(clip, tmp_path):
    for name in ("till-000003.tape", "till-2-000001.tape", "till-plan.tape"):
        (tmp_path / name).write_bytes(b"faces")
    PacketTape(tmp_path, "till")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["till-2-000001.tape", "till-plan.tape"]


@pytest.mark.rtsp
def test_a_live_camera_is_seen_again_with_all_its_frames_at_the_same_times(rtsp_server, watch, tmp_path):
    server = rtsp_server()
    with pytest.raises(SourceError, match="without a tape"):
        watch(server.numbers).source.again()
    tape = PacketTape(tmp_path / "tape", "till", segment_bytes=20_000)
    watched = watch(server.numbers, tape=tape)
    taken: list[tuple[int, float, int]] = []
    again = watched.source.again()
    followed: list[tuple[int, float, int]] = []
    follower = threading.Thread(target=lambda: followed.extend(seen(again.frames())), daemon=True)
    follower.start()
    for frame in watched.source.frames():
        taken += seen([frame])
        if len(taken) == 20:
            break
        threading.Event().wait(0.1)  # slow enough to miss some
    follower.join(timeout=10)
    by_index = {index: (time_s, number) for index, time_s, number in followed}
    assert [index for index, *_ in followed] == list(range(len(followed)))
    assert [number for *_, number in followed] == list(range(len(followed)))
    assert len(followed) > taken[-1][0] > 25
    assert all(by_index[index] == (time_s, number) for index, time_s, number in taken)


@pytest.mark.rtsp
def test_a_disk_that_fills_up_ends_the_tape_and_not_the_camera(rtsp_server, watch, tmp_path):
    server = rtsp_server()
    tape = PacketTape(tmp_path / "tape", "till")
    watched = watch(server.numbers, tape=tape)
    count = 0
    for _ in watched.source.frames():
        count += 1
        if count == 5:
            with tape._changed:
                tape._file.close()
                tape._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
        if count == 30:
            break
    assert count == 30
    assert watched.kinds() == ["tape"]
    assert "No space left" in watched.events[0].detail
    assert len(seen(tape.frames())) >= 4
