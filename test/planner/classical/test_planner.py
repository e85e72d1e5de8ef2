import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from tabletop import Box, arm, basket, camera_pose, cube, render, to_world

from bridge_ros.errors import PlanError
from bridge_ros.plan import GripperAction, PlanLimits, StageRecord, check_plan
from bridge_ros.planner.classical.planner import ClassicalPlanner

SCENE = [
    cube("red", 0.50, 0.10, yaw=0.3),
    cube("green", 0.55, -0.10, side=0.05),
    cube("blue", 0.60, 0.02, yaw=-0.6),
    *basket("brown", 0.45, -0.28),
]


@pytest.fixture(scope="module")
def frame():
    return render(SCENE)


def ask(planner, frame, sentence, *outcomes):
    """The plan that follows stages with these outcomes, all asked for in the same frame."""
    history = ()
    for outcome in (*outcomes, None):
        plan = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, history)
        plan = check_plan(plan, frame.intrinsics, PlanLimits())
        if outcome is not None:
            history = (*history, StageRecord(plan=plan, outcome=outcome))
    return plan


def in_world(plan):
    """Waypoints `(N, 3)` and the gripper's rotation `(3, 3)` in the world."""
    rotation = camera_pose()[0] @ Rotation.from_quat(plan.target_pose[3:]).as_matrix()
    return to_world(plan.waypoints), rotation


def test_a_grasp_comes_from_above_onto_the_middle_along_the_sides(frame):
    plan = ask(ClassicalPlanner(), frame, "pick up the red cube")
    points, rotation = in_world(plan)
    assert plan.gripper_action is GripperAction.CLOSE
    assert (plan.subgoal, plan.final) == ("grasp the red cube", False)
    assert np.linalg.norm(points[-1, :2] - [0.50, 0.10]) < 0.005
    assert 0.015 <= points[-1, 2] <= 0.025
    assert np.linalg.norm(points[0, :2] - points[-1, :2]) < 0.005
    assert points[0, 2] > 0.09
    assert rotation[:, 2] == pytest.approx([0, 0, -1], abs=0.02)
    turn = (np.arctan2(rotation[1, 1], rotation[0, 1]) - 0.3) % (np.pi / 2)
    assert min(turn, np.pi / 2 - turn) < np.deg2rad(5)
    assert rotation[0, 0] > 0.7, "the wrist turns by 45 degrees at most from facing the camera"
    assert 0.055 < plan.approach_width_m < 0.085


def test_a_pick_ends_with_a_lift(frame):
    plan = ask(ClassicalPlanner(), frame, "pick up the red cube", "grasped")
    points, _ = in_world(plan)
    assert (plan.gripper_action, plan.final) == (GripperAction.KEEP, True)
    assert points[-1, 2] > 0.15
    assert np.linalg.norm(points[-1, :2] - [0.50, 0.10]) < 0.005


def test_stacking_lets_go_just_above_the_other_with_its_sides_aligned(frame):
    planner = ClassicalPlanner()
    plan = ask(planner, frame, "stack the red cube on the blue cube", "grasped")
    points, rotation = in_world(plan)
    assert plan.gripper_action is GripperAction.OPEN
    assert np.linalg.norm(points[-1, :2] - [0.60, 0.02]) < 0.005
    held_below = 0.02
    assert 0.001 < points[-1, 2] - held_below - 0.04 < 0.008
    turn = (np.arctan2(rotation[1, 1], rotation[0, 1]) + 0.6) % (np.pi / 2)
    assert min(turn, np.pi / 2 - turn) < np.deg2rad(6)
    assert points[:-1, 2].min() > 0.08 + 0.02, "what is held passes above everything"
    retreat = ask(planner, frame, "stack the red cube on the blue cube", "grasped", "reached")
    assert (retreat.gripper_action, retreat.final) == (GripperAction.KEEP, True)
    assert in_world(retreat)[0][-1, 2] > points[-1, 2] + 0.1


def test_into_the_basket_is_above_its_rim_and_over_its_middle(frame):
    plan = ask(ClassicalPlanner(), frame, "put the red cube into the basket", "grasped")
    points, _ = in_world(plan)
    assert np.linalg.norm(points[-1, :2] - [0.45, -0.28]) < 0.006
    assert 0.005 < points[-1, 2] - 0.02 - 0.08 < 0.025


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("put the green cube next to the blue one", "something red stands on the green cube"),
        ("put the blue cube on the green one", "something red stands on the green cube"),
    ],
)
def test_what_carries_another_thing_stays_and_carries_no_more(sentence, reason):
    stack = [cube("green", 0.5, 0.0), Box("red", 0.5, 0.0, (0.04, 0.04, 0.04), z=0.04)]
    with pytest.raises(PlanError, match=f"{reason}: move that first"):
        ask(ClassicalPlanner(), render([*stack, cube("blue", 0.5, 0.2)]), sentence)


