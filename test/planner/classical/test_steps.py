import numpy as np
import pytest

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.plan import GripperAction, StageRecord, WaypointPlan
from bridge_ros.planner.classical.steps import Step, goals_reached, last_grasp, next_step

CLOSE, OPEN, KEEP = GripperAction.CLOSE, GripperAction.OPEN, GripperAction.KEEP


def record(action, outcome, final=False):
    plan = WaypointPlan(
        waypoints=np.zeros((2, 3)),
        target_pose=IDENTITY_POSE,
        gripper_action=action,
        approach_width_m=None,
        subgoal="step",
        final=final,
    )
    return StageRecord(plan=plan, outcome=outcome)


@pytest.mark.parametrize(
    ("verb", "history", "step"),
    [
        ("pick", [], Step.GRASP),
        ("pick", [(CLOSE, "grasped")], Step.LIFT),
        ("place", [(CLOSE, "grasped")], Step.PLACE),
        ("place", [(CLOSE, "grasped"), (OPEN, "reached")], Step.RETREAT),
        ("pick", [(CLOSE, "missed")], Step.BACK_OFF),
        ("pick", [(CLOSE, "missed"), (OPEN, "reached")], Step.GRASP),
        ("pick", [(CLOSE, "missed"), (OPEN, "reached"), (CLOSE, "grasped")], Step.LIFT),
        (
            "place",
            [(CLOSE, "missed"), (OPEN, "reached"), (CLOSE, "grasped"), (OPEN, "reached")],
            Step.RETREAT,
        ),
        ("place", [(CLOSE, "grasped"), (OPEN, "reached"), (KEEP, "reached")], Step.GRASP),
        ("pull", [(CLOSE, "grasped")], Step.PULL),
        ("pull", [(CLOSE, "grasped"), (KEEP, "reached")], Step.RETREAT),
        ("pull", [(CLOSE, "missed"), (OPEN, "reached")], Step.GRASP),
    ],
)
def test_the_next_step_follows_from_history(verb, history, step):
    assert next_step(verb, tuple(record(*one) for one in history)) is step


def test_there_is_no_step_after_failure_or_the_end():
    with pytest.raises(PlanError, match='"step" failed'):
        next_step("pick", (record(CLOSE, "failed"),))
    with pytest.raises(PlanError, match="the task is done"):
        next_step("pick", (record(KEEP, "reached", final=True),))


def test_the_last_grasp_is_the_newest():
    first, second = record(CLOSE, "missed"), record(CLOSE, "grasped")
    assert last_grasp((first, record(OPEN, "reached"), second)) is second.plan
    with pytest.raises(PlanError, match="nothing was grasped"):
        last_grasp((record(KEEP, "reached"),))


def test_what_was_let_go_of_after_a_grasp_counts_and_a_miss_does_not():
    missed = [record(CLOSE, "missed"), record(OPEN, "reached")]
    placed = [record(CLOSE, "grasped"), record(OPEN, "reached"), record(KEEP, "reached")]
    assert goals_reached(()) == 0
    assert goals_reached((*missed, *placed[:1])) == 0
    assert goals_reached((*missed, *placed[:2])) == 1
    assert goals_reached((*placed, *missed, *placed)) == 2
