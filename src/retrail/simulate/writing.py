"""A simulation on disk: site file, videos and truth, such that ``retrail run`` works on it as it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from retrail.simulate.earlier import TRUTH, VIDEO, clear_earlier, clip_comment
from retrail.simulate.render.film import Stage
from retrail.simulate.rows import write_text
from retrail.simulate.scenario import Scenario
from retrail.simulate.schedule import frame_times
from retrail.simulate.site_file import site_file
from retrail.simulate.telling import Record, truth_of
from retrail.simulate.truth import Truth, write_truth
from retrail.simulate.world import World, play
from retrail.video.writer import ClipWriter


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        site: the site file. truth_folder: the folder of truth. truth: what is in it.
        videos: by camera.
    """

    site: Path
    truth_folder: Path
    truth: Truth
    videos: dict[str, Path]


def write_simulation(
    scenario: Scenario,
    out: Path,
    *,
    seed: int | None = None,
    video: bool = True,
    threads: int = 2,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Written:
    """Play a scenario and write ``site.yaml``, ``video/CAMERA.mp4`` and ``truth/``.

    Args:
        out: the folder; what an earlier simulation wrote there goes.
        seed: instead of the scenario's own.
        video: False writes site file and truth alone.
        threads: cameras that are drawn at once; the result does not depend on it.
        progress: told the frames drawn so far, and how many there are in all; on any thread, one at a time.

    Raises:
        DataError: somebody would walk through a wall, or the folder cannot be written.
    """
    world = play(scenario, seed=seed)
    cameras = list(scenario.spec.cameras)
    count = _Count(sum(sum(1 for _ in frame_times(world, camera)) for camera in cameras), progress)
    videos = {camera: out / VIDEO / f"{camera}.mp4" for camera in cameras} if video else {}
    clear_earlier(out, videos.values())  # before the drawing: new pictures stand beside no old truth
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        jobs = [pool.submit(_shoot, world, camera, videos.get(camera), count) for camera in cameras]
        records = {camera: job.result() for camera, job in zip(cameras, jobs, strict=True)}
    truth = truth_of(world, records)
    write_truth(truth, out / TRUTH)
    starts_s = {
        name: camera.first_frame_s for name, camera in truth.cameras.items() if camera.first_frame_s != world.start_s
    }
    site = out / "site.yaml"
    write_text(site, site_file(scenario, starts_s))
    return Written(site, out / TRUTH, truth, videos)


class _Count:
    """Frames drawn by all threads together."""

    def __init__(self, of: int, progress: Callable[[int, int], None]) -> None:
        self._done, self._of, self._progress = 0, of, progress
        self._lock = Lock()

    def one(self) -> None:
        with self._lock:
            self._done += 1
            self._progress(self._done, self._of)


def _shoot(world: World, camera: str, path: Path | None, count: _Count) -> Record:
    """Draw one camera's film, and write it where a path is given."""
    spec = world.scenario.spec.cameras[camera]
    record, stage = Record(), Stage(world, camera)
    writer: ClipWriter | None = None
    if path is not None:
        size, told = (spec.width_px, spec.height_px), clip_comment(camera)
        writer = ClipWriter(path, *size, spec.rate_hz, spec.flaws.compression, comment=told)
    try:
        for index, time_s in frame_times(world, camera):
            picture = stage.picture(index, time_s)
            record.add(picture)
            if writer is not None:
                writer.write(picture.bgr, world.start_s + time_s + spec.skew_s)
            count.one()
    finally:
        if writer is not None:
            writer.close()
    return record
