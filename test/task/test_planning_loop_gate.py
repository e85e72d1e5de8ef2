"""The planning loop between a plan and motion: approval, and the second look at the scene."""

import pytest
from planning_bench import BLACK, MOVED, SCENE, STEP_S, Bench

from bridge_ros.errors import PlanError
from bridge_ros.status import (
    TaskReason,
)
from bridge_ros.task.events import (
    PlanShown,
)


def test_a_plan_is_shown_and_moves_nothing_until_it_is_approved():
    bench = Bench(require_approval=True)
    with pytest.raises(PlanError, match="no plan waits for approval"):
        bench.loop.approve(bench.now_s)
    bench.begin()
    bench.run(20.0)
    (shown,) = bench.of(PlanShown)
    assert (shown.plan.subgoal, shown.stamp_s) == ("grasp", 100.0)
    assert bench.released() == [""]
    assert bench.task.cause.reason is TaskReason.AWAITING_APPROVAL
    assert not bench.loop.wants_frame
    assert bench.loop.approve(bench.now_s).subgoal == "grasp"
    assert bench.loop.wants_frame
    bench.step()
    assert bench.released() == ["", "grasp"]
    with pytest.raises(PlanError, match="no plan waits for approval"):
        bench.loop.approve(bench.now_s)


def test_what_moved_before_the_approval_is_not_reached_for():
    bench = Bench(require_approval=True)
    bench.begin()
    bench.run(1.0)
    bench.scene = MOVED
    bench.loop.approve(bench.now_s)
    bench.step()
    assert bench.task.cause.reason is TaskReason.SCENE_CHANGED
    assert bench.released() == ["", ""]


def test_a_plan_of_a_cancelled_task_cannot_be_approved():
    bench = Bench(require_approval=True)
    bench.begin()
    bench.run(1.0)
    bench.cancel()
    with pytest.raises(PlanError, match="no plan waits for approval"):
        bench.loop.approve(bench.now_s)


@pytest.mark.parametrize(
    ("scene", "reason", "last"),
    [
        (SCENE, TaskReason.CARRYING_OUT, "grasp"),
        (MOVED, TaskReason.SCENE_CHANGED, ""),
        (BLACK, TaskReason.TARGET_HIDDEN, ""),
    ],
    ids=["unmoved", "moved", "unseen"],
)
def test_an_old_plan_is_carried_out_only_where_the_scene_is_as_it_was(scene, reason, last):
    bench = Bench(thinking_s=9.0)
    bench.begin()
    bench.run(8.5)
    bench.scene = scene
    bench.run(0.5 + STEP_S)
    assert bench.task.cause.reason is TaskReason.CHECKING_SCENE
    assert bench.released() == [""]
    bench.step()
    assert (bench.task.cause.reason, bench.released()[1:]) == (reason, [last])


def test_a_replaced_task_s_second_look_does_not_fail_the_next_task():
    """Once, a plan that waited for its second look was compared for the task that came after."""
    bench = Bench(require_approval=True)
    bench.begin()
    bench.run(1.0)
    bench.loop.approve(bench.now_s)
    bench.scene = MOVED
    bench.joint_speed = 0.5
    bench.begin("pick up the green cube", "u")
    bench.run(1.0)
    assert bench.task.active
    assert bench.task.cause.reason is TaskReason.WAITING_FOR_REST
