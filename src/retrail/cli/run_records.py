"""What ``retrail run --json`` and ``retrail demo --json`` print, and their published schemas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from retrail.evaluate.site_records import SiteRecord
from retrail.pipeline import Summary

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class VisitorsRecord(BaseModel):
    """How many came."""

    model_config = _FROZEN
    estimate: float
    low: float | None = Field(description="Lower end of the interval; null until association can give one.")
    high: float | None = Field(description="Upper end of the interval; null until association can give one.")


class CameraRecord(BaseModel):
    """How one camera did."""

    model_config = _FROZEN
    frames: int = Field(ge=0, description="Frames decoded.")
    fps: float = Field(ge=0, description="Frames decoded a second of wall-clock time.")
    dropped: int = Field(ge=0, description="Frames of a live camera that newer ones overtook; of a file always 0.")
    reconnects: int = Field(ge=0)


class RunRecord(BaseModel):
    """What ``retrail run --json`` prints last."""

    model_config = _FROZEN
    sightings: int = Field(ge=0, description="Of people; one counts once however often it was cut.")
    visitors: VisitorsRecord
    unresolved: int = Field(ge=0, description="Sightings of people who could be anybody.")
    undecided: int = Field(ge=0, description="Sightings of which it is not known whether they are people.")
    cameras: dict[str, CameraRecord]


class DemoRecord(BaseModel):
    """What ``retrail demo --json`` prints last. What is beside the truth is null where a clip has none."""

    model_config = _FROZEN
    visitors: VisitorsRecord
    visitors_truth: int | None = None
    idf1: float | None = Field(None, description="Over all cameras.")
    hota: float | None = Field(None, description="Over all cameras.")
    dwell_mean_error_s: float | None = None
    entries: int | None = None
    entries_truth: int | None = None
    exits: int | None = None
    exits_truth: int | None = None
    files: list[str] = Field(
        description="What was written, as absolute paths: site file, report page, annotated video."
    )


_BESIDE_TRUTH = tuple(name for name in DemoRecord.model_fields if name not in ("visitors", "files"))


def run_record(summary: Summary) -> RunRecord:
    """The record of a run."""
    cameras = {
        name: CameraRecord(
            frames=camera.frames, fps=round(camera.fps, 1), dropped=camera.dropped, reconnects=camera.reconnects
        )
        for name, camera in summary.cameras.items()
    }
    return RunRecord(
        sightings=summary.sightings,
        visitors=_visitors(summary),
        unresolved=summary.visitors.unresolved,
        undecided=summary.undecided,
        cameras=cameras,
    )


def demo_record(summary: Summary, files: Sequence[Path], truth: SiteRecord | None = None) -> DemoRecord:
    """The record of a demo; ``truth``: how it compares with what is true, where that is known."""
    beside = {} if truth is None else {name: getattr(truth, name) for name in _BESIDE_TRUTH}
    return DemoRecord(visitors=_visitors(summary), files=[str(path.absolute()) for path in files], **beside)


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas (draft 2020-12) by the name of the file in ``docs/schemas``."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    kinds: dict[str, type[BaseModel]] = {"run": RunRecord, "demo": DemoRecord}
    return {f"{name}.schema.json": draft | kind.model_json_schema(mode="serialization") for name, kind in kinds.items()}


def _visitors(summary: Summary) -> VisitorsRecord:
    count = summary.visitors
    return VisitorsRecord(estimate=count.estimate, low=count.low, high=count.high)
