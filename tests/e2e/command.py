"""The command, and what running it left."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COMMAND = [sys.executable, "-m", "retrail"]


@dataclass(frozen=True)
class Ran:
    """What a command left: its status, what it printed, and the JSON object printed last."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.strip().splitlines()[-1])


Retrail = Callable[..., Ran]
