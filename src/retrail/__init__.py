"""Retrail: who came, where they went and how long they stayed, without knowing who anybody is."""

from retrail.associate import Matcher
from retrail.core.errors import RetrailError
from retrail.core.types import Count, Journey, Match, Visit
from retrail.pipeline import Pipeline
from retrail.site import Site

__version__ = "0.1.0"

__all__ = ["Count", "Journey", "Match", "Matcher", "Pipeline", "RetrailError", "Site", "Visit", "__version__"]
