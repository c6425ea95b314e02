from __future__ import annotations

import itertools
import os
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
from tests.numbers_in_pictures import read_number

from retrail.core.errors import SourceError
from retrail.core.time import parse_time
from retrail.video.planes import whole_bgr


def numbers(frames) -> list[int]:
    return [read_number(frame.planes.arrays[0]) for frame in frames]


def times(frames) -> list[float]:
    return [frame.time_s for frame in frames]


def test_every_frame_comes_in_order_with_its_number_and_time(clip, watch, tmp_path):
    watched = watch(clip(tmp_path / "a.mp4", range(50)), start_s=1000.0, offset_s=3.0)
    frames = watched.frames()
    assert numbers(frames) == list(range(50))
    assert [frame.index for frame in frames] == list(range(50))
    assert times(frames) == pytest.approx([1003 + n / 10 for n in range(50)])
    assert watched.source.counters().frames == 50
    assert watched.source.counters().dropped == 0
    assert watched.events == []
    assert not watched.source.live


def test_the_second_time_is_the_same(clip, watch, tmp_path):
    watched = watch(clip(tmp_path / "a.mp4", range(30)), site_start_s=5.0)
    first = [(f.index, f.time_s, read_number(f.planes.arrays[0])) for f in watched.source.frames()]
    again = watched.source.again()
    assert [(f.index, f.time_s, read_number(f.planes.arrays[0])) for f in again.frames()] == first
    assert watched.source.counters().frames == 30


@pytest.mark.shared
def test_a_real_clip_gives_every_frame_with_its_time(shared: Path, watch):
    frames = [
        (f.index, f.time_s, f.width_px, f.height_px)
        for f in watch(shared / "video/epfl_lab/Double1.mp4", start_s=1000.0).source.frames()
    ]
    assert len(frames) == 98
    assert frames[0] == (0, 1000.0, 854, 480)
    assert frames[-1][1] == pytest.approx(1000 + 97 / 29.97, abs=0.01)


def test_variable_frame_rate_is_taken_as_it_is_written(clip, watch, tmp_path):
    uneven = [0.0, 0.1, 0.15, 2.0, 2.5, 7.25]
    frames = watch(clip(tmp_path / "a.mp4", range(6), times=uneven), start_s=0.0).frames()
    assert times(frames) == pytest.approx(uneven, abs=1e-3)
    assert numbers(frames) == list(range(6))


def test_b_frames_come_in_the_order_they_are_shown(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(40), options={"bf": "3", "b_strategy": "0"})
    frames = watch(path, start_s=0.0).frames()
    assert numbers(frames) == list(range(40))
    assert times(frames) == pytest.approx([n / 10 for n in range(40)])


@pytest.mark.parametrize("suffix", ["mkv", "avi", "ts", "mov", "webm", "flv"])
def test_other_containers_keep_number_and_time(clip, watch, tmp_path, suffix):
    codec = "libvpx" if suffix == "webm" else "libx264"
    frames = watch(clip(tmp_path / f"a.{suffix}", range(20), codec=codec), start_s=10.0).frames()
    assert numbers(frames) == list(range(20))
    assert times(frames) == pytest.approx([10 + n / 10 for n in range(20)], abs=2e-3)


def test_a_raw_stream_takes_its_rate_from_the_site_file(clip, watch, tmp_path):
    with av.open(str(clip(tmp_path / "a.mp4", range(20), options={"bf": "0"}))) as source:
        raw = tmp_path / "a.h264"
        with av.open(str(raw), "w", format="h264") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    frames = watch(raw, fps=5.0, start_s=0.0).frames()
    assert numbers(frames) == list(range(20))
    assert times(frames) == pytest.approx([n / 5 for n in range(20)])


# --- when a recording began -------------------------------------------------------------------------------------------


def test_a_camera_s_start_goes_before_the_site_s(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(2))
    assert watch(path, start_s=50.0, site_start_s=70.0).frames()[0].time_s == 50.0
    assert watch(path, site_start_s=70.0).frames()[0].time_s == 70.0


def test_without_a_start_the_recording_s_own_time_counts(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(2), created="2026-11-20T09:00:00Z")
    assert watch(path).frames()[0].time_s == parse_time("2026-11-20T09:00:00Z")


