"""Small scenarios for tests."""

from __future__ import annotations

from pathlib import Path

from retrail.simulate.scenario import Scenario, load_scenario

ROOM = """\
scenario: room
seed: 5
length_s: {length_s}
room: [-4, -3, 8, 6]
walls:
  - {{from: [0, 0], to: [2, 0]}}
  - {{from: [4, 0], to: [8, 0]}}
  - {{from: [0, 0], to: [0, 6]}}
  - {{from: [0, 6], to: [8, 6]}}
  - {{from: [8, 0], to: [8, 6]}}
furniture:
  - {{kind: shelf, at: [6.5, 3], size: [1.6, 0.6, 1.4]}}
doors:
  door: {{from: [2, 0], to: [4, 0], outside: [[-3, -1.6]]}}
spots:
  shelf: {{at: [6.5, 2.2], face_deg: 90}}
cameras:
  hall: {{at: [3, 5.8, 2.8], look_at: [3, 1, 0.6], width_px: 320, height_px: 180, rate_hz: 5}}
zones:
  floor: {{camera: hall, floor: [[0.5, 1], [5, 1], [5, 4], [0.5, 4]]}}
lines:
  door: {{camera: hall, from: [1.5, 0.6], to: [4.5, 0.6], inside: [3, 3]}}
people:
{people}
"""


def room(folder: Path, people: str, length_s: float = 30, *changes: tuple[str, str]) -> Scenario:
    """A room with a door in the south and one camera, and who is in it (YAML lines of ``people``).

    Args:
        changes: (was, now) pieces of its text, one after the other; where ``was`` is empty, ``now`` is added.
    """
    text = ROOM.format(people=people, length_s=length_s)
    for was, now in changes:
        assert was in text
        text = text.replace(was, now, 1) if was else f"{text}{now}\n"
    path = folder / "room.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)
