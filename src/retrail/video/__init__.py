"""Sources, clocks, reconnect, planes, and the writer of annotated clips. Knows no models."""

from retrail.video.connection import is_live
from retrail.video.fed import Feed
from retrail.video.journal import Counters
from retrail.video.source import Source, open_source
from retrail.video.tape import PacketTape

__all__ = ["Counters", "Feed", "PacketTape", "Source", "is_live", "open_source"]
