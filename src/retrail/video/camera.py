"""How a camera and its source are named without giving a secret away."""

from __future__ import annotations

import re

from retrail.site import Camera

_PASSWORD_IN_ADDRESS = re.compile(r"(://[^\s/@:]*):[^\s/]*@")


def clean(camera: Camera, text: object) -> str:
    """``text`` as it may be shown: the source's secrets masked, and any password in an address.

    FFmpeg's messages name the address they are about; every message goes through here.
    """
    return _PASSWORD_IN_ADDRESS.sub(r"\1:***@", camera.source.clean(str(text)))


def shown(camera: Camera) -> str:
    """The camera and its source, as an error names the place."""
    return f"camera {camera.name}: {clean(camera, camera.source)}"
