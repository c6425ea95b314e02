"""The scenarios that come with Retrail."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def presets() -> tuple[str, ...]:
    """Their names."""
    names = (item.name for item in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def preset_path(name: str) -> Path:
    """The file of one of them."""
    return Path(str(files(__name__) / f"{name}.yaml"))
