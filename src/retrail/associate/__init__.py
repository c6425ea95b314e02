"""Evidence, gallery, assignment, consolidation. Pure: no file, clock or socket."""

from retrail.associate.ledger import Resolution, fold
from retrail.associate.matcher import Matcher
from retrail.associate.replay import replay
from retrail.associate.settings import MatcherSettings

__all__ = ["Matcher", "MatcherSettings", "Resolution", "fold", "replay"]
