"""The planner node on real middleware, against a fake cell: camera, expert and controller."""

import functools
import time

import pytest
from bridge_interfaces.action import ExecuteInstruction
from bridge_interfaces.msg import TaskStatus, WaypointPlan
from node_process import Foreigner, NodeProcess, wait_for
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from tabletop import basket, cube, render

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import color_to_msg, depth_to_msg, intrinsics_to_msg, plan_from_msg


@functools.cache
def scene():
    return render(
        [cube("red", 0.50, 0.10, yaw=0.3), cube("green", 0.55, -0.1), *basket("brown", 0.45, -0.28)]
    )


_MEASURED_S = 0.05


class FakeCell(Foreigner):
    """A camera that sees a table, an arm that does nothing, an expert that says what it is told."""

    def __init__(self):
        super().__init__()
        self.reset()
        node = self.node
        node.create_subscription(WaypointPlan, topics.PLAN, self._on_plan, topics.LATCHED)
        self._status_pub = node.create_publisher(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._color_pub = node.create_publisher(Image, topics.COLOR_IMAGE, topics.COMMAND)
        self._depth_pub = node.create_publisher(Image, topics.DEPTH_IMAGE, topics.COMMAND)
        self._info_pub = node.create_publisher(CameraInfo, topics.COLOR_INFO, topics.COMMAND)
        self._joint_pub = node.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
        self.instruction_pub = node.create_publisher(String, topics.INSTRUCTION, topics.RELIABLE)
        node.create_service(Trigger, topics.STOP, self._on_stop)
        self.client = self.action_client(ExecuteInstruction, topics.EXECUTE)
        node.create_timer(0.10, self._take_picture)
        node.create_timer(_MEASURED_S, self._measure)

    def reset(self):
        """A calm cell with a camera, in which nothing was heard yet."""
        self.outcomes = {}
        self.arm = ("idle", "ready", "ready for targets")
        self.joint_speed = self.joints = 0.0
        self.with_camera = True
        self.spoil = lambda color, depth, info: None
        self.stops = 0
        self.plans, self.feedback = [], []
        self.heard[topics.STATUS].clear()

    def say(self, sentence):
        self.instruction_pub.publish(String(data=sentence))

    def execute(self, sentence):
        """Send a goal; its handle, once it is accepted."""
        assert self.client.wait_for_server(20.0)
        goal = ExecuteInstruction.Goal(instruction=sentence)
        future = self._in_executor(
            lambda: self.client.send_goal_async(
                goal, feedback_callback=lambda m: self.feedback.append(m.feedback)
            )
        )
        assert wait_for(future.done)
        assert future.result().accepted
        return future.result()

    def cancel(self, handle):
        self._in_executor(handle.cancel_goal_async)

    def result(self, handle):
        future = self._in_executor(handle.get_result_async)
        assert wait_for(future.done, 30)
        return future.result().result

    def _in_executor(self, call):
        """What `call()` returns; an action client is used in the thread that also waits on it."""
        task = self._executor.create_task(call)
        assert wait_for(task.done)
        return task.result()

    def full_plans(self):
        return [plan for plan in list(self.plans) if plan.waypoints]

    def _on_plan(self, plan):
        self.plans.append(plan)
        kind = (
            plan.gripper_action,
            sum(p.gripper_action == plan.gripper_action for p in self.plans),
        )
        outcome = self.outcomes.get(kind, self.outcomes.get(plan.gripper_action))
        if plan.waypoints and outcome:
            self.tell("expert", outcome, plan_id=plan.plan_id, message="told so")

    def tell(self, source, state, **fields):
        self._status_pub.publish(TaskStatus(source=source, state=state, **fields))

    def _on_stop(self, _, reply):
        self.stops += 1
        reply.success = True
        return reply

    def _take_picture(self):
        if not self.with_camera:
            return
        frame, stamp = scene(), self.stamp()
        color, depth = color_to_msg(frame, stamp), depth_to_msg(frame, stamp)
        info = intrinsics_to_msg(frame.intrinsics, stamp)
        self.spoil(color, depth, info)
        self._info_pub.publish(info)
        self._color_pub.publish(color)
        self._depth_pub.publish(depth)

    def _measure(self):
        state, reason, message = self.arm
        self.tell("controller", state, reason=reason, message=message)
        self.joints += _MEASURED_S * self.joint_speed
        self._joint_pub.publish(JointState(position=[self.joints] * 7))


GRASPS = {
    WaypointPlan.GRIPPER_CLOSE: "grasped",
    WaypointPlan.GRIPPER_OPEN: "reached",
    WaypointPlan.GRIPPER_KEEP: "reached",
}


@pytest.fixture(scope="module")
def running():
    """One planner node and one fake cell for all tests: the node must survive every one of them."""
    scene()
    cell = FakeCell()
    process = NodeProcess("planner", **{"task.frame_timeout_s": 2.5, "task.rest_timeout_s": 2.0})
    heard = (topics.INSTRUCTION, topics.JOINT_STATES)
    ready = wait_for(lambda: cell.statuses("planner", "idle"), 60)
    ready = ready and wait_for(lambda: all(cell.node.count_subscribers(name) for name in heard))
    yield cell
    code, output = process.stop()
    cell.close()
    assert ready, output
    assert code == 0, output
    assert "Traceback" not in output


@pytest.fixture
def cell(running):
    running.reset()
    time.sleep(0.5)
    yield running
    running.result(running.execute(""))


def test_a_sentence_becomes_plans_until_the_task_is_done(cell):
    cell.outcomes = GRASPS
    cell.say("put the red cube into the basket")
    assert wait_for(lambda: cell.statuses("planner", "succeeded"), 30)
    grasp, place, retreat = cell.full_plans()
    assert [plan.stage for plan in (grasp, place, retreat)] == [0, 1, 2]
    assert [plan.final for plan in (grasp, place, retreat)] == [False, False, True]
    assert grasp.subgoal == "grasp the red cube"
    assert grasp.header.frame_id == topics.OPTICAL_FRAME
    assert len({plan.plan_id for plan in (grasp, place, retreat)}) == 3
    assert wait_for(lambda: not cell.plans[-1].waypoints), "the end of a task is an empty plan"
    core = plan_from_msg(grasp)
    assert core is not None
    assert core.target_pose[:3] == pytest.approx(core.waypoints[-1])


def test_the_action_tells_progress_and_success(cell):
    cell.outcomes = GRASPS
    result = cell.result(cell.execute("pick up the red cube"))
    assert (result.success, result.outcome) == (True, "succeeded"), result.message
    assert {"thinking", "executing"} <= {feedback.state for feedback in cell.feedback}
    assert "grasp the red cube" in {feedback.subgoal for feedback in cell.feedback}


def test_what_cannot_be_grounded_fails_with_what_is_seen_and_no_motion(cell):
    result = cell.result(cell.execute("pick up the yellow cube"))
    assert (result.success, result.outcome) == (False, "failed")
    assert 'nothing is "yellow"' in result.message
    for seen in ("red cube", "green cube", "basket"):
        assert seen in result.message
    result = cell.result(cell.execute("pick up the red banana"))
    assert 'unknown word "banana"' in result.message
    assert cell.full_plans() == []


@pytest.mark.parametrize(("sentence", "size"), [("", 0), ("pick up the red cube " * 500, 10_500)])
def test_empty_and_endless_sentences_are_rejected(cell, sentence, size):
    for _ in range(2):
        result = cell.result(cell.execute(sentence))
        assert result.outcome == "rejected"
        assert f"got {size}" in result.message
        assert len(result.message) < 200
    assert cell.full_plans() == []


def test_cancelling_stops_the_arm(cell):
    handle = cell.execute("pick up the red cube")
    assert wait_for(lambda: cell.full_plans(), 20)
    cell.cancel(handle)
    result = cell.result(handle)
    assert (result.success, result.outcome) == (False, "canceled")
    assert wait_for(lambda: cell.stops == 1)
    assert wait_for(lambda: not cell.plans[-1].waypoints)


def test_a_new_sentence_replaces_the_running_one_once_the_arm_rests(cell):
    first = cell.execute("pick up the red cube")
    assert wait_for(lambda: cell.full_plans(), 20)
    cell.joint_speed = 0.5
    time.sleep(0.3)
    cell.say("pick up the green cube")
    result = cell.result(first)
    assert result.outcome == "canceled"
    assert "replaced" in result.message
    assert wait_for(lambda: not cell.plans[-1].waypoints)
    time.sleep(0.7)
    assert len(cell.full_plans()) == 1, "nothing is planned while the arm moves"
    cell.joint_speed = 0.0
    assert wait_for(lambda: len(cell.full_plans()) == 2, 20)
    assert cell.full_plans()[-1].subgoal == "grasp the green cube"


def test_a_missed_grasp_is_tried_again_and_in_the_end_given_up(cell):
    close, opened = WaypointPlan.GRIPPER_CLOSE, WaypointPlan.GRIPPER_OPEN
    cell.outcomes = GRASPS | {(close, 1): "missed"}
    result = cell.result(cell.execute("pick up the red cube"))
    assert result.outcome == "succeeded"
    actions = [plan.gripper_action for plan in cell.full_plans()]
    assert actions == [close, opened, close, WaypointPlan.GRIPPER_KEEP]
    cell.outcomes = GRASPS | {close: "missed"}
    result = cell.result(cell.execute("pick up the red cube"))
    assert result.outcome == "failed"
    assert "missed 3 times" in result.message


def test_a_stage_that_the_trajectory_node_refuses_fails_the_task(cell):
    handle = cell.execute("pick up the red cube")
    assert wait_for(lambda: cell.full_plans(), 20)
    plan_id = cell.full_plans()[0].plan_id
    cell.tell("trajectory", "failed", plan_id="another", message="not ours")
    cell.tell("trajectory", "failed", plan_id=plan_id, message="waypoint 1 is outside")
    result = cell.result(handle)
    assert (result.outcome, "waypoint 1 is outside" in result.message) == ("failed", True)


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        (("stopped", "stop_requested", "so"), "the arm is stopped: so"),
        (("hold", "gripper_lost", "no reply"), "the arm holds: no reply"),
    ],
)
def test_an_arm_that_cannot_go_on_fails_the_task_with_its_reason(cell, arm, said):
    handle = cell.execute("pick up the red cube")
    assert wait_for(lambda: cell.full_plans(), 20)
    cell.arm = arm
    result = cell.result(handle)
    assert result.outcome == "failed"
    assert said in result.message
    assert wait_for(lambda: not cell.plans[-1].waypoints)


