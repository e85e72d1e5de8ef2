"""The trajectory node's states, and every reason to refuse a plan."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class TrajectoryState(Word):
    """States on /bridge/status with the source trajectory."""

    IDLE = "idle"
    FITTED = "fitted"
    FAILED = "failed"


class TrajectoryReason(Reason):
    """Why the trajectory node is in its state."""

    WAITING_FOR_PLAN = "waiting_for_plan", "waiting for a plan"
    PLAN_WITHDRAWN = "plan_withdrawn", "the plan was withdrawn"

    FITTED = "fitted", "{waypoints} waypoints, {duration_s:.1f} s"

    PLAN_OLD = "plan_old", "plan: its image is {age_s:.1f} s old: expected 0 to {limit_s} s"
    PLAN_FRAME = (
        "plan_frame",
        "plan: expected frame {expected!r} (waypoints as the camera sees them), got {got!r}",
    )
    START_FRAME = (
        "start_frame",
        "start: expected frame {expected!r} or an empty one (from where the arm is), got {got!r}",
    )
    START_UNKNOWN = (
        "start_unknown",
        "it is not known where the arm is: nothing within {limit_s} s on /bridge/ee_pose and "
        "/joint_states; is the controller up?",
    )
    CAMERA_UNPLACED = "camera_unplaced", "{why}"
    MALFORMED = "malformed", "{why}"
    NO_WAYPOINTS = "no_waypoints", "no waypoints: expected at least one, the keypoint"
    TOO_FEW_WAYPOINTS = (
        "too_few_waypoints",
        "waypoints: expected at least {least}, the way and its end, got {got}",
    )
    TOO_MANY_WAYPOINTS = "too_many_waypoints", "{got} waypoints: expected at most {most}"
    TOO_LOW = (
        "too_low",
        "{name} at {where} is too low: expected z of at least {lowest:.3f} m, {clearance:.3f} m "
        "above the table",
    )
    OUTSIDE_WORKSPACE = (
        "outside_workspace",
        "{name} at {where} is outside the workspace: expected between {low} and {high}",
    )
    GAP = "gap", "{name} is {gap_m:.2f} m from {before}: expected at most {limit_m} m"
    REPEATED = "repeated", "{name} repeats {before}: expected them at least 1 mm apart"
    TARGET_ELSEWHERE = (
        "target_elsewhere",
        "the last waypoint is {gap_mm:.1f} mm from the target pose: expected at most "
        "{limit_mm:.1f}",
    )
