"""What somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near_hint(found: object, options: Iterable[str]) -> str | None:
    """``did you mean …?`` for the nearest one or two options, or None where nothing is near.

    >>> near_hint("polygn", ["camera", "polygon"])
    "did you mean 'polygon'?"
    """
    if not isinstance(found, str):
        return None
    by_folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(found.strip().casefold(), by_folded, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(by_folded[name]) for name in near)}?" if near else None
