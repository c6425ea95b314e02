"""What really happened in front of the cameras: one folder of open formats, from a simulation or from labelled footage.

    cameras.csv        camera, width_px, height_px, frame_rate_hz, first_frame[, simulated]
    frames/CAMERA.csv  frame, time                          where frames are not even; wins over the rate
    mot/CAMERA.txt     frame, id, left, top, width, height, conf, class, visibility (MOT17's gt.txt, no header)
    people.csv         person, staff, group                 may be missing, as those below: then it is not judged
    visits.csv         person, camera, zone, enter, leave, dwell_s
    crossings.csv      person, line, direction, time
    occupancy.csv      time, zone, people                   changes only; an empty zone is the whole site

UTF-8, CSV with a header, times ISO 8601 with zone. Frames count from 1 as the video file has them. An id is one person
on all cameras.
"""

from retrail.simulate.truth.reading import read_truth
from retrail.simulate.truth.types import (
    Truth,
    TruthBoxes,
    TruthCamera,
    TruthCrossing,
    TruthOccupancy,
    TruthPerson,
    TruthVisit,
)
from retrail.simulate.truth.writing import clear_truth, write_truth

__all__ = [
    "Truth",
    "TruthBoxes",
    "TruthCamera",
    "TruthCrossing",
    "TruthOccupancy",
    "TruthPerson",
    "TruthVisit",
    "clear_truth",
    "read_truth",
    "write_truth",
]
