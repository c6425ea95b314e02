"""Retrail: who came, where they went and how long they stayed, without knowing who anybody is."""

import importlib
import typing

if typing.TYPE_CHECKING:
    from retrail.associate import Matcher
    from retrail.core.errors import RetrailError
    from retrail.core.types import Count, Journey, Match, Visit
    from retrail.pipeline import Pipeline
    from retrail.site import Site

__version__ = "0.1.0"

__all__ = ["Count", "Journey", "Match", "Matcher", "Pipeline", "RetrailError", "Site", "Visit", "__version__"]

_ROOMS = {
    "Count": "retrail.core.types",
    "Journey": "retrail.core.types",
    "Match": "retrail.core.types",
    "Matcher": "retrail.associate",
    "Pipeline": "retrail.pipeline",
    "RetrailError": "retrail.core.errors",
    "Site": "retrail.site",
    "Visit": "retrail.core.types",
}


def __getattr__(name: str) -> typing.Any:
    """Bring a public name when it is first asked for: each command imports only the rooms that it needs."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOMS])
