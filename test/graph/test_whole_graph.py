"""The whole graph against the simulated devices, seen by a process that knows its topics only."""

import numpy as np
import pytest
from bridge_interfaces.action import ExecuteInstruction
from bridge_interfaces.srv import PlanTrajectory
from geometry_msgs.msg import Point
from std_srvs.srv import Trigger


def execute(client, sentence, timeout_s=120.0):
    """Carry out a sentence through the action."""
    assert client.action.wait_for_server(timeout_sec=10.0)
    sent = client.action.send_goal_async(ExecuteInstruction.Goal(instruction=sentence))
    client.wait(sent.done, 10, "the goal's acceptance")
    assert sent.result().accepted
    result = sent.result().get_result_async()
    client.wait(result.done, timeout_s, "the action's result")
    return result.result().result


def test_the_instruction_topic_picks_the_red_cube(ready):
    height = ready.objects["red cube"][2]
    ready.forget()
    ready.say("pick up the red cube")
    ready.wait(lambda: ready.said("planner", "succeeded"), 120, "success")
    assert ready.objects["red cube"][2] > height + 0.05

    plans = [plan for plan in ready.plans if plan.waypoints]
    assert {plan.header.frame_id for plan in plans} == {"camera_color_optical_frame"}
    assert all(point.z > 0.1 for plan in plans for point in plan.waypoints)
    trajectories = [t for t in ready.trajectories if t.poses]
    assert {t.header.frame_id for t in trajectories} == {"base"}
    assert [t.plan_id for t in trajectories] == [plan.plan_id for plan in plans]
    assert {target.header.frame_id for target in ready.targets} == {"base"}
    stamps = np.array([t.header.stamp.sec + t.header.stamp.nanosec * 1e-9 for t in ready.targets])
    assert len(stamps) > 60
    assert (np.diff(stamps) > 0).all()
    assert set(ready.joints[-1].name) >= {f"fr3_joint{i}" for i in range(1, 8)}


def test_the_action_puts_the_toy_into_the_basket(ready):
    ready.home()
    result = execute(ready, "put the toy into the basket")
    assert result.success, result.message
    offset = ready.objects["toy"] - ready.objects["basket"]
    assert np.linalg.norm(offset[:2]) < 0.09


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("", "1 to 300 characters"),
        ("pick up the purple banana", "banana"),
        ("pick up the cube " * 700, "1 to 300 characters"),
        ("juggle the cubes", "juggle"),
    ],
    ids=["empty", "unknown thing", "12 kB", "unknown verb"],
)
def test_a_sentence_that_cannot_be_done_moves_nothing_and_says_why(ready, sentence, word):
    before = ready.poses[-1][1].pose.position
    ready.forget()
    ready.say(sentence)
    ready.wait(
        lambda: any(s.state == "failed" and word in s.message for s in ready.status),
        30,
        f"a refusal that says {word!r}",
    )
    ready.wait(lambda: len(ready.poses) > 20, 10, "poses")
    after = ready.poses[-1][1].pose.position
    assert abs(after.x - before.x) + abs(after.y - before.y) + abs(after.z - before.z) < 0.005


def usable_request(client):
    """A plan that the service accepts: straight on, a little in front of the table."""
    request = PlanTrajectory.Request()
    request.plan.header.frame_id = "camera_color_optical_frame"
    request.plan.header.stamp = client.node.get_clock().now().to_msg()
    request.plan.waypoints = [Point(x=0.0, y=-0.05, z=0.75), Point(x=0.0, y=0.0, z=0.8)]
    pose = request.plan.target_pose
    pose.position = request.plan.waypoints[-1]
    pose.orientation.x, pose.orientation.w = 0.35, 0.937
    request.start_width = -1.0
    return request


def break_nan(plan):
    plan.waypoints[0].x = float("nan")


def break_frame(plan):
    plan.header.frame_id = "map"


def break_reach(plan):
    plan.waypoints[0].z = 5.0


def break_quaternion(plan):
    plan.target_pose.orientation.w = 7.0


def break_count(plan):
    plan.waypoints = []


def break_lone(plan):
    del plan.waypoints[0]


@pytest.mark.parametrize(
    "spoil", [break_nan, break_frame, break_reach, break_quaternion, break_count, break_lone]
)
def test_the_trajectory_service_refuses_a_malformed_plan_with_the_reason(ready, spoil):
    request = usable_request(ready)
    spoil(request.plan)
    reply = ready.call(ready.plan_trajectory, request)
    assert not reply.success
    assert len(reply.message) > 10
    assert not reply.trajectory.poses


def test_stop_latches_until_resume(ready):
    ready.home()
    ready.forget()
    ready.say("pick up the green cube")
    ready.wait(lambda: len(ready.poses) > 10 and ready.speed() > 0.05, 60, "motion")
    assert ready.call(ready.stop, Trigger.Request()).success
    ready.wait(lambda: ready.state("controller") == "stopped", 2, "the stop")
    assert ready.reason("controller") == "stop_requested"
    ready.wait(lambda: ready.speed() < 0.01, 2, "rest")
    ready.wait(lambda: ready.state("planner") == "failed", 5, "the task's end")
    assert ready.reason("planner") == "arm_barred"
    assert ready.call(ready.resume, Trigger.Request()).success
    ready.wait(lambda: ready.state("controller") in ("idle", "hold"), 5, "the resumed controller")


def test_a_second_sentence_in_motion_replaces_the_first_after_a_stop(ready):
    ready.home()
    ready.forget()
    ready.say("pick up the green cube")
    ready.wait(lambda: any(plan.waypoints for plan in ready.plans), 60, "the first plan")
    ready.wait(lambda: len(ready.poses) > 10 and ready.speed() > 0.05, 60, "motion")
    height = ready.objects["blue cube"][2]
    ready.say("pick up the blue cube")
    ready.wait(lambda: ready.said("planner", "succeeded"), 120, "the second sentence's success")
    assert ready.said("planner", "succeeded").instruction == "pick up the blue cube"
    assert ready.objects["blue cube"][2] > height + 0.05
    subgoals = [plan.subgoal for plan in ready.plans if plan.waypoints]
    replaced = next(i for i, plan in enumerate(ready.plans[1:], 1) if not plan.waypoints)
    assert subgoals[0] == "grasp the green cube"
    assert "grasp the blue cube" in [plan.subgoal for plan in ready.plans[replaced:]]
