"""The planning loop on virtual time: every branch of a task, with neither node nor thread."""

import pytest
from planning_bench import STEP_S, STOPPED, THINKING_S, Bench

from bridge_ros.errors import CameraError, PlanError
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    StageOutcome,
    TaskOutcome,
    TaskReason,
    TaskState,
)
from bridge_ros.task.events import (
    PlannerBroke,
    PlanReleased,
    TaskChanged,
    TaskEnded,
)
from bridge_ros.task.worker import PlanAnswer


@pytest.fixture
def bench():
    return Bench()


def test_a_sentence_becomes_plans_until_it_is_done(bench):
    bench.begin()
    assert bench.run_to_plan() == pytest.approx(THINKING_S + STEP_S)
    bench.end_stage(StageOutcome.GRASPED)
    bench.run_to_plan()
    bench.end_stage(StageOutcome.REACHED)
    bench.step()
    assert bench.released() == ["", "grasp", "lift", ""]
    assert [event.plan_id for event in bench.of(PlanReleased)][1:3] == ["t-0", "t-1"]
    assert bench.of(TaskEnded) == [
        TaskEnded(outcome=TaskOutcome.SUCCEEDED, message="done: pick up the red cube")
    ]
    assert bench.planner.asked == [("pick up the red cube", 0), ("pick up the red cube", 1)]
    assert bench.run(1.0) == []


def test_a_plan_is_released_with_the_stamp_of_its_image(bench):
    bench.begin()
    bench.run_to_plan()
    released = bench.of(PlanReleased)[-1]
    assert (released.stamp_s, released.instruction, released.stage) == (
        100.0,
        "pick up the red cube",
        0,
    )


def test_what_changes_is_told_once_and_in_its_order(bench):
    bench.begin()
    bench.run(0.2)
    assert [event.cause.reason for event in bench.of(TaskChanged)] == [TaskReason.PLANNING]
    bench.run_to_plan()
    *_, released, changed = bench.events
    assert isinstance(released, PlanReleased)
    assert (changed.state, changed.subgoal, changed.plan_id) == (
        TaskState.EXECUTING,
        "grasp",
        "t-0",
    )
    bench.loop.observe_progress("t-0", 0.5)
    bench.loop.observe_progress("old", 0.9)
    (changed,) = bench.step()
    assert changed.progress == 0.5
    bench.loop.observe_progress("t-0", 0.501)
    assert bench.step() == []


def test_a_loop_that_starts_withdraws_the_plan_of_an_earlier_one(bench):
    withdrawn, idle = bench.loop.start(bench.now_s)
    assert (withdrawn.plan, withdrawn.stamp_s) == (None, 100.0)
    assert (idle.state, idle.cause.reason) == (TaskState.IDLE, TaskReason.WAITING_FOR_SENTENCE)
    assert bench.run(1.0) == []


def test_nothing_is_looked_at_before_the_arm_is_at_rest(bench):
    bench.joint_speed = 0.5
    bench.begin()
    bench.run(1.0)
    assert not bench.loop.wants_frame
    assert bench.built == 0
    bench.joint_speed = 0.0
    bench.run(bench.settings.rest_time_s)
    assert bench.built == 0
    bench.run(2 * STEP_S)
    assert bench.built == 1


def test_a_frame_is_made_only_when_it_is_looked_at(bench):
    bench.run(0.5)
    bench.begin()
    bench.run_to_plan()
    bench.run(0.5)
    assert bench.built == 1


def test_a_frame_of_before_the_stage_s_end_does_not_count(bench):
    bench.begin()
    bench.run_to_plan()
    bench.sees = False
    bench.end_stage(StageOutcome.GRASPED)
    assert bench.loop.wants_frame
    bench.loop.observe_frame(bench.now_s - 0.01, bench.frame)
    bench.step()
    assert bench.built == 1
    bench.loop.observe_frame(bench.now_s - STEP_S, bench.frame)
    bench.step()
    assert bench.built == 2, "taken as the stage ended, it shows how that ended"


