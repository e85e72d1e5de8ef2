from dataclasses import replace

import numpy as np
import pytest
from tabletop import INTRINSICS, camera_pose, cube, render

from bridge_ros.errors import PlanError
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.task.gate import PlanGate
from bridge_ros.task.scene_check import check_unmoved
from bridge_ros.task.worker import PlanAnswer, PlanRequest

CUBE = (0.5, 0.1)
THEN = render([cube("red", *CUBE), cube("green", 0.55, -0.1)], seed=1)


def plan(x=CUBE[0], y=CUBE[1], z=0.02, action=GripperAction.CLOSE):
    """A plan whose target is at a place in the world."""
    rotation, eye = camera_pose()
    target = (np.array([x, y, z]) - eye) @ rotation
    return WaypointPlan(
        waypoints=np.stack([target - [0.0, 0.05, 0.0], target]),
        target_pose=np.concatenate([target, [0.0, 0.0, 0.0, 1.0]]),
        gripper_action=action,
        approach_width_m=None,
        subgoal="do it",
        final=False,
    )


def test_noise_is_no_change():
    now = render([cube("red", *CUBE), cube("green", 0.55, -0.1)], seed=2)
    check_unmoved(plan(), THEN, now)
    check_unmoved(plan(x=0.4, y=-0.2, z=0.1, action=GripperAction.OPEN), THEN, now)


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [cube("red", CUBE[0] - 0.04, CUBE[1])],
        [cube("red", CUBE[0], CUBE[1] + 0.04)],
        [cube("blue", *CUBE)],
        [cube("red", *CUBE), cube("blue", *CUBE, side=0.12)],
    ],
    ids=["gone", "back", "aside", "exchanged", "covered"],
)
def test_what_was_moved_exchanged_or_covered_is_noticed(boxes):
    now = render([*boxes, cube("green", 0.55, -0.1)], seed=2)
    with pytest.raises(PlanError, match="the scene changed since the plan was made"):
        check_unmoved(plan(), THEN, now)


def test_what_changes_elsewhere_does_not_matter():
    check_unmoved(plan(), THEN, render([cube("red", *CUBE), cube("blue", 0.35, -0.2)], seed=2))


def test_what_cannot_be_seen_is_not_trusted_and_what_is_not_anchored_is_not_compared():
    blind = replace(THEN, depth_m=np.zeros_like(THEN.depth_m))
    with pytest.raises(PlanError, match="cannot be seen any more"):
        check_unmoved(plan(), THEN, blind)
    with pytest.raises(PlanError, match="not in the image"):
        check_unmoved(plan(y=1.5), THEN, THEN)
    check_unmoved(plan(y=1.5, action=GripperAction.OPEN), THEN, THEN)
    check_unmoved(plan(action=GripperAction.KEEP), THEN, blind)
    other = replace(THEN, intrinsics=replace(INTRINSICS, fx=500.0))
    with pytest.raises(PlanError, match="the camera is not the one"):
        check_unmoved(plan(), THEN, other)


def answer():
    request = PlanRequest(ticket="t-0", frame=THEN, instruction="go", history=())
    return PlanAnswer(request=request, plan=plan())


def test_a_fresh_plan_passes_at_once_where_nobody_need_approve():
    gate = PlanGate(require_approval=False, max_plan_age_s=5.0)
    assert gate.waits_for == "plan"
    gate.offer(answer(), now_s=THEN.stamp_s + 4.0)
    assert gate.waits_for == "nothing"
    assert gate.drop() is not None
    assert gate.waits_for == "plan"


def test_an_old_plan_waits_for_a_second_look():
    gate = PlanGate(require_approval=False, max_plan_age_s=5.0)
    gate.offer(answer(), now_s=THEN.stamp_s + 6.0)
    assert (gate.waits_for, gate.look_after_s) == ("frame", THEN.stamp_s + 6.0)
    gate.look(THEN)
    assert gate.waits_for == "nothing"


def test_approval_is_for_the_plan_at_the_gate_and_once():
    gate = PlanGate(require_approval=True, max_plan_age_s=5.0)
    with pytest.raises(PlanError, match="no plan waits for approval"):
        gate.approve(1.0)
    gate.offer(answer(), now_s=2.0)
    assert gate.waits_for == "approval"
    assert gate.approve(60.0).subgoal == "do it"
    assert (gate.waits_for, gate.look_after_s) == ("frame", 60.0)
    with pytest.raises(PlanError, match="no plan waits for approval"):
        gate.approve(61.0)
    with pytest.raises(PlanError, match="the scene changed"):
        gate.look(render([], seed=2))
    assert gate.waits_for == "frame"
    gate.offer(answer(), now_s=70.0)
    assert gate.waits_for == "approval", "an approval does not hold for the next plan"
