"""Telling mappings and lists apart in data that came out of a file."""

from __future__ import annotations

from typing import cast


def mapping(value: object) -> dict[str, object] | None:
    """The value if it is a mapping (`Document` sees to it that keys are text), else None."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def listing(value: object) -> list[object] | None:
    """The value if it is a list, else None."""
    return cast("list[object]", value) if isinstance(value, list) else None
