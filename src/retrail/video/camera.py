"""What this room wants to know of a camera, and how its source is named without giving a secret away."""

from __future__ import annotations

import re
from typing import Protocol

from retrail.core.secrets import Secret

_PASSWORD_IN_ADDRESS = re.compile(r"(://[^\s/@:]*):[^\s/]*@")


class Camera(Protocol):
    """The fields of ``retrail.site.Camera`` that video reads."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> Secret: ...
    @property
    def fps(self) -> float | None: ...
    @property
    def start_s(self) -> float | None: ...
    @property
    def offset_s(self) -> float: ...
    @property
    def name_time(self) -> str | None: ...


def clean(camera: Camera, text: object) -> str:
    """``text`` as it may be shown: the source's secrets masked, and any password in an address.

    FFmpeg's messages name the address they are about; every message goes through here.
    """
    return _PASSWORD_IN_ADDRESS.sub(r"\1:***@", camera.source.clean(str(text)))


def shown(camera: Camera) -> str:
    """The camera and its source, as an error names the place."""
    return f"camera {camera.name}: {clean(camera, camera.source)}"
