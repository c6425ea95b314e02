"""Where the bones of somebody who walks, stands, reaches or sits are, and the skin around them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from retrail.simulate.render.body import BONES, SIDES

_THIGH, _SHIN, _ANKLE = 0.238, 0.222, 0.042
_SHOULDER_UP, _NECK_UP = 0.298, 0.352
_ARM, _FOREARM = 0.165, 0.15


@njit(cache=True, nogil=True, fastmath=False)
def _set(bones: Any, index: int, origin: Any, z: Any, y: Any) -> None:
    """A bone's frame from its upward and its forward axis, which need not be square to each other."""
    size = math.sqrt(z[0] * z[0] + z[1] * z[1] + z[2] * z[2])
    zx, zy, zz = z[0] / size, z[1] / size, z[2] / size
    dot = y[0] * zx + y[1] * zy + y[2] * zz
    yx, yy, yz = y[0] - dot * zx, y[1] - dot * zy, y[2] - dot * zz
    size = math.sqrt(yx * yx + yy * yy + yz * yz)
    yx, yy, yz = yx / size, yy / size, yz / size
    for axis in range(3):
        bones[index, 0, axis] = origin[axis]
    bones[index, 1, 0], bones[index, 1, 1], bones[index, 1, 2] = yy * zz - yz * zy, yz * zx - yx * zz, yx * zy - yy * zx
    bones[index, 2, 0], bones[index, 2, 1], bones[index, 2, 2] = yx, yy, yz
    bones[index, 3, 0], bones[index, 3, 1], bones[index, 3, 2] = zx, zy, zz


