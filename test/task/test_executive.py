import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    StageOutcome,
    TaskOutcome,
    TaskReason,
    TaskState,
)
from bridge_ros.task.executive import TaskExecutive, TaskSettings

ACTIVE = ControllerState.ACTIVE, ControllerReason.FOLLOWING_TARGETS
GRIPPER_LOST = ControllerState.HOLD, ControllerReason.GRIPPER_LOST
NODE_ENDED = ControllerState.HOLD, ControllerReason.NODE_ENDED


def plan(action=GripperAction.CLOSE, final=False):
    return WaypointPlan(
        waypoints=np.zeros((2, 3)),
        target_pose=IDENTITY_POSE,
        gripper_action=action,
        approach_width_m=None,
        subgoal="do it",
        final=final,
    )


@pytest.fixture
def task():
    """A task whose arm is at rest and that wants its first plan, at 100 s."""
    executive = TaskExecutive()
    executive.begin("pick up the red cube", "t", 100.0)
    executive.rest(True, 100.0)
    return executive


def execute(task, now_s, **fields):
    task.planning(now_s)
    task.accept(plan(**fields), now_s)


def test_stages_follow_each_other_until_a_final_one_succeeds(task):
    assert task.wants_plan
    task.planning(100.1)
    assert not task.wants_plan
    task.accept(plan(), 101.0)
    assert (task.state, task.plan_id, task.stage) == ("executing", "t-0", 0)
    task.stage_ended("t-0", StageOutcome.GRASPED, "", 105.0)
    assert (task.state, task.stage, task.look_after_s) == ("thinking", 1, 105.0)
    assert [record.outcome for record in task.history] == ["grasped"]
    execute(task, 106.0, action=GripperAction.KEEP, final=True)
    task.stage_ended("t-1", StageOutcome.REACHED, "", 108.0)
    assert (task.state, task.outcome, task.stage) == ("succeeded", "succeeded", 1)
    assert not task.active


def test_nothing_is_planned_before_the_arm_rests():
    task = TaskExecutive()
    task.begin("x", "t", 0.0)
    assert not task.wants_plan
    task.rest(False, 1.0)
    assert not task.wants_plan
    task.rest(True, 2.0)
    assert task.wants_plan
    assert task.look_after_s == 2.0


def test_what_belongs_to_another_plan_is_ignored(task):
    execute(task, 101.0)
    task.stage_ended("old-3", StageOutcome.FAILED, "", 102.0)
    task.stage_progress("old-3", 0.9)
    assert (task.state, task.progress) == ("executing", 0.0)
    task.stage_progress("t-0", 1.7)
    assert task.progress == 1.0


def test_misses_are_tried_again_but_not_for_ever():
    task = TaskExecutive(TaskSettings(max_misses=1))
    task.begin("x", "t", 0.0)
    task.rest(True, 0.0)
    execute(task, 1.0, final=True)
    task.stage_ended("t-0", StageOutcome.MISSED, "", 2.0)
    assert task.state == "thinking"
    execute(task, 3.0)
    task.stage_ended("t-1", StageOutcome.MISSED, "closed on nothing", 4.0)
    assert task.state == "failed"
    assert task.message == "do it: missed 2 times; closed on nothing"


def test_a_failed_stage_ends_the_task_with_its_reason(task):
    execute(task, 101.0)
    task.stage_ended("t-0", StageOutcome.FAILED, "too far", 102.0)
    assert (task.state, task.cause.reason) == (TaskState.FAILED, TaskReason.STAGE_FAILED)
    assert task.message == "do it: too far"


def test_a_plan_that_no_trajectory_can_be_made_of_ends_the_task(task):
    execute(task, 101.0)
    task.plan_refused("old-3", "of another plan")
    assert task.active
    task.plan_refused("t-0", "too low")
    assert (task.state, task.cause.reason) == (TaskState.FAILED, TaskReason.PLAN_REFUSED)
    assert task.message == "do it: too low"


def test_an_endless_planner_is_stopped():
    task = TaskExecutive(TaskSettings(max_stages=3))
    task.begin("x", "t", 0.0)
    task.rest(True, 0.0)
    for stage in range(3):
        execute(task, 1.0 + stage)
        task.stage_ended(f"t-{stage}", StageOutcome.REACHED, "", 1.5 + stage)
    assert (task.state, task.message) == ("failed", "not done after 3 stages")


def tick_until_end(task, from_s, to_s):
    now_s = from_s
    while task.active and now_s < to_s:
        task.tick(now_s)
        now_s += 0.1
    return now_s


def test_every_phase_has_a_time_limit():
    task = TaskExecutive()
    task.begin("x", "t", 0.0)
    assert tick_until_end(task, 0.0, 100.0) == pytest.approx(10.0, abs=0.3)
    assert "did not come to rest within 10 s" in task.message

    task.begin("x", "u", 0.0)
    task.rest(True, 0.0)
    task.camera_trouble("it is dark")
    assert tick_until_end(task, 0.0, 100.0) == pytest.approx(10.0, abs=0.3)
    assert task.message == "no usable camera frame for 10 s: it is dark"

    task.begin("x", "v", 0.0)
    task.rest(True, 0.0)
    task.planning(0.0)
    assert tick_until_end(task, 0.0, 100.0) == pytest.approx(60.0, abs=0.3)
    assert "planner took longer" in task.message

    task.begin("x", "w", 0.0)
    task.rest(True, 0.0)
    execute(task, 0.0)
    assert tick_until_end(task, 0.0, 100.0) == pytest.approx(45.0, abs=0.3)
    assert "do it: not done after 45 s" in task.message


