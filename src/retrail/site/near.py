"""What somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near_names(found: object, options: Iterable[str]) -> list[str]:
    """The nearest one or two options, nearest first; empty where nothing is near."""
    if not isinstance(found, str):
        return []
    by_folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(found.strip().casefold(), by_folded, n=2, cutoff=0.6)
    return [by_folded[name] for name in near]


def near_hint(found: object, options: Iterable[str]) -> str | None:
    """``did you mean …?``, or None where nothing is near.

    >>> near_hint("polygn", ["camera", "polygon"])
    "did you mean 'polygon'?"
    """
    names = near_names(found, options)
    return f"did you mean {' or '.join(map(repr, names))}?" if names else None
