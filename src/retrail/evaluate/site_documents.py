"""What to print of a site's score."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from retrail.evaluate.identities import Confusion, Decision
from retrail.evaluate.shop import DwellScore, VisitPair
from retrail.evaluate.site import CameraScore, SiteScore
from retrail.evaluate.site_records import (
    CameraRecord,
    ConfusionRecord,
    DecisionRecord,
    JourneyRecord,
    LineRecord,
    LossRecord,
    OccupancyRecord,
    SiteRecord,
    SwitchRecord,
    TransitionRecord,
    VisitRecord,
)


def site_record(score: SiteScore, truth: str) -> SiteRecord:
    """What to print of a site's score. ``truth``: where the truth lies, as it was given."""
    lines = score.lines
    whole = next((one for one in score.occupancy or () if not one.zone), None)
    return SiteRecord(
        site=score.site.name,
        truth=truth,
        left_out=score.left_out,
        not_drawn=score.not_drawn,
        visitors=round(score.visitors.estimate),
        visitors_low=score.visitors.low,
        visitors_high=score.visitors.high,
        visitors_truth=score.visitors_truth,
        unresolved=score.visitors.unresolved,
        recall=score.recall,
        precision=score.precision,
        idf1=score.identities.idf1,
        idf1_single=score.idf1_single,
        idf1_tracks=score.idf1_tracks,
        hota=score.hota.hota,
        losses=LossRecord.model_validate(score.losses, from_attributes=True),
        switches=score.switches,
        entries=sum(line.entries for line in lines) if lines else None,
        entries_truth=sum(line.entries_truth for line in lines) if lines else None,
        exits=sum(line.exits for line in lines) if lines else None,
        exits_truth=sum(line.exits_truth for line in lines) if lines else None,
        **_dwell(score.dwell),
        occupancy_mean_error=whole.mean_error if whole else None,
        journeys_right=score.journeys_right,
        transitions_right=score.transitions_right,
        never_found=score.never_found if score.cameras else None,
        nobody=score.nobody if score.cameras else None,
        cameras=tuple(map(_camera, score.cameras)),
        lines=None if lines is None else tuple(LineRecord.model_validate(line, from_attributes=True) for line in lines),
        occupancy=None
        if score.occupancy is None
        else tuple(OccupancyRecord.model_validate(one, from_attributes=True) for one in score.occupancy),
        visit_list=None if score.visits is None else tuple(_visit(pair, score) for pair in score.visits),
        journeys=tuple(
            JourneyRecord(person=one.person, identity=one.identity, right=one.right, wrong=one.wrong)
            for one in score.journeys
        ),
        transitions=tuple(
            TransitionRecord(
                person=one.person,
                from_camera=one.from_camera,
                to_camera=one.to_camera,
                leave=_moment(one.leave_s, score),
                enter=_moment(one.enter_s, score),
                before=one.before,
                after=one.after,
                right=one.right,
            )
            for one in score.transitions
        ),
        merges=_confusions("merge", score),
        splits=_confusions("split", score),
        switch_list=_switches(score),
    )


def _dwell(dwell: DwellScore | None) -> dict[str, Any]:
    errors = ("mean_error_s", "median_error_s", "p90_error_s", "worst_error_s", "bias_s")
    lengths = ("mean_s", "mean_truth_s", "median_s", "median_truth_s", "p90_s", "p90_truth_s", "distance")
    counts = {"visits": "visits", "visits_truth": "visits_truth", "visits_paired": "paired"}
    keys = {f"dwell_{name}": name for name in errors + lengths} | counts
    return {key: None if dwell is None else getattr(dwell, name) for key, name in keys.items()}


def _camera(camera: CameraScore) -> CameraRecord:
    clear = camera.frames.clear
    return CameraRecord(
        camera=camera.name,
        recall=clear.recall,
        precision=clear.precision,
        idf1=camera.identities.idf1,
        idf1_tracks=camera.tracks.idf1,
        hota=camera.hota.hota,
        switches=len(clear.switches),
    )


def _visit(pair: VisitPair, score: SiteScore) -> VisitRecord:
    stay, visit = pair.stay, pair.visit
    enter_s = visit.enter_s if visit else stay.enter_s if stay else 0.0
    return VisitRecord(
        zone=pair.zone,
        camera=pair.camera,
        person=pair.person,
        identity=stay.who if stay and isinstance(stay.who, int) else None,
        enter=_moment(enter_s, score),
        dwell_s=stay.length_s if stay else None,
        dwell_truth_s=visit.dwell_s if visit else None,
        error_s=pair.error_s,
    )


def _switches(score: SiteScore) -> tuple[SwitchRecord, ...] | None:
    if not score.cameras:
        return None
    return tuple(
        SwitchRecord(
            camera=camera.name,
            time=_moment(float(camera.frames.times_s[one.step]), score),
            person=one.person,
            before=one.before,
            after=one.after,
        )
        for camera in score.cameras
        for one in camera.frames.clear.switches
    )


def _confusions(kind: str, score: SiteScore) -> tuple[ConfusionRecord, ...] | None:
    if not score.cameras:
        return None
    return tuple(_confusion(one, score) for one in score.confusions if one.kind == kind)


def _confusion(one: Confusion, score: SiteScore) -> ConfusionRecord:
    return ConfusionRecord(
        person=one.person,
        identity=one.identity,
        other=one.other,
        frames=one.frames,
        from_tracking=one.from_tracking,
        decisions=tuple(_decision(decision, score) for decision in one.decisions),
    )


def _decision(one: Decision, score: SiteScore) -> DecisionRecord:
    candidate = one.candidate
    return DecisionRecord(
        sighting=one.sighting,
        camera=one.camera,
        start=_moment(one.start_s, score),
        end=_moment(one.end_s, score),
        quality=one.quality,
        frames=one.frames,
        mixed=one.mixed,
        outcome=one.outcome,
        probability=one.probability,
        log_odds=candidate.log_odds if candidate else None,
        total_log_odds=candidate.total_log_odds if candidate else None,
        similarity=candidate.similarity if candidate else None,
        entries=one.entries,
        reasons=one.reasons,
    )


def _moment(time_s: float, score: SiteScore) -> datetime:
    return datetime.fromtimestamp(time_s, score.site.timezone)
