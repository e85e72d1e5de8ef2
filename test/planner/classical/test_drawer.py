import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from tabletop import Box, camera_pose, cube, render, to_world

from bridge_ros.errors import PlanError
from bridge_ros.plan import GripperAction, PlanLimits, StageRecord, check_plan
from bridge_ros.planner.classical.drawer import DrawerSettings, choose_handle_grasp
from bridge_ros.planner.classical.grasp import GraspSettings
from bridge_ros.planner.classical.planner import ClassicalPlanner
from bridge_ros.planner.grounding.cabinet import Handle

HEIGHT = 0.13
BAR = (0.012, 0.09, 0.012)


def cabinet(x, y, facing, *, colour="brown", reach=0.048):
    """A box with a handle in front of the face that looks along `facing`; where its middle is."""
    normal = np.array([np.cos(facing), np.sin(facing)])
    side = np.array([-normal[1], normal[0]])
    middle, z = np.array([x, y]), HEIGHT - 0.026
    bar = middle + normal * (0.09 + reach)
    ends = [middle + normal * (0.09 + reach / 2) + side * s * 0.041 for s in (-1, 1)]
    boxes = [
        Box(colour, x, y, (0.18, 0.20, HEIGHT), facing),
        Box("grey", *bar, BAR, facing, z),
        *(Box("grey", *end, (reach, 0.008, 0.008), facing, z + 0.002) for end in ends),
    ]
    return boxes, bar, normal


def look_and_plan(planner, boxes, history):
    frame = render(boxes)
    plan = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, "open the drawer", history)
    return check_plan(plan, frame.intrinsics, PlanLimits())


@pytest.mark.parametrize(
    ("x", "y", "facing", "colour"),
    [(0.48, -0.28, 1.4, "brown"), (0.48, 0.28, -1.5, "blue"), (0.45, 0.25, -1.1, "white")],
)
def test_a_drawer_is_opened_by_its_handle_along_its_normal(x, y, facing, colour):
    boxes, bar, normal = cabinet(x, y, facing, colour=colour)
    boxes.append(cube("red", 0.55, 0.0))
    planner, history = ClassicalPlanner(), ()
    plans = []
    for outcome in ("grasped", "reached", "reached"):
        plans.append(look_and_plan(planner, boxes, history))
        history = (*history, StageRecord(plan=plans[-1], outcome=outcome))
    grasp, pull, let_go = plans
    points = to_world(grasp.waypoints)
    assert grasp.gripper_action is GripperAction.CLOSE
    assert np.linalg.norm(points[-1, :2] - bar) < 0.006
    assert HEIGHT - 0.030 < points[-1, 2] < HEIGHT - 0.012
    assert points[0, 2] > HEIGHT + 0.02
    opening = (camera_pose()[0] @ Rotation.from_quat(grasp.target_pose[3:]).as_matrix())[:, 1]
    assert abs(opening[:2] @ normal) > 0.99, "the fingers close across the bar"
    assert 0.024 < grasp.approach_width_m < 0.042
    way = to_world(pull.waypoints)[-1] - points[-1]
    assert pull.gripper_action is GripperAction.KEEP
    assert way[:2] @ normal == pytest.approx(0.11, abs=0.003)
    assert abs(way[2]) < 0.003
    assert (let_go.gripper_action, let_go.final) == (GripperAction.KEEP, True)
    assert let_go.approach_width_m == pytest.approx(grasp.approach_width_m)
    assert to_world(let_go.waypoints)[-1, 2] > points[-1, 2] + 0.1


def test_a_missed_handle_is_tried_again():
    boxes, bar, _ = cabinet(0.48, -0.28, 1.4)
    planner, history = ClassicalPlanner(), ()
    for outcome in ("missed", "reached"):
        plan = look_and_plan(planner, boxes, history)
        history = (*history, StageRecord(plan=plan, outcome=outcome))
    again = look_and_plan(planner, boxes, history)
    assert again.gripper_action is GripperAction.CLOSE
    assert np.linalg.norm(to_world(again.waypoints)[-1, :2] - bar) < 0.006


def test_no_cabinet_and_no_handle_are_told_apart():
    boxes, _, _ = cabinet(0.48, -0.28, 1.4)
    with pytest.raises(PlanError, match='"drawer": no cabinet is in view; seen: a red cube'):
        look_and_plan(ClassicalPlanner(), [cube("red", 0.5, 0.0)], ())
    with pytest.raises(PlanError, match="no handle stands off its sides"):
        look_and_plan(ClassicalPlanner(), boxes[:1], ())


def test_a_handle_without_room_for_a_finger_behind_it_is_refused():
    handle = Handle(
        center=np.array([0.0, 0.5, 0.1]),
        normal=np.array([1.0, 0.0]),
        reach_m=0.030,
        thickness_m=0.012,
        length_m=0.09,
        cabinet_top_m=0.13,
    )
    with pytest.raises(PlanError, match="stands 30 mm off"):
        choose_handle_grasp(handle, DrawerSettings(), GraspSettings())
