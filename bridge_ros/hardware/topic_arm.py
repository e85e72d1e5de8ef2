"""An FR3 that another Cartesian controller moves: checked targets go out, its state comes in."""

from __future__ import annotations

import time
from collections.abc import Callable

from bridge_ros.errors import HardwareError
from bridge_ros.geometry.poses import FloatArray, distance_between, position_of
from bridge_ros.hardware.foreign_state import ForeignJoints, ForeignPose, ForeignState
from bridge_ros.hardware.fr3_kinematics import tcp_pose
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.protocols import ArmState
from bridge_ros.hardware.topic_settings import TopicSettings

SendPose = Callable[[FloatArray], None]


class TopicArm:
    """Sends poses to a foreign controller while a motion runs; implements `Arm`.

    The robot's modes, reflexes and payload are the foreign controller's matter. What we promise is
    that nothing is sent outside a motion of ours, and that a state which is too old, in motion or
    at rest, counts as a lost connection. Once we fall silent it is to hold the last pose sent.

    Args:
        send: publishes a pose `(7,)`, base frame; called from the controller's thread.
        state: where its measurements are put.
        tool: where the tool centre point is.
    """

    def __init__(
        self, settings: TopicSettings, *, send: SendPose, state: ForeignState, tool: GripperModel
    ) -> None:
        self._settings = settings
        self._send = send
        self._mailbox = state
        self._tool = tool
        self._following = False

    def connect(self) -> None:
        """See `Arm`; needs a fresh state, of the same tool as ours."""
        self._following = False
        joints, measured = self._fresh()
        expected = self.pose_of(joints.positions)
        mismatch_m = distance_between(measured.pose, expected)
        if mismatch_m > self._settings.max_mismatch_m:
            raise HardwareError(
                f"{self._settings.pose_topic}: expected our tool centre point at "
                f"{position_of(expected).round(3).tolist()} m, as the joints say, got "
                f"{position_of(measured.pose).round(3).tolist()} m; do frame_id, the tool of that "
                "controller and tool_file fit?"
            )

    def start(self) -> None:
        """See `Arm`."""
        self._fresh()
        self._following = True

    def follow(self, pose: FloatArray, twist: FloatArray) -> None:
        """See `Arm`; the twist has no place in the message."""
        if self._following:
            self._send(pose)

    def state(self) -> ArmState:
        """See `Arm`."""
        joints, measured = self._fresh()
        return ArmState(
            joint_positions=joints.positions,
            joint_velocities=joints.velocities,
            joint_torques=joints.torques,
            ee_pose=measured.pose,
            mode="move" if self._following else "idle",
            errors=(),
            in_control=self._following,
            time_s=joints.measured_s,
        )

    def pose_of(self, joint_positions: FloatArray) -> FloatArray:
        """See `Arm`."""
        return tcp_pose(joint_positions, self._tool.flange_to_tcp)

    def stop(self) -> None:
        """See `Arm`; the last pose sent is near, for the controller brakes before it stops."""
        self._following = False

    def recover(self) -> bool:
        """See `Arm`; a reflex is for the foreign controller to recover from."""
        self._following = False
        self._fresh()
        return True

    def close(self) -> None:
        """See `Arm`."""
        self._following = False

    def _fresh(self) -> tuple[ForeignJoints, ForeignPose]:
        settings, now_s = self._settings, time.monotonic()
        joints, pose = self._mailbox.newest
        if joints is None or pose is None:
            missing = settings.joint_states_topic if joints is None else settings.pose_topic
            raise HardwareError(
                f"{missing}: expected the arm's state, got nothing usable yet; is the other "
                "controller running?"
            )
        for topic, measured_s in (
            (settings.joint_states_topic, joints.measured_s),
            (settings.pose_topic, pose.measured_s),
        ):
            if now_s - measured_s > settings.max_age_s:
                raise HardwareError(
                    f"{topic}: expected a state of at most {settings.max_age_s} s, got one of "
                    f"{now_s - measured_s:.2f} s"
                )
        return joints, pose
