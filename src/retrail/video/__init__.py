"""Sources, clocks, reconnect, planes, and the writer of annotated clips. Knows no models."""

from retrail.video.journal import Counters
from retrail.video.source import Source, open_source

__all__ = ["Counters", "Source", "open_source"]
