"""Pictures of moments, from the recordings that a site names: boxes drawn, heads blurred."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrail.core.errors import SourceError
from retrail.core.types import Box
from retrail.evaluate.worst import Still
from retrail.perceive.faces import FaceDetector
from retrail.perceive.heads import blur_heads
from retrail.site import Site
from retrail.video.draw import PALETTE, colour_of, draw_box
from retrail.video.planes import whole_bgr
from retrail.video.source import open_source

_MISSED = PALETTE[1]
_EARLY_S = 5e-3
_QUALITY = 82
_WIDE_PX = 640


def pictures_of(
    site: Site,
    stills: Sequence[Still],
    everybody: Mapping[tuple[str, float], Sequence[Box]],
    *,
    blur: bool,
    faces: FaceDetector | None = None,
) -> dict[Still, bytes]:
    """JPEG pictures of moments; those that cannot be had (a live camera, a recording that is gone) are left out.

    Args:
        site: whose recordings are read, each once.
        stills: the moments.
        everybody: by camera and moment the boxes of all who may be in the picture, whose heads are to be blurred.
        blur: whether heads are.
        faces: finds faces that no box covers.
    """
    found: dict[Still, bytes] = {}
    for camera in {still.camera for still in stills}:
        own = [still for still in stills if still.camera == camera]
        for still, image in _frames(site, camera, own):
            if blur:
                boxes = everybody.get((still.camera, still.time_s), ())
                blur_heads(image, [*boxes, *(box for box, _, _ in still.boxes)], faces)
            found[still] = _jpeg(_drawn(image, still))
    return found


def _frames(site: Site, camera: str, stills: Sequence[Still]) -> Iterable[tuple[Still, NDArray[np.uint8]]]:
    """Each moment's frame: the first that is not before it."""
    source = None
    try:
        source = open_source(site.cameras[camera], site_start_s=site.start_s, timezone=site.timezone)
        if source.live:
            return
        wanted = sorted(stills, key=lambda still: still.time_s)
        for frame in source.frames():
            image: NDArray[np.uint8] | None = None
            while wanted and frame.time_s >= wanted[0].time_s - _EARLY_S:
                image = whole_bgr(frame) if image is None else image
                yield wanted.pop(0), image.copy()
            if not wanted:
                return
    except SourceError:
        return  # the page says how many pictures could not be had
    finally:
        if source is not None:
            source.close()


def _drawn(image: NDArray[np.uint8], still: Still) -> NDArray[np.uint8]:
    size_px = max(12, image.shape[0] // 26)
    for box, label, missed in still.boxes:
        number = int("".join(filter(str.isdigit, label.split(" ")[0])) or 0)
        colour = _MISSED if missed else colour_of(number)
        draw_box(image, box, label, colour, width_px=max(2, image.shape[0] // 240), size_px=size_px)
    return image


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
    if picture.width > _WIDE_PX:
        picture = picture.resize((_WIDE_PX, round(picture.height * _WIDE_PX / picture.width)), Image.Resampling.BOX)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
