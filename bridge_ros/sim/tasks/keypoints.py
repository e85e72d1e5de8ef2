"""Stages from privileged state: top-down grasps, places and retreats, in the base frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of, tilt
from bridge_ros.plan import BaseFramePlan, GripperAction
from bridge_ros.sim.objects.sim_object import SimObject
from bridge_ros.sim.privileged_state import PrivilegedState

FINGERTIP_M = 0.008
"""How far the fingertips reach beyond the tool centre point."""
LOWEST_M = FINGERTIP_M + 0.006
_STROKE_M = 0.110
_APPROACH_M = 0.09
_TRAVEL_M = 0.12
_WIDEST_M = 0.096
_RIM_DEPTH_M = 0.016
_GRASP_SHARE = 0.84
"""A little below the middle, so that the fingers reach past the widest part of round things."""
_FINGER_REACH_M = 0.064
"""From the tool centre point to the outside of an open finger."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One object to be brought somewhere.

    Attributes:
        name: of the object.
        place: `(3,)` where its frame is to be let go of, base frame.
        yaw_rad: orientation about the vertical that its frame is to have; None for any.
        symmetry_rad: a turn by which the object looks the same.
        done: whether it is there already.
        goal: in words: "on the green cube".
        onto: the thing that those words name; empty for none.
    """

    name: str
    place: FloatArray
    done: bool
    goal: str
    onto: str = ""
    yaw_rad: float | None = None
    symmetry_rad: float = np.pi / 2


def next_transfer_stage(state: PrivilegedState, transfers: Sequence[Transfer]) -> BaseFramePlan:
    """The next stage towards bringing every object where it belongs, in order."""
    for transfer in transfers:
        if transfer.done:
            continue
        held = state.held
        if held == transfer.name:
            return place_stage(state, transfer)
        if held is not None:
            return put_down_stage(state, held)
        return grasp_stage(state, transfer.name)
    return retreat_stage(state)


def top_down(position: FloatArray, yaw_rad: float) -> FloatArray:
    """Pose `(7,)` of a gripper that points down; at yaw 0 its fingers open along base y."""
    turned = Rotation.from_euler("z", yaw_rad) * Rotation.from_euler("x", np.pi)
    return np.concatenate([position, turned.as_quat()])


def yaw_of(pose: FloatArray) -> float:
    """The yaw [rad] of a gripper that points down, the inverse of `top_down`."""
    x, y, _ = rotation_of(pose).apply([1.0, 0.0, 0.0])
    return float(np.arctan2(y, x))


def grasp_stage(state: PrivilegedState, name: str) -> BaseFramePlan:
    """Close the fingers round an object from above."""
    thing, pose = state.object(name), state.pose(name)
    position = np.array(position_of(pose))
    if thing.shape == "cup" and tilt(pose) < 0.5:
        position[2] += thing.size_m[2] / 2 - _RIM_DEPTH_M
    else:
        position[2] *= _GRASP_SHARE
    position[2] = max(position[2], LOWEST_M)
    target = top_down(position, _grasp_yaw(state, thing))
    return BaseFramePlan(
        waypoints=_via(state.ee_pose, target),
        target_pose=target,
        gripper_action=GripperAction.CLOSE,
        approach_width_m=_STROKE_M,
        subgoal=f"grasp the {name}",
        final=False,
        things=(name,),
    )


def lift_stage(state: PrivilegedState, name: str, height_m: float = 0.15) -> BaseFramePlan:
    """Raise what is held."""
    target = np.array(state.ee_pose)
    target[2] += height_m
    return _move(
        _straight(state, target),
        target,
        GripperAction.KEEP,
        f"lift the {name}",
        (name,),
        final=True,
    )


def place_stage(state: PrivilegedState, transfer: Transfer) -> BaseFramePlan:
    """Bring the held object to its place and let go."""
    ee_pose, pose = state.ee_pose, state.pose(transfer.name)
    turn = 0.0
    if transfer.yaw_rad is not None:
        x, y, _ = rotation_of(pose).apply(_flattest_axis(pose))
        turn = _wrap(transfer.yaw_rad - np.arctan2(y, x), transfer.symmetry_rad)
    offset = Rotation.from_euler("z", turn).apply(position_of(ee_pose) - position_of(pose))
    target = top_down(transfer.place + offset, yaw_of(ee_pose) + turn)
    target[2] = max(target[2], LOWEST_M)
    subgoal = f"put the {transfer.name} {transfer.goal}"
    things = (transfer.name, transfer.onto) if transfer.onto else (transfer.name,)
    return _move(_via(ee_pose, target), target, GripperAction.OPEN, subgoal, things)


def put_down_stage(state: PrivilegedState, name: str) -> BaseFramePlan:
    """Let go of something that was not to be held, where it is, on the table."""
    target = np.array(state.ee_pose)
    lowest = state.position(name)[2] - min(state.object(name).size_m) / 2
    target[2] = max(target[2] - max(lowest, 0.0), LOWEST_M)
    above = position_of(target) + [0.0, 0.0, 0.02]
    waypoints = np.array([above, position_of(target)])
    things = (name, "table")
    return _move(waypoints, target, GripperAction.OPEN, f"put the {name} down", things)


def retreat_stage(state: PrivilegedState, height_m: float = 0.12) -> BaseFramePlan:
    """Open-handed away from what was done: straight up."""
    target = top_down(position_of(state.ee_pose) + [0.0, 0.0, height_m], yaw_of(state.ee_pose))
    waypoints = _straight(state, target)
    return _move(waypoints, target, GripperAction.KEEP, "retreat", (), final=True)


def _move(
    waypoints: FloatArray,
    target: FloatArray,
    action: GripperAction,
    subgoal: str,
    things: tuple[str, ...],
    final: bool = False,
) -> BaseFramePlan:
    return BaseFramePlan(
        waypoints=waypoints,
        target_pose=target,
        gripper_action=action,
        approach_width_m=None,
        subgoal=subgoal,
        final=final,
        things=things,
    )


def _straight(state: PrivilegedState, target: FloatArray) -> FloatArray:
    """Waypoints `(2, 3)`: half way, and the whole."""
    return np.array([(position_of(state.ee_pose) + position_of(target)) / 2, position_of(target)])


def _via(ee_pose: FloatArray, target: FloatArray) -> FloatArray:
    """Waypoints `(N, 3)`: up, over, down."""
    above = position_of(target) + [0.0, 0.0, _APPROACH_M]
    travel_z = max(above[2], _TRAVEL_M)
    points = [above, position_of(target)]
    if ee_pose[2] < travel_z - 0.03 and np.linalg.norm(ee_pose[:2] - target[:2]) > 0.02:
        points.insert(0, np.array([*ee_pose[:2], travel_z]))
    return np.array(points)


def _grasp_yaw(state: PrivilegedState, thing: SimObject) -> float:
    """The yaw of the best top-down grasp: narrow, with room for the fingers, near the home yaw."""
    pose = state.pose(thing.name)
    rotation = rotation_of(pose).as_matrix()
    directions = [np.arctan2(axis[1], axis[0]) for axis in rotation.T if abs(axis[2]) < 0.7]
    if thing.shape == "cup":
        directions = [directions[0] + i * np.pi / 6 for i in range(6)]
    others = [other for other in state.objects if other.name != thing.name]
    best, best_score = 0.0, -np.inf
    for direction in directions:
        yaw = _wrap(direction - np.pi / 2, np.pi)
        opening = np.array([np.cos(direction), np.sin(direction), 0.0])
        width = float(np.abs(opening @ rotation) @ thing.size_m)
        tips = [position_of(pose) + side * _FINGER_REACH_M * opening for side in (-1, 1)]
        room = min((_room(state, tip, other) for tip in tips for other in others), default=1.0)
        score = min(room, 0.02) * 20 - abs(yaw) * 0.1 - 8 * width - 40 * max(0.0, width - _WIDEST_M)
        if thing.shape == "cup":
            score += 8 * width
        if score > best_score:
            best, best_score = yaw, score
    return best


def _room(state: PrivilegedState, tip: FloatArray, other: SimObject) -> float:
    """How far a fingertip is from another object, which counts as a disc [m]."""
    radius = 0.45 * float(np.hypot(*other.size_m[:2]))
    return float(np.linalg.norm(tip[:2] - state.position(other.name)[:2])) - radius


def _flattest_axis(pose: FloatArray) -> FloatArray:
    """The axis of an object's frame, x before y before z, that is nearest to level."""
    steep = np.abs(rotation_of(pose).as_matrix()[2]) + [0.0, 1e-3, 2e-3]
    axis = np.zeros(3)
    axis[int(np.argmin(steep))] = 1.0
    return axis


def _wrap(angle: float, period: float) -> float:
    """The equivalent of an angle nearest to zero."""
    return float((angle + period / 2) % period - period / 2)