def test_next_to_is_beside_and_free(frame):
    plan = ask(ClassicalPlanner(), frame, "put the red cube next to the green one", "grasped")
    points, _ = in_world(plan)
    gap = np.linalg.norm(points[-1, :2] - [0.55, -0.10])
    assert 0.06 < gap < 0.15
    for other in ((0.60, 0.02), (0.45, -0.28)):
        assert np.linalg.norm(points[-1, :2] - other) > 0.06
    assert 0.015 < points[-1, 2] < 0.03


def test_next_to_leaves_room_for_fingers_that_open_wide():
    """They open along y here: beside a neighbour in y, the nearest free place is none."""
    target, reference = cube("red", 0.34, 0.0), cube("green", 0.50, 0.0)
    sentence = "put the red cube next to the green one"
    alone = ask(ClassicalPlanner(), render([target, reference]), sentence, "grasped")
    spot = in_world(alone)[0][-1, :2]
    neighbour = cube("blue", spot[0], spot[1] + 0.085)
    crowded = ask(ClassicalPlanner(), render([target, reference, neighbour]), sentence, "grasped")
    apart = np.abs(in_world(crowded)[0][-1, :2] - [neighbour.x, neighbour.y])
    assert apart[1] - 0.02 > 0.07 or apart[0] - 0.02 > 0.015


def test_a_miss_is_followed_by_backing_off_and_another_look(frame):
    planner = ClassicalPlanner()
    back_off = ask(planner, frame, "pick up the red cube", "missed")
    assert (back_off.gripper_action, back_off.final) == (GripperAction.OPEN, False)
    assert in_world(back_off)[0][-1, 2] > 0.15
    again = ask(planner, frame, "pick up the red cube", "missed", "reached")
    assert again.gripper_action is GripperAction.CLOSE


def test_a_reference_that_the_arm_hides_is_remembered_but_not_one_that_is_gone(frame):
    planner = ClassicalPlanner()
    sentence = "stack the red cube on the blue cube"
    grasp = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, ())
    history = (StageRecord(plan=grasp, outcome="grasped"),)
    hidden = render([*SCENE, *arm(0.64, 0.02, 0.0)])
    place = planner.plan(hidden.rgb, hidden.depth_m, hidden.intrinsics, sentence, history)
    assert np.linalg.norm(in_world(place)[0][-1, :2] - [0.60, 0.02]) < 0.005
    gone = render([box for box in SCENE if box.colour != "blue"])
    with pytest.raises(PlanError, match='nothing is "blue"'):
        planner.plan(gone.rgb, gone.depth_m, gone.intrinsics, sentence, history)
    with pytest.raises(PlanError, match='"red cube"'):
        ClassicalPlanner().plan(hidden.rgb, hidden.depth_m, hidden.intrinsics, sentence, history)


def test_a_reference_that_was_moved_is_found_where_it_is_now(frame):
    planner = ClassicalPlanner()
    sentence = "stack the red cube on the blue cube"
    grasp = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, sentence, ())
    moved = render([cube("blue", 0.62, 0.20), *[box for box in SCENE if box.colour != "blue"]])
    place = planner.plan(
        moved.rgb,
        moved.depth_m,
        moved.intrinsics,
        sentence,
        (StageRecord(plan=grasp, outcome="grasped"),),
    )
    assert np.linalg.norm(in_world(place)[0][-1, :2] - [0.62, 0.20]) < 0.005


def test_fingers_keep_off_a_neighbour():
    crowded = render([cube("red", 0.50, 0.0), cube("green", 0.50, 0.065, side=0.05)])
    plan = ask(ClassicalPlanner(), crowded, "pick up the red cube")
    opening = in_world(plan)[1][:, 1]
    assert abs(opening[0]) > 0.95, "they close across the free sides"


def test_no_room_for_fingers_is_refused():
    walls = [
        Box("blue", 0.50 + dx, dy, (0.05, 0.05, 0.05))
        for dx, dy in ((0.062, 0.0), (-0.062, 0.0), (0.0, 0.062), (0.0, -0.062))
    ]
    crowded = render([cube("red", 0.50, 0.0, side=0.05), *walls], eye=(0.75, 0.0, 1.0))
    with pytest.raises(PlanError, match="no room for the fingers beside the red cube"):
        ClassicalPlanner().plan(
            crowded.rgb, crowded.depth_m, crowded.intrinsics, "pick up the red cube", ()
        )


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("pick up the basket", "is 1[56][0-9] mm wide"),
        ("stack the red cube on the red cube", "are the same object"),
        ("put the red cube into the yellow bowl", 'nothing is "yellow"'),
        ("pick up the red banana", '"banana"'),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_moves(frame, sentence, said):
    with pytest.raises(PlanError, match=said):
        ask(ClassicalPlanner(), frame, sentence)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("put the red cube into the green cube", "not hollow"),
        ("put the red cube on the basket", "not flat"),
    ],
)
def test_what_is_no_place_is_refused_before_the_grasp(frame, sentence, said):
    with pytest.raises(PlanError, match=said):
        ask(ClassicalPlanner(), frame, sentence)


def test_after_the_last_stage_there_is_no_next(frame):
    with pytest.raises(PlanError, match="the task is done"):
        ask(ClassicalPlanner(), frame, "pick up the red cube", "grasped", "reached")
