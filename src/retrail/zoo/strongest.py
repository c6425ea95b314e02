"""Which model a site uses that names none: the strongest that is on this machine, else Retrail's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from retrail.core.errors import ModelError
from retrail.zoo.card import Card, Task
from retrail.zoo.catalogue import find_card, require_licence
from retrail.zoo.places import BUILT_IN, locate

AUTO = "auto"
RECOMMENDED: Mapping[Task, str] = {
    "person-detection": "person-detection-retail-0013",
    "person-reidentification": "person-reidentification-retail-0287",
}
"""Stronger than the built-in ones, fast enough for a shop's machine, and under a licence that allows commercial use."""
PULL = "retrail models pull --recommended"


def strongest(task: Task, models_dir: Path | None = None, licences: Literal["any", "commercial"] = "any") -> Card:
    """The recommended model of a task where it is on this machine, else the built-in one.

    Raises:
        ModelError: only the built-in one is here, and its licence does not fit; names what to pull.
    """
    recommended, own = find_card(RECOMMENDED[task]), find_card(BUILT_IN[task])
    try:
        locate(recommended, models_dir)
    except ModelError:
        try:
            require_licence(own, licences)
        except ModelError as error:
            raise ModelError(
                error.what,
                found=error.found,
                allowed=f"{recommended.name} ({recommended.licence}), among others",
                hint=PULL,
            ) from None
        return own
    require_licence(recommended, licences)
    return recommended


def is_built_in(name: str) -> bool:
    """Whether a model comes with Retrail."""
    return name in BUILT_IN.values()
