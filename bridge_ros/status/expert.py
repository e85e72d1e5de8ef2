"""The expert's states, what can become of a stage, and every reason for it."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class StageOutcome(Word):
    """What has become of a stage; the values are those of `ExpertState`."""

    RUNNING = "following"
    REACHED = "reached"
    GRASPED = "grasped"
    MISSED = "missed"
    """The fingers closed on nothing."""
    FAILED = "failed"


class ExpertState(Word):
    """States on /bridge/status with the source expert."""

    STARTING = "starting"
    IDLE = "idle"
    FOLLOWING = "following"
    REACHED = "reached"
    GRASPED = "grasped"
    MISSED = "missed"
    FAILED = "failed"

    @property
    def outcome(self) -> StageOutcome | None:
        """What has become of the stage; None while there is none that has ended."""
        outcome = StageOutcome.read(self.value)
        return None if outcome is StageOutcome.RUNNING else outcome


class ExpertReason(Reason):
    """Why the expert is in its state; those that keep it silent make a stage fail that lasts."""

    CONTROLLER_UNHEARD = "controller_unheard", "nothing was heard of the controller yet"
    CONTROLLER_UNWILLING = (
        "controller_unwilling",
        "the controller takes no targets: {state}, {why}",
    )
    ARM_UNHEARD = (
        "arm_unheard",
        "the arm's pose was never received; is the controller up?",
    )
    ARM_STALE = "arm_stale", "the arm's pose is {age_s:.2f} s old: expected at most {limit_s} s"
    CAMERA_UNHEARD = "camera_unheard", "no depth image was ever received; is the camera up?"
    CLOUD_STALE = (
        "cloud_stale",
        "the newest depth image is {age_s:.2f} s old: expected at most {limit_s} s",
    )
    CLOUD_FROM_FUTURE = (
        "cloud_from_future",
        "the newest depth image is stamped {ahead_s:.2f} s in the future: expected at most "
        "{limit_s} s; do the clocks agree?",
    )
    INFERENCE_SLOW = (
        "inference_slow",
        "the newest action chunk is {age_s:.2f} s old: expected at most {limit_s} s; inference "
        "does not keep up",
    )
    INFERENCE_REFUSED = "inference_refused", "{why}"

    WAITING_FOR_TRAJECTORY = "waiting_for_trajectory", "waiting for a trajectory"
    NOTHING_TO_FOLLOW = "nothing_to_follow", "nothing to follow"

    FOLLOWING = "following", "following the trajectory"

    KEYPOINT_REACHED = "keypoint_reached", "the keypoint was reached"
    FINGERS_HOLD = "fingers_hold", "the fingers hold something {width_mm:.0f} mm wide"
    FINGERS_EMPTY = "fingers_empty", "the fingers closed on nothing"

    NOT_SETTLED = (
        "not_settled",
        "the keypoint was not settled at within {limit_s:.1f} s: the arm is {off_mm:.0f} mm and "
        "{off_rad:.2f} rad from its target, the gripper {width_mm:.0f} mm open",
    )
    STARTS_ELSEWHERE = (
        "starts_elsewhere",
        "the trajectory starts {off_m:.2f} m and {off_rad:.2f} rad from the arm: expected at most "
        "{limit_m} m and {limit_rad} rad",
    )
    TRAJECTORY_UNUSABLE = "trajectory_unusable", "{why}"
