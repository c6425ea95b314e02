"""A site's score on disk: the page and the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrail.core.types import Box, Sighting
from retrail.evaluate.page import score_html
from retrail.evaluate.site import SiteScore
from retrail.evaluate.site_documents import site_record
from retrail.evaluate.stills import pictures_of
from retrail.evaluate.worst import Still, worst_mistakes
from retrail.pipeline.models import open_faces
from retrail.simulate.rows import write_text
from retrail.simulate.truth import Truth
from retrail.store import open_store

_NEAR_S = 2.0
"""Who is seen this long before or after a moment may be in its picture already, or still."""


def write_evaluation(
    score: SiteScore, truth: Truth, truth_name: str, out: Path, *, models_dir: Path | None = None
) -> tuple[Path, ...]:
    """Write ``evaluation.html`` and ``evaluation.json``; the store learns of them, so that forgetting finds them.

    Args:
        score: what was found.
        truth: heads are blurred unless it is simulated.
        truth_name: where it lies, as it was given.
        out: the folder; what is there of these is written over.
        models_dir: where the face detector is looked for first.

    Raises:
        DataError: it cannot be written.
        StoreError: the store cannot be read.
    """
    site = score.site
    mistakes = worst_mistakes(score)
    stills = [still for mistake in mistakes for still in mistake.stills]
    page, numbers = out / "evaluation.html", out / "evaluation.json"
    with open_store(
        site.data, site_name=site.name, database=site.database, holder="retrail evaluate", read_only=True
    ) as store:
        if truth.simulated:
            pictures = pictures_of(site, stills, {}, blur=False)
        else:
            everybody = _everybody(stills, store.sightings(), truth)
            with open_faces(models_dir) as faces:
                pictures = pictures_of(site, stills, everybody, blur=True, faces=faces)
        html = score_html(score, truth_name, mistakes, pictures, blurred=not truth.simulated)
        write_text(page, html)
        write_text(numbers, site_record(score, truth_name).model_dump_json(indent=1) + "\n")
        identities = _identities(score)
        spans = [(still.camera, still.time_s, still.time_s) for still in pictures]
        store.note_file(page, "picture", spans=spans, identities=identities)
        store.note_file(numbers, "export", identities=identities)
    return page, numbers


def _identities(score: SiteScore) -> list[int]:
    """Everybody who is named somewhere in it."""
    found = {who for camera in score.cameras for step in camera.frames.steps for who in step.found.tolist()}
    return sorted(who for who in found if who > 0)


def _everybody(
    stills: Sequence[Still], sightings: Sequence[Sighting], truth: Truth
) -> dict[tuple[str, float], list[Box]]:
    """By camera and moment: all boxes of the truth, and of whatever was followed about then."""
    found: dict[tuple[str, float], list[Box]] = {}
    for still in stills:
        camera = truth.cameras[still.camera]
        near = np.abs(camera.time_of(camera.boxes.frame) - still.time_s) < 0.5
        boxes = [_box(row) for row in camera.boxes.xyxy[near]]
        for one in sightings:
            path = one.path
            if one.camera == still.camera and len(path):
                place = int(np.abs(path.times_s - still.time_s).argmin())
                if abs(float(path.times_s[place]) - still.time_s) <= _NEAR_S:
                    boxes.append(_box(path.boxes_px[place]))
        found[still.camera, still.time_s] = boxes
    return found


def _box(row: NDArray[np.float32]) -> Box:
    x1, y1, x2, y2 = row.tolist()
    return (x1, y1, x2, y2)
