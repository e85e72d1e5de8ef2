"""Publishes plans, and what rviz2 shows of them."""

from __future__ import annotations

from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from rclpy.node import Node
from visualization_msgs.msg import MarkerArray

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import plan_to_msg, s_to_stamp
from bridge_ros.ros.markers import plan_markers
from bridge_ros.task.events import PlanReleased, PlanShown


class PlanPublisher:
    """Publishes on plan and markers, both latched."""

    def __init__(self, node: Node) -> None:
        self._plan_pub = node.create_publisher(WaypointPlanMsg, topics.PLAN, topics.LATCHED)
        self._markers_pub = node.create_publisher(MarkerArray, topics.MARKERS, topics.LATCHED)

    def release(self, event: PlanReleased) -> None:
        """Let whoever follows plans follow this one; an empty one stops them."""
        stamp = s_to_stamp(event.stamp_s)
        self._plan_pub.publish(
            plan_to_msg(
                event.plan,
                plan_id=event.plan_id,
                instruction=event.instruction,
                stage=event.stage,
                stamp=stamp,
            )
        )
        self._markers_pub.publish(plan_markers(event.plan, stamp=stamp))

    def show(self, event: PlanShown) -> None:
        """Show a plan that nobody follows yet."""
        self._markers_pub.publish(plan_markers(event.plan, stamp=s_to_stamp(event.stamp_s)))