@pytest.mark.parametrize(
    ("taken_s", "said"),
    [(99.0, " s old"), (111.5, " s in the future; synchronise the clocks")],
)
def test_frames_that_are_too_old_or_too_new_are_named(bench, taken_s, said):
    bench.sees = False
    bench.begin()
    while bench.task.active:
        bench.loop.observe_frame(taken_s, bench.frame)
        bench.step()
    assert bench.built == 0
    assert bench.task.cause.reason is TaskReason.NO_FRAME
    assert said in bench.task.message


def test_a_camera_that_hangs_shows_how_things_were_not_how_they_are(bench):
    bench.sees = False
    bench.begin()
    bench.step()
    bench.loop.observe_frame(100.01, bench.frame)
    bench.now_s = 101.1
    bench.step()
    assert bench.built == 0


def test_a_camera_that_shows_nothing_is_named(bench):
    bench.sees = False
    bench.loop.observe_frame(99.0, bench.frame)
    bench.begin()
    while bench.task.active:
        bench.loop.observe_no_frame("camera: no depth")
        bench.step()
    assert bench.task.message == "no usable camera frame for 10 s: camera: no depth"


def test_a_malformed_frame_is_waited_out(bench):
    def malformed():
        raise CameraError("colour image: expected rgb8")

    bench.sees = False
    bench.begin()
    for _ in range(10):
        bench.loop.observe_frame(bench.now_s, malformed)
        bench.step()
    assert bench.task.active
    assert bench.planner.asked == []
    bench.sees = True
    bench.run_to_plan()


def test_a_planner_that_finds_nothing_ends_the_task_in_its_own_words(bench):
    bench.planner.trouble = PlanError("no toy in sight")
    bench.begin()
    bench.run_to_end()
    assert bench.task.cause == TaskReason.NO_PLAN.because(why="no toy in sight")
    assert bench.released() == ["", ""]
    assert bench.of(TaskEnded)[-1].outcome is TaskOutcome.FAILED


def test_a_planner_that_breaks_ends_the_task_and_shows_where():
    class BrokenWorker:
        request = None

        def submit(self, request, now_s):
            self.request = request

        def poll(self, now_s):
            request, self.request = self.request, None
            trouble = TaskReason.PLANNER_BROKE.because(kind="KeyError", why="weights")
            return request and PlanAnswer(
                request=request, plan=None, trouble=trouble, details="Traceback ..."
            )

        def close(self):
            pass

    bench = Bench(worker=BrokenWorker())
    bench.begin()
    bench.run_to_end()
    assert bench.of(PlannerBroke) == [PlannerBroke(details="Traceback ...")]
    assert bench.task.cause.reason is TaskReason.PLANNER_BROKE


def test_the_answer_to_a_replaced_task_is_dropped(bench):
    bench.begin()
    bench.run(0.3)
    events = bench.begin("pick up the green cube", "u")
    assert [type(event) for event in events] == [TaskChanged, PlanReleased, TaskEnded, PlanReleased]
    assert events[0].cause.reason is TaskReason.REPLACED
    assert events[2].outcome is TaskOutcome.CANCELED
    bench.run_to_plan()
    assert bench.planner.asked == [("pick up the red cube", 0), ("pick up the green cube", 0)]
    assert bench.released()[-2:] == ["", "grasp"]
    assert bench.of(PlanReleased)[-1].plan_id == "u-0"


def test_a_replaced_task_s_plan_is_withdrawn_before_the_next_sentence_is_thought_about(bench):
    bench.begin()
    bench.run_to_plan()
    bench.begin("pick up the green cube", "u")
    assert bench.released() == ["", "grasp", "", ""]
    assert [event.instruction for event in bench.of(PlanReleased)][-2:] == [
        "pick up the red cube",
        "pick up the green cube",
    ]


def test_cancelling_withdraws_the_plan_and_drops_what_is_being_thought(bench):
    bench.begin()
    bench.run_to_plan()
    changed, withdrawn, ended = bench.cancel()
    assert (changed.state, withdrawn.plan, withdrawn.plan_id) == (TaskState.CANCELED, None, "t-0")
    assert ended.outcome is TaskOutcome.CANCELED
    bench.begin(task_id="u")
    bench.run(0.2)
    bench.cancel()
    assert bench.run(2.0) == []


def test_without_a_task_there_is_nothing_to_cancel(bench):
    assert bench.cancel() == []