def test_without_any_time_it_is_when_the_file_was_last_written_less_its_length(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mkv", range(20))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert watch(path).frames()[0].time_s == pytest.approx(1_700_000_000 - 2.0, abs=0.01)


# --- sets of files ----------------------------------------------------------------------------------------------------


def test_a_recorder_s_files_are_one_camera_with_gaps_in_the_site_s_timezone(clip, watch, tmp_path):
    clip(tmp_path / "till_20261120_090005.mp4", range(20, 30))
    clip(tmp_path / "till_20261120_090000.mp4", range(10))
    clip(tmp_path / "till_20261120_120000.mp4", range(30, 40))
    watched = watch(
        tmp_path / "*.mp4",
        name_time="till_%Y%m%d_%H%M%S.mp4",
        site_start_s=0.0,
        timezone=ZoneInfo("America/New_York"),
    )
    frames = watched.frames()
    start_s = parse_time("2026-11-20T14:00:00Z")
    assert numbers(frames) == [*range(10), *range(20, 40)]
    assert [frame.index for frame in frames] == list(range(30))
    assert [frames[n].time_s - start_s for n in (0, 9, 10, 20)] == pytest.approx([0, 0.9, 5, 3 * 3600])


def test_files_that_overlap_show_each_moment_once(clip, watch, tmp_path):
    clip(tmp_path / "till_20261120_090000.mp4", range(30))
    clip(tmp_path / "till_20261120_090002.mp4", range(20, 50))
    watched = watch(tmp_path / "*.mp4", name_time="till_%Y%m%d_%H%M%S.mp4")
    frames = watched.frames()
    assert numbers(frames) == list(range(50))
    assert np.all(np.diff(times(frames)) > 0)
    assert watched.source.counters().overlapping == 10
    assert watched.kinds() == ["overlap"]


def test_without_times_in_their_names_files_follow_each_other_by_number(clip, watch, tmp_path):
    for number in (1, 2, 10):
        clip(tmp_path / f"part{number}.mp4", range(number * 10, number * 10 + 10))
    frames = watch(tmp_path / "part*.mp4", start_s=0.0, offset_s=2.0).frames()
    assert numbers(frames) == [*range(10, 30), *range(100, 110)]
    assert times(frames) == pytest.approx([2 + n / 10 for n in range(30)])


def test_a_broken_file_in_a_set_is_told_and_the_others_are_read(clip, watch, tmp_path):
    clip(tmp_path / "part1.mp4", range(10))
    (tmp_path / "part2.mp4").write_bytes(b"")
    clip(tmp_path / "part3.mp4", range(20, 30))
    watched = watch(tmp_path / "part*.mp4", start_s=0.0)
    assert numbers(watched.frames()) == [*range(10), *range(20, 30)]
    assert watched.kinds() == ["unreadable"]
    assert "part2.mp4: The file is empty" in watched.events[0].detail


def test_a_set_of_broken_files_is_an_error(watch, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(SourceError, match="The file is empty"):
        watch(tmp_path / "*.mp4").frames()


def test_a_pattern_without_files_is_an_error(watch, tmp_path):
    with pytest.raises(SourceError, match="No file matches"):
        watch(tmp_path / "*.mp4")


def test_a_name_without_the_time_is_an_error(clip, watch, tmp_path):
    clip(tmp_path / "holiday.mp4", range(2))
    with pytest.raises(SourceError, match="does not hold the time") as caught:
        watch(tmp_path / "*.mp4", name_time="till_%Y%m%d.mp4")
    assert (caught.value.found, caught.value.allowed) == ("holiday.mp4", "till_%Y%m%d.mp4")


def test_a_change_of_size_from_file_to_file_is_told(clip, watch, tmp_path):
    clip(tmp_path / "1.mp4", range(5))
    clip(tmp_path / "2.mp4", range(5, 10), size=(160, 120))
    watched = watch(tmp_path / "*.mp4", start_s=0.0)
    frames = watched.frames()
    assert numbers(frames) == list(range(10))
    assert {(f.width_px, f.height_px) for f in frames} == {(128, 96), (160, 120)}
    assert watched.kinds() == ["resolution"]
    assert watched.source.counters().resolutions == 1


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "codec", "pix_fmt"), [("jpg", "mjpeg", "yuvj420p"), ("png", "png", "rgb24")])
def test_a_set_of_pictures_is_a_camera(clip, watch, tmp_path, suffix, codec, pix_fmt):
    for number in range(12):
        clip(tmp_path / f"{number}.{suffix}", [number], codec=codec, pix_fmt=pix_fmt, muxer={"update": "1"})
    frames = watch(tmp_path / f"*.{suffix}", fps=5.0, start_s=100.0).frames()
    assert [read_number(whole_bgr(frame)[..., 1]) for frame in frames] == list(range(12))
    assert times(frames) == pytest.approx([100 + n / 5 for n in range(12)])


def test_pictures_with_times_in_their_names_need_no_rate(clip, watch, tmp_path):
    for name in ("a_090000.jpg", "a_090007.jpg"):
        clip(tmp_path / f"20261120{name}", [1], codec="mjpeg", pix_fmt="yuvj420p", muxer={"update": "1"})
    frames = watch(tmp_path / "*.jpg", name_time="%Y%m%da_%H%M%S.jpg").frames()
    assert np.diff(times(frames)).tolist() == [7.0]


def test_pictures_without_a_rate_are_an_error(clip, watch, tmp_path):
    for name in ("a.jpg", "b.jpg"):
        clip(tmp_path / name, [1], codec="mjpeg", pix_fmt="yuvj420p", muxer={"update": "1"})
    with pytest.raises(SourceError, match="how fast they were taken"):
        watch(tmp_path / "*.jpg")


