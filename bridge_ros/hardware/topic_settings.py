"""Settings of an arm that is driven through another controller's topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class TopicSettings:
    """The Cartesian controller that follows our targets, and how it tells where the arm is.

    Attributes:
        target_topic: PoseStamped that it follows, at our streaming rate.
        pose_topic: PoseStamped of the tool centre point, the same point that targets are for.
        joint_states_topic: JointState of the arm's seven joints; others of it are ignored.
        frame_id: the frame of all these poses by that controller's name for the robot's base.
        max_age_s: a state older than this is none: the arm counts as lost. One stamped further
            ahead is refused.
        max_mismatch_m: how far its pose and that of our tool, calculated from its joints, may be
            apart on connecting; more, and the two do not speak of the same point.
    """

    target_topic: str = "/cartesian_controller/target_pose"
    pose_topic: str = "/franka_robot_state_broadcaster/current_pose"
    joint_states_topic: str = "/franka/joint_states"
    frame_id: str = "fr3_link0"
    max_age_s: Annotated[float, Range(0.02, 1.0)] = 0.1
    max_mismatch_m: Annotated[float, Range(0.001, 0.2)] = 0.03

    def __post_init__(self) -> None:
        check_ranges(self)
        for name in ("target_topic", "pose_topic", "joint_states_topic", "frame_id"):
            if not getattr(self, name):
                raise ConfigError(f"{name}: expected a name, got nothing")
