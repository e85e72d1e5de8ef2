"""What a model replies in the two steps: schemas, strict reading, and lifting to a plan.

Image coordinates are the model's own (`PixelMap`), depth is in millimetres. A rotation is three
angles in degrees, `R = Rx(a) Ry(b) Rz(c)` in the camera's frame: a and b say where the gripper
points (its z axis), and c turns it about that axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, pose_at, rotation_of
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan
from bridge_ros.planner.vlm.coordinates import PixelMap
from bridge_ros.planner.vlm.named_things import named_things
from bridge_ros.planner.vlm.reply_json import expect_keys, number, numbers, object_in, sentence

MAX_SUBGOAL_CHARS = 120
_WHOLE_NUMBER = {"type": "integer", "minimum": -9999, "maximum": 9999}
"""Of pixels, millimetres or degrees; a reply with fractions is read all the same."""
_ACTIONS = {action.name.lower(): action for action in GripperAction}


@dataclass(frozen=True, kw_only=True)
class AnchorReply:
    """Step one: the next subgoal, and where in the image it is.

    Attributes:
        subgoal: for people, e.g. "grasp the red cube".
        anchor: `(2,)` in the model's coordinates.
    """

    subgoal: str
    anchor: FloatArray


@dataclass(frozen=True, kw_only=True)
class WaypointReply:
    """Step two: the way to the keypoint and what happens there.

    Attributes:
        waypoints: `(N, 3)` along the way: the model's coordinates, depth [mm]; the target excluded.
        target: `(3,)` of the end effector at the keypoint, the same.
        rotation_deg: `(3,)` of the end effector there.
        opening_mm: of the gripper on the way; None keeps it as it is.
        gripper_action: at the keypoint.
        done: whether the task is done then.
    """

    waypoints: FloatArray
    target: FloatArray
    rotation_deg: FloatArray
    opening_mm: float | None
    gripper_action: GripperAction
    done: bool


def anchor_schema(subgoal: str | None = None) -> dict[str, Any]:
    """JSON schema of step one; of a closer look at what a subgoal, already named, is about."""
    named = {"type": "string"} if subgoal is None else {"type": "string", "enum": [subgoal]}
    coordinates = {"type": "array", "items": _WHOLE_NUMBER, "minItems": 2, "maxItems": 2}
    return _object({"subgoal": named, "anchor": coordinates})


def waypoint_schema(limits: PlanLimits) -> dict[str, Any]:
    """JSON schema of step two."""
    three = {"type": "array", "items": _WHOLE_NUMBER, "minItems": 3, "maxItems": 3}
    opening = {"type": "integer", "minimum": 0, "maximum": round(1000.0 * limits.stroke_m)}
    return _object(
        {
            "waypoints": {
                "type": "array",
                "items": three,
                "minItems": 1,
                "maxItems": limits.max_waypoints - 1,
            },
            "target": three,
            "rotation": three,
            "opening": {"anyOf": [opening, {"type": "null"}]},
            "gripper": {"type": "string", "enum": list(_ACTIONS)},
            "done": {"type": "boolean"},
        }
    )


def parse_anchor(reply: str) -> AnchorReply:
    """Read step one. Raises PlanError."""
    entries = object_in(reply)
    expect_keys(entries, ("subgoal", "anchor"))
    return AnchorReply(
        subgoal=sentence(entries["subgoal"], "subgoal", MAX_SUBGOAL_CHARS),
        anchor=np.array(numbers(entries["anchor"], "anchor", 2)),
    )


def parse_waypoints(reply: str, limits: PlanLimits) -> WaypointReply:
    """Read step two. Raises PlanError."""
    return waypoints_from(object_in(reply), limits)


def waypoints_from(entries: dict[str, Any], limits: PlanLimits) -> WaypointReply:
    """Check the entries of step two. Raises PlanError."""
    expect_keys(entries, ("waypoints", "target", "rotation", "opening", "gripper", "done"))
    listed = entries["waypoints"]
    if not isinstance(listed, list) or not 1 <= len(listed) < limits.max_waypoints:
        count = len(listed) if isinstance(listed, list) else "no list"
        raise PlanError(f"waypoints: expected 1 to {limits.max_waypoints - 1}, got {count}")
    rows = [numbers(row, f"waypoint {i}", 3) for i, row in enumerate(listed, start=1)]
    target = numbers(entries["target"], "target", 3)
    if rows[-1] == target and len(rows) > 1:
        del rows[-1]
    gripper, done = entries["gripper"], entries["done"]
    if not isinstance(gripper, str) or gripper not in _ACTIONS:
        raise PlanError(f"gripper: expected one of {', '.join(_ACTIONS)}")
    if not isinstance(done, bool):
        raise PlanError("done: expected true or false")
    opening = entries["opening"]
    return WaypointReply(
        waypoints=np.array(rows),
        target=np.array(target),
        rotation_deg=np.array(numbers(entries["rotation"], "rotation", 3)),
        opening_mm=None if opening is None else number(opening, "opening"),
        gripper_action=_ACTIONS[gripper],
        done=done,
    )


def lift(
    reply: WaypointReply, subgoal: str, pixel_map: PixelMap, intrinsics: Intrinsics
) -> WaypointPlan:
    """The plan in the camera frame [m] that a reply means. Raises PlanError if it makes none."""
    uvd = np.vstack([reply.waypoints, reply.target])
    pixels = pixel_map.to_pixels(uvd[:, :2])
    points = intrinsics.deproject(pixels, uvd[:, 2] / 1000.0)
    rotation = Rotation.from_euler("XYZ", reply.rotation_deg, degrees=True)
    return WaypointPlan(
        waypoints=points,
        target_pose=pose_at(points[-1], rotation),
        gripper_action=reply.gripper_action,
        approach_width_m=None if reply.opening_mm is None else reply.opening_mm / 1000.0,
        subgoal=subgoal,
        final=reply.done,
        things=named_things(subgoal),
    )


def lower(plan: WaypointPlan, pixel_map: PixelMap, intrinsics: Intrinsics) -> WaypointReply:
    """The reply that means a plan, not rounded: the inverse of `lift`."""
    points = np.asarray(plan.waypoints, dtype=np.float64)
    uv = pixel_map.from_pixels(intrinsics.project(points))
    uvd = np.column_stack([uv, 1000.0 * points[:, 2]])
    width_m = plan.approach_width_m
    return WaypointReply(
        waypoints=uvd[:-1],
        target=uvd[-1],
        rotation_deg=rotation_of(plan.target_pose).as_euler("XYZ", degrees=True),
        opening_mm=None if width_m is None else 1000.0 * width_m,
        gripper_action=plan.gripper_action,
        done=plan.final,
    )


def entries_of(reply: WaypointReply) -> dict[str, Any]:
    """A reply as a model writes it: in whole numbers."""
    return {
        "waypoints": np.rint(reply.waypoints).astype(int).tolist(),
        "target": np.rint(reply.target).astype(int).tolist(),
        "rotation": np.rint(reply.rotation_deg).astype(int).tolist(),
        "opening": None if reply.opening_mm is None else round(reply.opening_mm),
        "gripper": reply.gripper_action.name.lower(),
        "done": reply.done,
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
