"""What the tables of a truth have in their headers, and what a camera may be called in them."""

from __future__ import annotations

from retrail.simulate.rows import Row

CAMERAS = ("camera", "width_px", "height_px", "frame_rate_hz", "first_frame")
FRAMES = ("frame", "time")
PEOPLE = ("person", "staff", "group")
VISITS = ("person", "camera", "zone", "enter", "leave", "dwell_s")
CROSSINGS = ("person", "line", "direction", "time")
OCCUPANCY = ("time", "zone", "people")


def is_name(row: Row) -> bool:
    """Whether a camera can be called so: it is the name of its files too."""
    name = row.text("camera")
    return bool(name) and "/" not in name and "\\" not in name and not name.startswith(".")
