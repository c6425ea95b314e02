"""The scenario file's schema: what may stand where. Its descriptions are what an editor shows."""

from retrail.simulate.spec.cameras import (
    CameraFlaws,
    CameraSpec,
    DistortionSpec,
    FlickerSpec,
    HuntingSpec,
    LineSpec,
    LinkSpec,
    MovedSpec,
    ZoneSpec,
)
from retrail.simulate.spec.people import CrowdSpec, PersonSpec, StepSpec
from retrail.simulate.spec.scenario import ScenarioSpec
from retrail.simulate.spec.shop import DoorSpec, FurnitureSpec, MannequinSpec, PosterSpec, QueueSpec, SpotSpec, WallSpec

__all__ = [
    "CameraFlaws",
    "CameraSpec",
    "CrowdSpec",
    "DistortionSpec",
    "DoorSpec",
    "FlickerSpec",
    "FurnitureSpec",
    "HuntingSpec",
    "LineSpec",
    "LinkSpec",
    "MannequinSpec",
    "MovedSpec",
    "PersonSpec",
    "PosterSpec",
    "QueueSpec",
    "ScenarioSpec",
    "SpotSpec",
    "StepSpec",
    "WallSpec",
    "ZoneSpec",
]