def blacken(color, depth, info):
    depth.data = bytes(len(depth.data))


def rename(color, depth, info):
    color.encoding = "mono8"


def shrink(color, depth, info):
    info.width, info.height = 320, 240


def empty(color, depth, info):
    info.k = [0.0] * 9


def cut(color, depth, info):
    color.data = color.data[:1000]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (blacken, "too little depth"),
        (rename, "mono8"),
        (shrink, "(240, 320, 3)"),
        (empty, "focal lengths"),
        (cut, "1000 bytes"),
    ],
)
def test_malformed_images_are_named_and_the_node_lives_on(cell, spoil, said):
    cell.spoil = spoil
    result = cell.result(cell.execute("pick up the red cube"))
    assert result.outcome == "failed"
    assert said in result.message
    cell.spoil = lambda color, depth, info: None
    cell.outcomes = GRASPS
    assert cell.result(cell.execute("pick up the red cube")).success


def test_a_dead_camera_and_a_restless_arm_are_said(cell):
    cell.with_camera = False
    result = cell.result(cell.execute("pick up the red cube"))
    assert "no usable camera frame for 2.5 s" in result.message
    assert " s old" in result.message or "no colour" in result.message
    cell.with_camera, cell.joint_speed = True, 0.5
    time.sleep(0.3)
    assert "did not come to rest" in cell.result(cell.execute("pick up the red cube")).message


def test_an_unknown_backend_refuses_to_start():
    code, output = NodeProcess("planner", backend="oracle").finish()
    assert code == 1
    assert "expected one of ['classical', 'manual', 'openai', 'transformers', 'vlm'], got" in output
