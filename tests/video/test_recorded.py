from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from retrail.core.secrets import Secret
from retrail.video import open_source


@dataclass(frozen=True)
class Camera:
    name: str
    source: Secret
    fps: float | None = None
    start_s: float | None = None
    offset_s: float = 0.0
    name_time: str | None = None


@pytest.mark.shared
def test_a_real_clip_gives_every_frame_with_its_time(shared: Path):
    camera = Camera("entrance", Secret(str(shared / "video/epfl_lab/Double1.mp4")), start_s=1000.0)
    frames = [(f.index, f.time_s, f.width_px, f.height_px) for f in open_source(camera).frames()]
    assert len(frames) == 98
    assert frames[0] == (0, 1000.0, 854, 480)
    assert frames[-1][1] == pytest.approx(1000 + 97 / 29.97, abs=0.01)