@pytest.mark.parametrize(("sentence", "size"), [("", 0), ("  ", 2), ("x" * 301, 301)])
def test_a_sentence_that_nobody_should_try_is_rejected(bench, sentence, size):
    (withdrawn,) = bench.begin(sentence)
    assert withdrawn.plan is None
    events = bench.step()
    assert events[-1] == TaskEnded(
        outcome=TaskOutcome.REJECTED,
        message=f"expected a sentence of 1 to 300 characters, got {size}",
    )
    assert bench.planner.asked == []
    assert len(bench.task.instruction) < 100


def test_a_plan_that_the_trajectory_service_refuses_ends_the_task(bench):
    bench.begin()
    bench.run_to_plan()
    bench.loop.observe_refusal("old-3", "of another plan")
    bench.loop.observe_refusal("t-0", "waypoint 1 is too low")
    bench.step()
    assert bench.task.cause.reason is TaskReason.PLAN_REFUSED
    assert bench.released()[-1] == ""


def test_a_missed_grasp_is_looked_at_anew(bench):
    bench.begin()
    bench.run_to_plan()
    bench.end_stage(StageOutcome.MISSED, "the fingers closed on nothing")
    bench.run_to_plan()
    assert bench.built == 2
    assert [record.outcome for record in bench.task.history] == [StageOutcome.MISSED]


def test_an_arm_that_may_not_move_ends_the_task(bench):
    bench.begin()
    bench.run_to_plan()
    bench.loop.observe_arm_state(*STOPPED, bench.now_s)
    bench.step()
    assert bench.task.message == "the arm is stopped: stopped on request"
    assert bench.released()[-1] == ""


def test_a_plan_that_is_released_in_the_step_in_which_the_task_fails_is_withdrawn_in_it():
    bench = Bench(thinking_s=0.0)
    bench.begin()
    bench.loop.observe_arm_state(*STOPPED, bench.now_s)
    bench.step()
    assert bench.released() == ["", "grasp", ""]


def test_trouble_from_outside_ends_the_task(bench):
    bench.begin()
    bench.run_to_plan()
    events = bench.loop.fail(TaskReason.SIMULATION_DIVERGED.because(why="so"), bench.now_s)
    assert events[-1] == TaskEnded(outcome=TaskOutcome.FAILED, message="so")
    assert bench.loop.fail(TaskReason.SIMULATION_DIVERGED.because(why="again"), 200.0) == []


def restless(bench):
    bench.joint_speed = 0.5


def blind(bench):
    bench.sees = False


def leave_alone(bench):
    pass


def approve_blind(bench):
    bench.run(1.0)
    bench.sees = False
    bench.loop.approve(bench.now_s)


def hold_still(bench):
    bench.run_to_plan()
    arm = ControllerState.HOLD, ControllerReason.NO_TARGET, "no target"
    bench.loop.observe_arm_state(*arm, bench.now_s)


@pytest.mark.parametrize(
    ("settings", "meanwhile", "limit_s", "reason"),
    [
        ({}, restless, 10.0, TaskReason.NO_REST),
        ({}, blind, 10.0, TaskReason.NO_FRAME),
        ({"thinking_s": 70.0}, leave_alone, 60.0, TaskReason.PLANNER_SLOW),
        (
            {"require_approval": True},
            lambda bench: bench.run(THINKING_S),
            300.0,
            TaskReason.NOT_APPROVED,
        ),
        ({"require_approval": True}, approve_blind, 10.0, TaskReason.NO_FRAME),
        ({}, hold_still, 8.0, TaskReason.NO_TARGETS),
        ({}, Bench.run_to_plan, 45.0, TaskReason.STAGE_SLOW),
    ],
    ids=["rest", "look", "think", "approval", "second look", "start", "stage"],
)
def test_every_wait_has_a_limit(settings, meanwhile, limit_s, reason):
    bench = Bench(**settings)
    bench.begin()
    meanwhile(bench)
    assert bench.run_to_end() == pytest.approx(limit_s, abs=3 * STEP_S)
    assert bench.task.cause.reason is reason
    assert bench.released()[-1] == ""
    assert bench.of(TaskEnded)[-1].outcome is TaskOutcome.FAILED
