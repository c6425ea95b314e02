"""The main job: wires the rooms below together. Keeps no domain rules."""

from retrail.pipeline.clips import AnnotatedClip, AnnotateSettings
from retrail.pipeline.decide import CaughtUp, Decider
from retrail.pipeline.job import Watch, Watched
from retrail.pipeline.lane import window_of
from retrail.pipeline.main import Pipeline, RunSettings
from retrail.pipeline.models import Models, card_of, cut_of, open_models
from retrail.pipeline.status import CameraStatus
from retrail.pipeline.summary import Summary, Took

__all__ = [
    "AnnotateSettings",
    "AnnotatedClip",
    "CameraStatus",
    "CaughtUp",
    "Decider",
    "Models",
    "Pipeline",
    "RunSettings",
    "Summary",
    "Took",
    "Watch",
    "Watched",
    "card_of",
    "cut_of",
    "open_models",
    "window_of",
]
