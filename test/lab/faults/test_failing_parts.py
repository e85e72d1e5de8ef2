"""The camera and the planner that fail when told to, around ones that work."""

import numpy as np
import pytest

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.lab.faults.failing_camera import FailingCamera
from bridge_ros.lab.faults.failing_planner import FailingPlanner
from bridge_ros.lab.faults.system_under_test import line_host_for
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan, check_plan

INTRINSICS = Intrinsics(width=8, height=6, fx=8.0, fy=8.0, cx=3.5, cy=2.5)


class Camera:
    def start(self):
        pass

    def read(self, timeout_s):
        return RGBDFrame(
            rgb=np.full((6, 8, 3), 7, np.uint8),
            depth_m=np.full((6, 8), 0.5, np.float32),
            intrinsics=INTRINSICS,
            stamp_s=100.0,
        )

    def stop(self):
        pass


class Planner:
    def plan(self, rgb, depth_m, intrinsics, instruction, history):
        waypoints = np.array([[0.0, 0.0, 0.6], [0.0, 0.05, 0.8]])
        return WaypointPlan(
            waypoints=waypoints,
            target_pose=np.array([*waypoints[-1], 0.0, 0.0, 0.0, 1.0]),
            gripper_action=GripperAction.CLOSE,
            approach_width_m=None,
            subgoal="grasp it",
            final=True,
        )


def frame(word):
    return FailingCamera(Camera(), lambda: word).read(0.01)


def test_a_camera_fails_as_the_word_says():
    assert frame("").stamp_s == 100.0
    assert frame("clock -5").stamp_s == 95.0
    assert not frame("black").rgb.any()
    assert not frame("no depth").depth_m.any()
    assert frame("no depth").rgb.any()
    with pytest.raises(CameraError, match="no frame within"):
        frame("stalled")
    with pytest.raises(CameraError, match="unplugged"):
        frame("unplugged")


def test_half_the_resolution_sees_the_same_points():
    half, whole = frame("half"), frame("")
    assert half.rgb.shape == (3, 4, 3)
    seen = half.intrinsics.deproject(np.array([[1.0, 2.0]]), np.array([0.5]))
    same = whole.intrinsics.deproject(np.array([[2.0, 4.0]]), np.array([0.5]))
    assert np.allclose(seen, same)


def plan(word):
    planner = FailingPlanner(Planner(), lambda: word)
    found = planner.plan(None, None, INTRINSICS, "grasp it", ())
    return check_plan(found, INTRINSICS, PlanLimits())


def test_a_planner_fails_as_the_word_says():
    assert plan("").subgoal == "grasp it"
    with pytest.raises(PlanError, match="cannot be reached"):
        plan("dead")
    with pytest.raises(IndexError):
        plan("breaks")
    with pytest.raises(PlanError):
        plan("garbage")


def test_the_proxy_in_front_of_the_arm_listens_next_to_the_devices():
    assert line_host_for("127.0.0.1") == "127.0.0.2"
    with pytest.raises(Exception, match="expected a loopback address"):
        line_host_for("172.16.0.2")
