"""Messages to core types and back; what arrives is checked here, at the door."""

from __future__ import annotations

import sys

import numpy as np
from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose, PoseStamped
from numpy.typing import ArrayLike, NDArray
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import BridgeError, CameraError, ObservationError, PlanError
from bridge_ros.expert.stage_order import StageOrder
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.ros import topics
from bridge_ros.status import TrajectoryReason
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory


def stamp_to_s(stamp: Time) -> float:
    """A message's stamp in seconds since the epoch."""
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


def s_to_stamp(seconds: float) -> Time:
    """Seconds since the epoch as a message's stamp."""
    nanoseconds = round(seconds * 1e9)
    return Time(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def pose_to_msg(pose: ArrayLike) -> Pose:
    """A pose `(7,)` as a message."""
    x, y, z, qx, qy, qz, qw = map(float, np.asarray(pose))
    message = Pose()
    message.position.x, message.position.y, message.position.z = x, y, z
    orientation = message.orientation
    orientation.x, orientation.y, orientation.z, orientation.w = qx, qy, qz, qw
    return message


def pose_from_msg(message: Pose) -> FloatArray:
    """A pose `(7,)`, unchecked: what uses it knows how to refuse it."""
    p, q = message.position, message.orientation
    return np.array([p.x, p.y, p.z, q.x, q.y, q.z, q.w])


def pose_from_stamped(message: PoseStamped, *, frame_id: str, name: str) -> FloatArray:
    """A pose `(7,)`.

    Raises:
        ObservationError: for another frame, or what is no pose; begins with `name`.
    """
    got = message.header.frame_id
    if got != frame_id:
        raise ObservationError(f"{name}: expected frame {frame_id!r}, got {got!r}")
    return as_pose(pose_from_msg(message.pose), name=name)


def pose_to_stamped(pose: ArrayLike, *, frame_id: str, stamp: Time) -> PoseStamped:
    """A pose `(7,)` with its frame and stamp."""
    message = PoseStamped(pose=pose_to_msg(pose))
    message.header.frame_id, message.header.stamp = frame_id, stamp
    return message


def plan_to_msg(
    plan: WaypointPlan | None, *, plan_id: str, instruction: str, stage: int, stamp: Time
) -> WaypointPlanMsg:
    """A plan in the camera's optical frame; None becomes the empty plan, which stops the arm."""
    message = WaypointPlanMsg(plan_id=plan_id, instruction=instruction, stage=stage)
    message.header.frame_id, message.header.stamp = topics.OPTICAL_FRAME, stamp
    message.approach_width = -1.0
    if plan is not None:
        message.subgoal, message.final = plan.subgoal, plan.final
        message.waypoints = [Point(x=x, y=y, z=z) for x, y, z in plan.waypoints.tolist()]
        message.target_pose = pose_to_msg(plan.target_pose)
        message.gripper_action = int(plan.gripper_action)
        if plan.approach_width_m is not None:
            message.approach_width = plan.approach_width_m
    return message


def plan_from_msg(message: WaypointPlanMsg) -> WaypointPlan | None:
    """The plan of a message, None for an empty one.

    Raises:
        PlanError: for another frame than the camera's, and for what WaypointPlan itself refuses.
    """
    if not message.waypoints:
        return None
    if message.header.frame_id != topics.OPTICAL_FRAME:
        raise PlanError(
            TrajectoryReason.PLAN_FRAME.because(
                expected=topics.OPTICAL_FRAME, got=message.header.frame_id
            )
        )
    return WaypointPlan(
        waypoints=np.array([[p.x, p.y, p.z] for p in message.waypoints]),
        target_pose=pose_from_msg(message.target_pose),
        gripper_action=GripperAction.of(message.gripper_action),
        approach_width_m=None if message.approach_width < 0.0 else message.approach_width,
        subgoal=message.subgoal,
        final=message.final,
    )


def start_from_msg(message: PoseStamped) -> FloatArray | None:
    """The pose `(7,)` from which a request's trajectory begins; None where it names no frame.

    Raises:
        PlanError: for another frame than base.
    """
    frame = message.header.frame_id
    if not frame:
        return None
    if frame != topics.BASE_FRAME:
        raise PlanError(TrajectoryReason.START_FRAME.because(expected=topics.BASE_FRAME, got=frame))
    return pose_from_msg(message.pose)


def trajectory_to_msg(
    trajectory: PoseTrajectory | None,
    *,
    plan_id: str,
    stage: int,
    gripper_action: GripperAction,
    stamp: Time,
) -> PoseTrajectoryMsg:
    """A trajectory in the base frame; None becomes the empty one, which stops the arm."""
    message = PoseTrajectoryMsg(plan_id=plan_id, stage=stage, gripper_action=int(gripper_action))
    message.header.frame_id, message.header.stamp = topics.BASE_FRAME, stamp
    if trajectory is not None:
        message.poses = [pose_to_msg(pose) for pose in trajectory.poses]
        message.gripper_widths = trajectory.gripper_widths.tolist()
        message.time_from_start = trajectory.times_s.tolist()
    return message


def trajectory_from_msg(message: PoseTrajectoryMsg) -> PoseTrajectory | None:
    """The trajectory of a message, None for an empty one.

    Raises:
        PlanError: for another frame, lengths that differ, or what PoseTrajectory itself refuses.
    """
    if not message.poses:
        return None
    if message.header.frame_id != topics.BASE_FRAME:
        raise PlanError(
            f"trajectory: expected frame {topics.BASE_FRAME!r}, got {message.header.frame_id!r}"
        )
    return PoseTrajectory(
        times_s=np.array(message.time_from_start, dtype=np.float64),
        poses=np.array([pose_from_msg(pose) for pose in message.poses]),
        gripper_widths=np.array(message.gripper_widths, dtype=np.float64),
    )


def order_from_msg(message: PoseTrajectoryMsg) -> StageOrder:
    """The order of a trajectory message, which tells by itself whether it is usable."""
    motion, unusable = None, None
    try:
        trajectory = trajectory_from_msg(message)
        if trajectory is not None:
            motion = trajectory, GripperAction.of(message.gripper_action)
    except BridgeError as error:
        unusable = error
    return StageOrder(
        plan_id=message.plan_id,
        stage=message.stage,
        stamp_s=stamp_to_s(message.header.stamp),
        motion=motion,
        unusable=unusable,
    )


def intrinsics_to_msg(intrinsics: Intrinsics, stamp: Time) -> CameraInfo:
    """The camera_info of a rectified camera, in the optical frame."""
    message = CameraInfo(width=intrinsics.width, height=intrinsics.height)
    message.header.frame_id, message.header.stamp = topics.OPTICAL_FRAME, stamp
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    message.distortion_model = "plumb_bob"
    message.d = [0.0] * 5
    message.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return message


def intrinsics_from_msg(message: CameraInfo) -> Intrinsics:
    """Raises ConfigError for sizes or focal lengths that are not positive."""
    k = message.k
    return Intrinsics(
        width=message.width, height=message.height, fx=k[0], fy=k[4], cx=k[2], cy=k[5]
    )


def color_to_msg(frame: RGBDFrame, stamp: Time) -> Image:
    """The colour image as `rgb8` in the optical frame."""
    return _image(frame.rgb, "rgb8", 3, stamp)


def depth_to_msg(frame: RGBDFrame, stamp: Time) -> Image:
    """The aligned depth image as `16UC1` millimetres in the optical frame."""
    millimetres = np.clip(np.rint(frame.depth_m * 1000.0), 0, 65535).astype(np.uint16)
    return _image(millimetres, "16UC1", 2, stamp)


def color_from_msg(message: Image) -> NDArray[np.uint8]:
    """A `(H, W, 3)` uint8 RGB image. Raises CameraError for another encoding or length."""
    if message.encoding == "bgr8":
        return np.ascontiguousarray(_pixels(message, 3)[..., ::-1])
    if message.encoding != "rgb8":
        raise CameraError(f"colour image: expected encoding rgb8 or bgr8, got {message.encoding!r}")
    return _pixels(message, 3)


def depth_from_msg(message: Image) -> NDArray[np.float32]:
    """A `(H, W)` float32 depth image [m], 0 where unknown. Raises CameraError as above."""
    if message.encoding == "32FC1":
        depth = _pixels(message, 4).view(np.float32)[..., 0]
        return np.where(np.isfinite(depth) & (depth > 0), depth, np.float32(0))
    if message.encoding not in ("16UC1", "mono16"):
        raise CameraError(
            f"depth image: expected encoding 16UC1 or 32FC1, got {message.encoding!r}"
        )
    kind = np.dtype(">u2" if message.is_bigendian else "<u2")
    return _pixels(message, 2).view(kind)[..., 0].astype(np.float32) * np.float32(0.001)


def frame_from_msgs(color: Image, depth: Image, info: CameraInfo) -> RGBDFrame:
    """One RGB-D frame of three messages that belong together.

    Raises:
        CameraError: if they do not: other sizes, stamps, frame or encodings.
    """
    if color.header.stamp != depth.header.stamp:
        raise CameraError("colour and depth were not taken at the same time")
    for name, message in (("colour", color), ("depth", depth)):
        if message.header.frame_id != topics.OPTICAL_FRAME:
            raise CameraError(
                f"{name} image: expected frame {topics.OPTICAL_FRAME!r}, "
                f"got {message.header.frame_id!r}"
            )
    return RGBDFrame(
        rgb=color_from_msg(color),
        depth_m=depth_from_msg(depth),
        intrinsics=intrinsics_from_msg(info),
        stamp_s=stamp_to_s(color.header.stamp),
    )


def points_to_msg(points: ArrayLike, *, frame_id: str, stamp: Time) -> PointCloud2:
    """Points `(N, 3)` [m] as an unorganised cloud of float32 x, y, z."""
    data = np.ascontiguousarray(points, dtype="<f4").reshape(-1, 3)
    message = PointCloud2(height=1, width=len(data), point_step=12, row_step=12 * len(data))
    message.header.frame_id, message.header.stamp = frame_id, stamp
    message.is_dense = True
    message.fields = [
        PointField(name=name, offset=4 * i, datatype=PointField.FLOAT32, count=1)
        for i, name in enumerate("xyz")
    ]
    message.data.frombytes(data.tobytes())
    return message


def _image(
    pixels: NDArray[np.uint8] | NDArray[np.uint16], encoding: str, size: int, stamp: Time
) -> Image:
    height, width = pixels.shape[:2]
    message = Image(height=height, width=width, encoding=encoding, step=width * size)
    message.header.frame_id, message.header.stamp = topics.OPTICAL_FRAME, stamp
    message.is_bigendian = int(sys.byteorder == "big" and size == 2)
    # Assigning bytes to `data` takes 50 ms an image; filling the array in place 0.1 ms.
    message.data.frombytes(np.ascontiguousarray(pixels).tobytes())
    return message


def _pixels(message: Image, size: int) -> NDArray[np.uint8]:
    """The image's bytes as `(H, W, size)`, its row padding cut off."""
    height, width, step = message.height, message.width, message.step
    if height == 0 or width == 0 or step < width * size or len(message.data) < height * step:
        raise CameraError(
            f"image: {width}x{height} {message.encoding} needs rows of {width * size} bytes, "
            f"got rows of {step} and {len(message.data)} bytes in all"
        )
    rows = np.frombuffer(message.data, np.uint8, height * step).reshape(height, step)
    return np.ascontiguousarray(rows[:, : width * size]).reshape(height, width, size)
