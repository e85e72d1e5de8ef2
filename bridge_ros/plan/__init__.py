"""What passes between thinking and acting: the plan of one stage, in either frame, and its checks.

A plan is well-formed from its construction on; `check_plan` holds it to limits and to the image.
"""

from bridge_ros.plan.base_frame_plan import BaseFramePlan
from bridge_ros.plan.checks import PlanLimits, check_plan
from bridge_ros.plan.frames import plan_in_base, plan_in_camera
from bridge_ros.plan.gripper_action import GripperAction
from bridge_ros.plan.stage_plan import END_TOLERANCE_M, check_end
from bridge_ros.plan.stage_record import StageRecord
from bridge_ros.plan.waypoint_plan import WaypointPlan
from bridge_ros.plan.waypoints import as_waypoints

__all__ = [
    "END_TOLERANCE_M",
    "BaseFramePlan",
    "GripperAction",
    "PlanLimits",
    "StageRecord",
    "WaypointPlan",
    "as_waypoints",
    "check_end",
    "check_plan",
    "plan_in_base",
    "plan_in_camera",
]