@njit(cache=True, nogil=True, fastmath=False)
def pose(state: Any, time_s: float, number: int, height: float, shoulder: float, hip: float) -> Any:
    """The bones of a person.

    Args:
        state: (7,) of `world.STATE`.
        number: makes people fidget unlike each other.
        height: metres; ``shoulder`` and ``hip``: half widths in heights.

    Returns:
        (bones, 4, 3) float64: origin, right, forward, up; metres.
    """
    bones = np.zeros((BONES, 4, 3))
    heading, phase, stride, sit, reach = state[2], state[3], state[4], state[5], state[6]
    forward = np.array([math.cos(heading), math.sin(heading), 0.0])
    right = np.array([math.sin(heading), -math.cos(heading), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    idle = (1.0 - stride) * (1.0 - 0.6 * sit)
    swing = 0.45 * stride * math.sin(phase)
    thighs = np.empty(2)
    knees = np.empty(2)
    for side in range(2):
        sign = 1.0 if side == 0 else -1.0
        lift = max(0.0, sign * math.cos(phase))
        thighs[side] = (1.0 - sit) * (sign * swing + 0.16 * stride * lift) + sit * 1.48
        knees[side] = (1.0 - sit) * stride * (0.1 + 0.9 * lift * lift) + sit * (1.48 + sign * 0.08)
        knees[side] += 0.03 * idle
    drop = 0.0
    for side in range(2):
        drop = max(drop, _THIGH * math.cos(thighs[side]) + _SHIN * math.cos(thighs[side] - knees[side]))
    pelvis = np.array([state[0], state[1], (drop + _ANKLE) * height])
    pelvis += right * (0.012 * height * (stride * math.cos(phase) + idle * math.sin(0.5 * time_s + number)))
    sway = -0.13 * stride * math.sin(phase) + 0.05 * idle * math.sin(0.37 * time_s + 2.1 * number)
    chest_forward = forward * math.cos(sway) - right * math.sin(sway)
    chest_right = right * math.cos(sway) + forward * math.sin(sway)
    lean = 0.03 + 0.05 * stride + 0.09 * reach + 0.06 * sit
    chest_up = up * math.cos(lean) + chest_forward * math.sin(lean)
    _set(bones, 0, pelvis, up, forward)
    _set(bones, 1, pelvis, chest_up, chest_forward)
    glance = 0.45 * (1.0 - 0.7 * stride) * math.sin(0.61 * time_s + 1.7 * number) + 0.2 * math.sin(1.3 * time_s)
    nod = 0.06 + 0.3 * reach + 0.2 * sit
    look = (forward * math.cos(glance) + right * math.sin(glance)) * math.cos(nod) - up * math.sin(nod)
    _set(bones, 2, pelvis + chest_up * (_NECK_UP * height), up + 0.5 * (chest_up - up) + 0.6 * nod * forward, look)
    mean_leg = np.zeros(3)
    for side in range(2):
        out = -right if side == 0 else right
        joint = pelvis + out * (hip * height)
        thigh = -up * math.cos(thighs[side]) + forward * math.sin(thighs[side]) + out * 0.02
        thigh_front = forward * math.cos(thighs[side]) + up * math.sin(thighs[side])
        mean_leg += thigh
        turned = thighs[side] - knees[side]
        shin = -up * math.cos(turned) + forward * math.sin(turned)
        shin_front = forward * math.cos(turned) + up * math.sin(turned)
        knee = joint + thigh * (_THIGH * height)
        ankle = knee + shin * (_SHIN * height)
        _set(bones, 3 + 3 * side, joint, -thigh, thigh_front)
        _set(bones, 4 + 3 * side, knee, -shin, shin_front)
        pitch = 0.5 * turned * (1.0 - sit) + 0.0 * sit
        toes = forward * math.cos(pitch) + up * math.sin(pitch) + out * 0.15
        _set(bones, 5 + 3 * side, ankle, toes, up * math.cos(pitch) - forward * math.sin(pitch))
    for side in range(2):
        out = -chest_right if side == 0 else chest_right
        sign = 1.0 if side == 0 else -1.0
        reaching = reach if side == 1 else 0.25 * reach
        raised = (
            -sign * swing * 1.1 + reaching * 1.25 + sit * 0.55 + 0.04 * idle * math.sin(0.8 * time_s + number + side)
        )
        bend = 0.22 + 0.3 * stride * max(0.0, -sign * math.sin(phase)) + 0.5 * reaching + 0.85 * sit
        joint = pelvis + chest_up * (_SHOULDER_UP * height) + out * (shoulder * height)
        arm = chest_forward * math.sin(raised) - chest_up * math.cos(raised) + out * 0.16
        arm_front = chest_forward * math.cos(raised) + chest_up * math.sin(raised)
        size = math.sqrt((arm * arm).sum())
        elbow = joint + arm * (_ARM * height / size)
        raised += bend
        forearm = chest_forward * math.sin(raised) - chest_up * math.cos(raised) + out * 0.03
        forearm_front = chest_forward * math.cos(raised) + chest_up * math.sin(raised)
        size = math.sqrt((forearm * forearm).sum())
        _set(bones, 9 + 2 * side, joint, -arm, arm_front)
        _set(bones, 10 + 2 * side, elbow, -forearm, forearm_front)
        if side == 0:
            _set(bones, 14, elbow + forearm * ((_FOREARM + 0.03) * height / size), up, forward)
    _set(bones, 13, pelvis, -mean_leg, forward * max(0.05, -mean_leg[2]) + up * (mean_leg * forward).sum())
    return bones


@njit(cache=True, nogil=True, fastmath=False)
def skin(bones: Any, rings: Any, first: Any, height: float, spread: float) -> tuple[Any, Any]:
    """The surface around the bones.

    Args:
        bones: of `pose`.
        rings, first: of `Body`.
        spread: how far the legs are apart, 0..1: hems grow with it.

    Returns:
        points (v, 3) metres and unit normals (v, 3), outwards.
    """
    count = rings.shape[0]
    columns = SIDES + 1
    points = np.empty((count * columns, 3))
    normals = np.empty((count * columns, 3))
    for ring in range(count):
        bone = int(rings[ring, 0])
        along, rx, ry = rings[ring, 1] * height, rings[ring, 2] * height, rings[ring, 3] * height
        cx, cy = rings[ring, 4] * height, rings[ring, 5] * height
        ry *= 1.0 + rings[ring, 6] * spread
        for side in range(columns):
            # Column 0 is the back, the middle one the front; from above clockwise: over the left to the front.
            angle = -0.5 * math.pi - 2.0 * math.pi * side / SIDES
            x, y = cx + rx * math.cos(angle), cy + ry * math.sin(angle)
            for axis in range(3):
                points[ring * columns + side, axis] = (
                    bones[bone, 0, axis]
                    + along * bones[bone, 3, axis]
                    + x * bones[bone, 1, axis]
                    + y * bones[bone, 2, axis]
                )
    for tube in range(first.shape[0] - 1):
        top, bottom = first[tube], first[tube + 1] - 1
        for ring in range(top, bottom + 1):
            above, below = max(top, ring - 1), min(bottom, ring + 1)
            for side in range(columns):
                before = side - 1 if side > 0 else SIDES - 1
                after = side + 1 if side < SIDES else 1
                ux = points[ring * columns + after, 0] - points[ring * columns + before, 0]
                uy = points[ring * columns + after, 1] - points[ring * columns + before, 1]
                uz = points[ring * columns + after, 2] - points[ring * columns + before, 2]
                vx = points[below * columns + side, 0] - points[above * columns + side, 0]
                vy = points[below * columns + side, 1] - points[above * columns + side, 1]
                vz = points[below * columns + side, 2] - points[above * columns + side, 2]
                nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
                size = math.sqrt(nx * nx + ny * ny + nz * nz)
                if size < 1e-12:
                    nx, ny, nz, size = 0.0, 0.0, 1.0 if ring == top else -1.0, 1.0
                normals[ring * columns + side, 0] = nx / size
                normals[ring * columns + side, 1] = ny / size
                normals[ring * columns + side, 2] = nz / size
    return points, normals
