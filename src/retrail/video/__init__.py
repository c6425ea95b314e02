"""Sources, clocks, reconnect, planes, and the writer of annotated clips. Knows no models."""

from retrail.video.camera import Camera
from retrail.video.source import Counters, Source, open_source

__all__ = ["Camera", "Counters", "Source", "open_source"]