def test_one_picture_is_one_frame(clip, watch, tmp_path):
    path = clip(tmp_path / "a.jpg", [9], codec="mjpeg", pix_fmt="yuvj420p", muxer={"update": "1"})
    (frame,) = watch(path, start_s=3.0).frames()
    assert frame.time_s == 3.0
    assert frame.planes.full_range


# --- what is wrong with a file ----------------------------------------------------------------------------------------


def test_a_missing_file_is_one_clear_error(watch, tmp_path):
    with pytest.raises(SourceError, match="does not exist") as caught:
        watch(tmp_path / "none.mp4")
    assert caught.value.where == f"camera till: {tmp_path / 'none.mp4'}"
    assert caught.value.hint


def test_a_folder_an_empty_file_and_a_text_are_clear_errors(watch, tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    for name, what in (("", "is a folder"), ("empty.mp4", "is empty"), ("text.mp4", "not a video")):
        with pytest.raises(SourceError, match=what):
            watch(tmp_path / name)


def test_a_file_with_only_sound_is_a_clear_error(watch, tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        for _ in range(5):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            sound.sample_rate = 16_000
            container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="holds no video") as caught:
        watch(path)
    assert caught.value.found == "audio (aac)"


def test_a_recording_cut_before_its_index_says_so(clip, watch, tmp_path):
    whole = clip(tmp_path / "a.mp4", range(100)).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="cut off before its index") as caught:
        watch(cut)
    assert "moov" in (caught.value.found or "")


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_recording_cut_in_the_middle_is_read_as_far_as_it_goes(clip, watch, tmp_path, suffix):
    muxer = {"movflags": "faststart"} if suffix == "mp4" else {}
    path = clip(tmp_path / f"a.{suffix}", range(100), options={"g": "10"}, muxer=muxer)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    watched = watch(path, start_s=0.0)
    frames = watched.frames()
    assert 20 < len(frames) < 80
    assert numbers(frames)[:-3] == list(range(len(frames) - 3))
    if suffix != "ts":  # a transport stream does not say how long it is
        assert watched.kinds()[-1] == "truncated"
        assert watched.events[-1].extra["missing_s"] == pytest.approx(10 - len(frames) / 10, abs=0.3)


def test_corrupt_packets_are_counted_and_the_rest_is_read(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mkv", range(100), options={"g": "10", "bf": "0"})
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for at in rng.integers(len(data) // 3, len(data) // 2, 60):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    watched = watch(path, start_s=0.0)
    shown = numbers(watched.frames())
    assert shown[:10] == list(range(10))
    assert shown[-20:] == list(range(80, 100))
    assert watched.source.counters().corrupt > 0
    assert "corrupt" in watched.kinds()
    assert len(watched.events) < 10


def test_a_file_in_which_nothing_decodes_is_an_error(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mkv", range(10), options={"g": "10"})
    with av.open(str(path)) as container:
        spans = [(p.pos, p.size) for p in container.demux(video=0) if p.pos is not None and p.size]
    data = bytearray(path.read_bytes())
    for pos, size in spans:
        at = data.find(b"\x00", pos)
        data[at : pos + size] = bytes(pos + size - at)
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match=r"Not one frame could be decoded|not a video"):
        watch(path, start_s=0.0).frames()


def test_a_secret_in_a_path_is_never_shown(watch, tmp_path):
    watched = None
    with pytest.raises(SourceError) as caught:
        watched = watch(tmp_path / "hunter2" / "a.mp4", secret="hunter2")
    assert watched is None
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


# --- pace and end -----------------------------------------------------------------------------------------------------


def test_real_time_is_paced_by_the_recording_s_own_clock(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(6), times=[0, 0.1, 0.2, 0.6, 0.7, 0.8])
    began = time.monotonic()
    came = [time.monotonic() - began for _ in watch(path, start_s=0.0, realtime=True).source.frames()]
    assert came[-1] - came[0] == pytest.approx(0.8, abs=0.1)
    assert min(itertools.starmap(lambda a, b: a - b, zip(came, [0, 0.1, 0.2, 0.6, 0.7, 0.8], strict=True))) > -0.02


def test_real_time_does_not_wait_for_the_night_between_two_recordings(clip, watch, tmp_path):
    clip(tmp_path / "20261120_090000.mp4", range(3))
    clip(tmp_path / "20261121_090000.mp4", range(3))
    began = time.monotonic()
    assert len(watch(tmp_path / "*.mp4", name_time="%Y%m%d_%H%M%S.mp4", realtime=True).frames()) == 6
    assert time.monotonic() - began < 3


def test_stop_and_close_end_the_frames_at_once(clip, watch, tmp_path):
    path = clip(tmp_path / "a.mp4", range(3), times=[0, 5, 9])
    stop = threading.Event()
    for end in ("stop", "close"):
        watched = watch(path, start_s=0.0, realtime=True, stop=stop)
        threading.Timer(0.3, stop.set if end == "stop" else watched.source.close).start()
        began = time.monotonic()
        assert len(watched.frames()) == 1
        assert time.monotonic() - began < 1.0
        stop.clear()
