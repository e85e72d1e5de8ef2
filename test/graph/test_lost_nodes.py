"""Nodes are killed while the arm moves: it holds, status says why, and all of it comes back."""

import os
import signal
import time

import psutil
import pytest
from foreign_client import ForeignClient
from std_srvs.srv import Trigger

from bridge_ros.deploy.shared_memory import remove_orphans

REST_M_S = 0.01
SENTENCE = "pick up the red cube"


def seconds(stamp):
    return stamp.sec + stamp.nanosec * 1e-9


def rest_after(client, killed_s):
    """Seconds until the arm's last motion in the two after the kill; by the poses' own stamps."""
    client.wait(
        lambda: seconds(client.poses[-1][1].header.stamp) > killed_s + 2.0,
        20,
        "the arm's pose after the loss",
    )
    poses = [(seconds(p.header.stamp), p.pose.position) for _, p in client.poses]
    moving = [
        t1
        for (t0, a), (t1, b) in zip(poses, poses[1:], strict=False)
        if t1 > killed_s
        and ((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2) ** 0.5 > REST_M_S * (t1 - t0)
    ]
    return max(moving, default=killed_s) - killed_s


def bring_into_motion(client):
    client.forget()
    client.say(SENTENCE)
    client.wait(lambda: len(client.poses) > 10 and client.speed() > 0.05, 60, "motion")


@pytest.mark.parametrize("name", ["planner", "trajectory", "expert", "camera"])
def test_the_arm_holds_when_a_node_is_killed_and_the_next_sentence_works(
    ready, node_process, name, capsys
):
    bring_into_motion(ready)
    killed_s = time.time()
    os.kill(node_process(name).pid, signal.SIGKILL)
    rest_s = rest_after(ready, killed_s)
    holds = [
        status
        for status in ready.status
        if (status.source, status.state) == ("controller", "hold")
        and seconds(status.header.stamp) > killed_s
    ]
    hold_s = seconds(holds[0].header.stamp) - killed_s
    with capsys.disabled():
        print(f" [{name}: hold after {hold_s * 1e3:.0f} ms, rest {rest_s * 1e3:.0f} ms]", end="")
    assert rest_s < 1.9, "the arm moved again"
    lost = [s for s in holds if s.reason in ("node_ended", "node_silent")]
    assert lost or any(s.reason in ("no_target", "targets_silent") for s in holds)
    assert all(name in s.message for s in lost)
    told = "failed" if name != "planner" else "hold"
    assert any(name in s.message for s in ready.status if s.state == told)

    # When a process is killed at the wrong instant, Fast DDS does not see that its shared-memory
    # port is dead; who had that open may go on talking to it, and not to its successor.
    newcomer = ForeignClient()
    try:
        carry_on(newcomer)
    finally:
        newcomer.close()


def carry_on(client):
    """The next sentence moves the arm, once all nodes are back."""
    client.wait(
        lambda: (
            client.state("controller") == "idle"
            or client.reason("controller") in ("no_target", "targets_silent", "home_reached")
        ),
        60,
        "a controller that takes targets again",
    )
    client.wait(lambda: client.state("expert") == "idle", 60, "the expert")
    client.wait(lambda: client.state("planner") in ("idle", "failed"), 60, "the planner")
    client.wait(lambda: len(client.poses) > 10, 20, "the arm")
    bring_into_motion(client)
    assert client.call(client.stop, Trigger.Request()).success
    client.wait(lambda: client.speed() < REST_M_S, 5, "rest")
    assert client.call(client.resume, Trigger.Request()).success
    client.wait(lambda: client.state("planner") == "failed", 10, "the task's end")
    client.home()


def test_after_all_that_a_sentence_is_carried_out(ready):
    height = ready.objects["red cube"][2]
    ready.forget()
    ready.say(SENTENCE)
    ready.wait(lambda: ready.said("planner", "succeeded"), 120, "success")
    assert ready.objects["red cube"][2] > height + 0.05


def test_ctrl_c_leaves_nothing_behind(ready, deployment):
    """Runs last, for it ends the deployment; nodes that were killed left shared memory before."""
    children = psutil.Process(deployment.pid).children(recursive=True)
    assert children
    assert ready.state("controller")
    deployment.send_signal(signal.SIGINT)
    assert deployment.wait(30) in (0, 130)
    assert not [child for child in children if child.is_running()]
    assert remove_orphans() == []
