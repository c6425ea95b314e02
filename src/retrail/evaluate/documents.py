"""The shape of what `retrail evaluate --json` prints; its JSON Schemas are made from here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from retrail.evaluate.detection import DetectionScore
from retrail.evaluate.retrieval import RetrievalScore
from retrail.insight.documents import Record, Whole

Share = Annotated[float, Field(ge=0, le=1)]


class RetrievalRecord(Record):
    """`retrail evaluate retrieval`: the Market-1501 protocol."""

    model: str
    data: str
    rank1: Share = Field(description="Share of queries whose first answer is right.")
    rank5: Share
    rank10: Share
    map: Share = Field(description="Mean average precision.")
    minp: Share = Field(description="Mean inverse negative penalty.")
    rank1_low: Share = Field(description="Lower end of the 95 % bootstrap interval of rank1.")
    rank1_high: Share
    queries: Whole = Field(description="Queries that have a match on another camera.")
    without_match: Whole = Field(description="Queries that have none, and are not counted.")
    gallery: Whole = Field(description="Pictures in the gallery, distractors among them.")
    normalise: Literal["camera"] | None = Field(description="camera: each camera's mean was taken off.")
    shots: Literal["single", "multi"] = Field(description="multi: a query is all pictures of a person on a camera.")


class DetectionRecord(Record):
    """`retrail evaluate detection`; null where there was nothing to judge by."""

    model: str
    images: str
    boxes: str
    ap50: Share | None = Field(description="Average precision at an overlap of 0.5, COCO's 101 steps of recall.")
    ap: Share | None = Field(description="Mean over overlaps of 0.5 to 0.95.")
    recall_at_precision_90: Share | None = Field(description="Largest recall at a precision of at least 0.9.")
    recall: Share | None = Field(description="At `score`.")
    precision: Share | None = Field(description="At `score`.")
    false_pictures: Share | None = Field(description="Share of the pictures without a box that show a person.")
    people: Whole = Field(description="Boxes that were judged.")
    pictures: Whole
    empty_pictures: Whole = Field(description="Pictures without a box.")
    score: Share = Field(description="The card's default score.")
    min_height: Share = Field(description="Lower people, in shares of the picture's height, were not judged.")


def retrieval_record(score: RetrievalScore, *, model: str, data: str, centre: bool, pooled: bool) -> RetrievalRecord:
    """What to print of a retrieval score."""
    how: dict[str, Any] = {"normalise": "camera" if centre else None, "shots": "multi" if pooled else "single"}
    return RetrievalRecord(model=model, data=data, **asdict(score), **how)


def detection_record(
    score: DetectionScore, *, model: str, images: str, boxes: str, min_height: float
) -> DetectionRecord:
    """What to print of a detection score."""
    return DetectionRecord(model=model, images=images, boxes=boxes, min_height=min_height, **asdict(score))


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by the name of the file in ``docs/schemas``."""
    kinds: dict[str, type[Record]] = {
        "evaluate-retrieval": RetrievalRecord,
        "evaluate-detection": DetectionRecord,
    }
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {f"{name}.schema.json": draft | kind.model_json_schema(mode="serialization") for name, kind in kinds.items()}
