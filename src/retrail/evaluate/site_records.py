"""The shape of what `retrail evaluate site --json` prints; its JSON Schema is made from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from retrail.evaluate.documents import Share
from retrail.insight.documents import Moment, Record, Whole

Seconds = Annotated[float, Field(ge=0)]


class CameraRecord(Record):
    """One camera alone."""

    camera: str
    recall: Share | None = Field(description="Boxes of people that were found, at an overlap of 0.5.")
    precision: Share | None = Field(description="Boxes found that are people.")
    idf1: Share | None = Field(description="People held together on this camera, by identity.")
    idf1_tracks: Share | None = Field(description="The tracker alone, each time somebody is in view for itself.")
    hota: Share | None
    switches: Whole


class LineRecord(Record):
    """Crossings of one line."""

    line: str
    camera: str
    entries: Whole
    entries_truth: Whole
    exits: Whole
    exits_truth: Whole


class OccupancyRecord(Record):
    """How full a place was; an empty zone is the site."""

    zone: str
    mean_error: float | None = Field(
        ge=0, description="Mean over time of the difference, in people; null where no time passed."
    )
    mean: float | None
    mean_truth: float | None
    peak: Whole
    peak_truth: Whole


class LossRecord(Record):
    """Which step costs how much of `idf1`; they add up to what is missing."""

    held_back: Share | None = Field(description="People who were found, but hardly moved and were not called people.")
    detection: Share | None = Field(description="People not found, and boxes that show nobody.")
    tracking: Share | None = Field(description="Sightings that show more than one person.")
    association: Share | None = Field(description="Who was taken for whom.")


class VisitRecord(Record):
    """A visit of the truth and what was said about it; null on the side where it is not."""

    zone: str
    camera: str
    person: int | None
    identity: int | None
    enter: Moment = Field(description="True, or as it was said where it never happened.")
    dwell_s: Seconds | None
    dwell_truth_s: Seconds | None
    error_s: float | None = Field(description="What was said less the truth.")


class JourneyRecord(Record):
    """One person's journey, against that of the identity that is paired with the person."""

    person: int
    identity: int | None
    right: bool | None = Field(description="Null: nothing is found wrong, but the truth has no visits.")
    wrong: tuple[str, ...]


class TransitionRecord(Record):
    """One change of camera."""

    person: int
    from_camera: str
    to_camera: str
    leave: Moment
    enter: Moment
    before: int | None = Field(description="Identity on the camera that was left.")
    after: int | None
    right: bool


class DecisionRecord(Record):
    """What the ledger says about a sighting that is under a wrong number."""

    sighting: str
    camera: str
    start: Moment
    end: Moment
    quality: Share
    frames: Whole
    mixed: bool = Field(description="The tracker went over from one person to another in it.")
    outcome: str
    probability: Share | None
    log_odds: Mapping[str, float] | None = Field(
        description="What spoke for and against the identity in question, by kind; null where it was not considered."
    )
    total_log_odds: float | None
    similarity: float | None
    entries: tuple[int, ...] = Field(description="Numbers in the ledger.")
    reasons: tuple[str, ...]


class ConfusionRecord(Record):
    """Two people under one number, or one person under two."""

    person: int
    identity: int
    other: int = Field(description="merge: the other person. split: the other identity.")
    frames: Whole
    from_tracking: bool = Field(description="Every sighting concerned is of both people already.")
    decisions: tuple[DecisionRecord, ...]


class SwitchRecord(Record):
    """Somebody on a camera is called by another number than before; below 0: somebody unresolved."""

    camera: str
    time: Moment
    person: int
    before: int
    after: int


class SiteRecord(Record):
    """`retrail evaluate site`: what is true of what was said of the labelled cameras. Null: of nothing, or the truth
    does not speak of it."""

    site: str
    truth: str
    left_out: tuple[str, ...] = Field(description="Cameras that the truth does not label; in no figure.")
    not_drawn: tuple[str, ...] = Field(
        description="Cameras of which the truth has visits or crossings, but no boxes: judged by these alone."
    )
    visitors: Whole = Field(description="Identities.")
    visitors_low: float | None
    visitors_high: float | None
    visitors_truth: Whole | None = Field(description="People whom a camera could see, staff too.")
    unresolved: Whole = Field(description="People beside the visitors who could be anybody.")
    recall: Share | None = Field(description="Boxes of people that were found, at an overlap of 0.5.")
    precision: Share | None
    idf1: Share | None = Field(description="Over all cameras together, people the same on all of them.")
    idf1_single: Share | None = Field(description="Of all cameras, each for itself.")
    idf1_tracks: Share | None = Field(description="Of the trackers alone, each time somebody is in view for itself.")
    hota: Share | None = Field(description="Over all cameras together.")
    losses: LossRecord
    switches: Whole | None
    entries: Whole | None = Field(description="Crossings of all lines inwards; null without any line.")
    entries_truth: Whole | None
    exits: Whole | None
    exits_truth: Whole | None
    dwell_mean_error_s: Seconds | None = Field(
        description="Mean of the errors of visits, too long and too short alike."
    )
    dwell_median_error_s: Seconds | None
    dwell_p90_error_s: Seconds | None
    dwell_worst_error_s: Seconds | None
    dwell_bias_s: float | None = Field(description="Mean of what was said less the truth.")
    dwell_mean_s: Seconds | None
    dwell_mean_truth_s: Seconds | None
    dwell_median_s: Seconds | None
    dwell_median_truth_s: Seconds | None
    dwell_p90_s: Seconds | None = Field(description="Nine visits in ten are shorter.")
    dwell_p90_truth_s: Seconds | None
    dwell_distance: Share | None = Field(
        description="Of the distributions of dwell (Kolmogorov-Smirnov): the largest difference, over all lengths, of"
        " the shares of visits that are no longer."
    )
    visits: Whole | None
    visits_truth: Whole | None
    visits_paired: Whole | None = Field(description="Visits that were reported and happened.")
    occupancy_mean_error: float | None = Field(
        description="Of the site: mean over time of the difference, in people; null where cameras are left out."
    )
    journeys_right: Share | None = Field(
        description="People whose journey is exactly right: visits (enter and leave within 3 s) and crossings (within"
        " 3 s), visits alone where `lines` is null."
        " Null where the truth has no visits or no boxes."
    )
    transitions_right: Share | None = Field(description="Changes of camera with one identity on both.")
    never_found: tuple[int, ...] | None = Field(description="People whom no box ever showed.")
    nobody: tuple[int, ...] | None = Field(description="Identities that show nobody.")
    cameras: tuple[CameraRecord, ...]
    lines: tuple[LineRecord, ...] | None
    occupancy: tuple[OccupancyRecord, ...] | None
    visit_list: tuple[VisitRecord, ...] | None
    journeys: tuple[JourneyRecord, ...]
    transitions: tuple[TransitionRecord, ...]
    merges: tuple[ConfusionRecord, ...] | None = Field(description="Null, as all of boxes, where none were drawn.")
    splits: tuple[ConfusionRecord, ...] | None
    switch_list: tuple[SwitchRecord, ...] | None


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema by the name of the file in ``docs/schemas``."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {"evaluate-site.schema.json": draft | SiteRecord.model_json_schema(mode="serialization")}