def test_a_late_answer_is_told_by_its_ticket(task):
    ticket = task.planning(100.0)
    assert task.ticket == ticket
    task.begin("another", "u", 101.0)
    assert task.ticket != ticket


@pytest.mark.parametrize("state", ["stopped", "fault", "disconnected", "recovering"])
def test_an_arm_that_may_not_move_fails_the_task_at_once(task, state):
    task.arm_state(ControllerState(state), None, "because", 100.5)
    task.tick(100.5)
    assert (task.state, task.cause.reason) == (TaskState.FAILED, TaskReason.ARM_BARRED)
    assert task.message == f"the arm is {state}: because"


def test_a_hold_with_a_cause_fails_the_task_after_its_grace(task):
    execute(task, 101.0)
    task.arm_state(*ACTIVE, "", 102.0)
    task.arm_state(*GRIPPER_LOST, "gripper lost (blocked)", 103.0)
    task.tick(103.1)
    assert task.active
    task.arm_state(*ACTIVE, "", 103.2)
    task.arm_state(*GRIPPER_LOST, "gripper lost (blocked)", 104.0)
    task.tick(104.2)
    assert task.active
    task.tick(105.1)
    assert task.cause.reason is TaskReason.ARM_HOLDS
    assert task.message == "the arm holds: gripper lost (blocked)"


def test_words_decide_nothing(task):
    execute(task, 101.0)
    task.arm_state(ControllerState.HOLD, ControllerReason.NO_TARGET, "node x has ended", 103.0)
    task.tick(108.0)
    assert task.active
    task.arm_state(*NODE_ENDED, "no target", 108.5)
    task.tick(108.5)
    assert task.cause.reason is TaskReason.ARM_HOLDS


def test_a_hold_for_an_unknown_reason_may_pass_but_not_last(task):
    execute(task, 101.0)
    task.arm_state(ControllerState.HOLD, None, "of a controller that names no reason", 103.0)
    task.tick(103.9)
    assert task.active
    task.tick(104.0)
    assert task.cause.reason is TaskReason.ARM_HOLDS


def test_a_node_that_ends_in_mid_task_ends_the_task_however_soon_it_is_back(task):
    execute(task, 101.0)
    task.arm_state(*ACTIVE, "", 102.0)
    task.arm_state(*NODE_ENDED, "waiting for the expert node, which has ended; so", 103.0)
    task.tick(103.05)
    assert task.state == "failed"
    assert task.message.startswith("the arm holds: waiting for the expert node")


def test_a_node_that_is_not_heard_for_a_moment_is_forgiven(task):
    execute(task, 101.0)
    silent = ControllerState.HOLD, ControllerReason.NODE_SILENT
    task.arm_state(*silent, "waiting for the expert node, which is not heard; so", 103.0)
    task.tick(103.5)
    assert task.active


def test_a_node_that_ended_before_the_task_has_the_grace_to_come(task):
    task.cancel(TaskReason.REPLACED.because(sentence="another"))
    task.arm_state(*NODE_ENDED, "waiting for the expert node, which has ended; so", 103.0)
    task.begin("pick up the red cube", "next", 103.1)
    task.tick(103.2)
    assert task.active
    task.arm_state(ControllerState.IDLE, ControllerReason.READY, "ready for targets", 103.3)
    task.tick(104.5)
    assert task.active


def test_waiting_for_targets_is_forgiven_until_the_arm_should_have_begun(task):
    task.arm_state(ControllerState.HOLD, ControllerReason.NO_TARGET, "no target", 100.0)
    execute(task, 101.0)
    task.tick(105.0)
    assert task.active
    task.tick(109.5)
    assert "got no targets for 8 s" in task.message


def test_an_end_stays_an_end(task):
    task.cancel(TaskReason.CANCELED.because())
    task.fail(TaskReason.NO_REST.because(limit_s=1.0))
    task.stage_ended("t-0", StageOutcome.REACHED, "", 200.0)
    task.tick(1e6)
    assert (task.state, task.outcome) == (TaskState.CANCELED, TaskOutcome.CANCELED)
    assert task.cause.reason is TaskReason.CANCELED
    task.begin("again", "u", 1e6)
    task.reject(TaskReason.BAD_SENTENCE.because(limit=300, length=301))
    assert (task.state, task.outcome) == (TaskState.FAILED, TaskOutcome.REJECTED)


def test_settings_refuse_nonsense():
    with pytest.raises(ConfigError, match="max_misses"):
        TaskSettings(max_misses=-1)
    with pytest.raises(ConfigError, match="think_timeout_s"):
        TaskSettings(think_timeout_s=-1.0)


def test_a_plan_may_wait_long_for_approval_but_not_for_ever(task):
    task.planning(100.0)
    task.await_approval(plan(), 110.0)
    task.tick(400.0)
    assert task.active
    assert task.message == "do it: waiting for approval; call /bridge/approve"
    task.tick(411.0)
    assert (task.outcome, task.message) == ("failed", "nobody approved the plan within 300 s")


def test_an_approved_plan_needs_a_camera_that_still_sees(task):
    task.planning(100.0)
    task.await_approval(plan(), 110.0)
    task.await_frame(plan(), 200.0)
    task.tick(204.0)
    assert task.active
    task.camera_trouble("it is dark")
    task.tick(211.0)
    assert task.message == "no usable camera frame for 10 s: it is dark"


def test_the_next_stage_waits_for_the_planner_as_the_first_did(task):
    task.planning(100.0)
    task.await_approval(plan(), 110.0)
    task.accept(plan(), 120.0)
    task.stage_ended("t-0", StageOutcome.GRASPED, "", 130.0)
    task.planning(131.0)
    task.tick(192.0)
    assert task.message == "the planner took longer than 60 s"
