"""The controller on devices that speak the real protocols: franky-sim's FCI and the WSG's TCP."""

import time

import numpy as np
import pytest
from simulated_robot import HAND, SimulatedRobot, wait_until

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.control_loop import ControlLoop
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.reach import make_reach
from bridge_ros.control.target_checks import PoseTarget, TargetLimits
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.franky_arm import FrankyArm
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.wsg_gripper import WsgGripper
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings
from bridge_ros.status import ControllerReason, ControllerState, Hindrance, hindrance

START = (0.0, 0.0, 0.0, -1.57, 0.0, 1.57, 0.785)
PERIOD_S = 0.05


class Cell:
    """Simulated devices, the controller, and a log of what it saw at every step."""

    def __init__(self, mode):
        self.mode = mode
        self.robot = SimulatedRobot(2)
        self.jaws = RateLimitedJaws(time.monotonic)
        self.gripper_server = WsgServer(self.jaws, WsgServerSettings(port=0))
        self.gripper_server.start()
        arm_settings = ArmSettings(
            host=self.robot.host,
            mode=mode,
            connect_timeout_s=2.0,
            friction_compensation=0.8,
            rotational_damping_nms_rad=25.0,
        )
        gripper = WsgGripper(GripperSettings(host="127.0.0.1", port=self.gripper_server.port))
        gripper.start()
        self.controller = Controller(
            FrankyArm(arm_settings, tool=HAND, home_joints=START),
            gripper,
            behaviour=BehaviourSettings(home_joints=START),
            targets=TargetLimits(),
            reach=make_reach(
                HAND.flange_to_tcp, BehaviourSettings(home_joints=START), TargetLimits()
            ),
            motion=MotionLimits(),
        )
        self.log = []
        step = self.controller.step

        def logged_step(now_s):
            snapshot = step(now_s)
            before = self.log[-1][1] if self.log else None
            if before is None or before.cause != snapshot.cause:
                print(f"{now_s:.3f} {snapshot.state}: {snapshot.cause}")
            self.log.append((now_s, snapshot))
            return snapshot

        self.controller.step = logged_step
        self.loop = ControlLoop(self.controller, 100.0)
        self.loop.start()

    def close(self):
        self.loop.close()
        self.gripper_server.close()
        self.robot.kill()

    @property
    def snapshot(self):
        return self.controller.snapshot

    def in_state(self, *names):
        return self.snapshot.state.value in names

    def make_ready(self):
        wait_until(lambda: not self.in_state("disconnected", "recovering"), 30.0)
        self.controller.resume()
        wait_until(lambda: self.in_state("idle", "hold") and not self.blocked(), 30.0)

    def blocked(self):
        """Whether it holds for a reason that a person must mend."""
        found = hindrance(self.snapshot.state, self.snapshot.cause.reason)
        return self.in_state("hold") and found is not Hindrance.NONE

    def stream(self, path, seconds):
        """Publish path(t) at 20 Hz; returns when the first and the last target were sent."""
        begin_s = time.monotonic()
        for number in range(round(seconds / PERIOD_S)):
            now_s = time.monotonic()
            self.controller.submit(
                PoseTarget(
                    pose=path(number * PERIOD_S),
                    frame_id="base",
                    stamp_s=begin_s + number * PERIOD_S,
                    age_s=now_s - begin_s - number * PERIOD_S,
                    arrived_s=now_s,
                )
            )
            time.sleep(max(0.0, begin_s + (number + 1) * PERIOD_S - time.monotonic()))
        return begin_s, now_s

    def between(self, begin_s, end_s):
        return [entry for entry in self.log if begin_s <= entry[0] <= end_s]


@pytest.fixture(scope="module", params=["impedance", "velocity"])
def cell(request):
    cell = Cell(request.param)
    yield cell
    cell.close()


@pytest.fixture
def ready(cell):
    cell.make_ready()
    return cell


def circle_from(pose, radius_m=0.04, turn_s=4.0):
    """A level circle that starts at a pose, and gathers speed in its first second."""

    def path(t):
        phase = 2.0 * np.pi / turn_s * (t - 0.5 if t > 1.0 else 0.5 * t * t)
        offset = radius_m * np.array([np.cos(phase) - 1.0, np.sin(phase), 0.0])
        return np.concatenate([pose[:3] + offset, pose[3:]])

    return path


def test_the_arm_tracks_a_20_hz_circle(ready):
    path = circle_from(ready.snapshot.arm.ee_pose)
    begin_s, end_s = ready.stream(path, 5.0)
    entries = ready.between(begin_s + 1.5, end_s)
    measured = np.array([snapshot.arm.ee_pose[:3] for _, snapshot in entries])
    times_s = np.array([now_s for now_s, _ in entries]) - begin_s

    def errors_m(lag_s):
        wanted = np.array([path(t - lag_s)[:3] for t in times_s])
        return np.linalg.norm(measured - wanted, axis=1)

    lags_s = np.arange(0.0, 0.3, 0.01)
    best_s = min(lags_s, key=lambda lag_s: np.median(errors_m(lag_s)))
    print(
        f"lag {best_s * 1e3:.0f} ms, error p50 {np.median(errors_m(best_s)) * 1e3:.1f} mm, "
        f"p99 {np.percentile(errors_m(best_s), 99) * 1e3:.1f} mm"
    )
    assert np.median(errors_m(best_s)) < 0.01
    assert ready.snapshot.refused == {}


def test_when_targets_stop_the_arm_holds_where_it_is(ready):
    _, last_s = ready.stream(circle_from(ready.snapshot.arm.ee_pose), 1.5)
    wait_until(lambda: ready.in_state("hold"))
    time.sleep(1.0)
    holds = [entry for entry in ready.between(last_s, np.inf) if entry[1].state == "hold"]
    positions = np.array([snapshot.arm.ee_pose[:3] for _, snapshot in holds])
    moved_m = np.linalg.norm(positions - positions[0], axis=1).max()
    print(
        f"hold {1e3 * (holds[0][0] - last_s):.0f} ms after the last target, moved {moved_m:.4f} m"
    )
    assert moved_m < 0.03
    assert np.abs(holds[-1][1].arm.joint_velocities).max() < 0.02
    assert holds[-1][1].cause.reason is ControllerReason.TARGETS_SILENT


def test_stop_brings_the_arm_to_rest_and_keeps_targets_out_until_resume(ready):
    path = circle_from(ready.snapshot.arm.ee_pose)
    ready.stream(path, 1.5)
    stop_s = time.monotonic()
    place = ready.snapshot.arm.ee_pose.copy()
    ready.controller.stop()
    wait_until(lambda: ready.in_state("stopped") and not ready.snapshot.arm.in_control)
    print(f"control ended {time.monotonic() - stop_s:.2f} s after the stop")
    accepted = ready.snapshot.accepted
    ready.stream(circle_from(ready.snapshot.arm.ee_pose), 0.5)
    assert ready.snapshot.accepted == accepted
    assert np.linalg.norm(ready.snapshot.arm.ee_pose[:3] - place[:3]) < 0.03
    ready.controller.resume()
    wait_until(lambda: ready.in_state("idle"))
    ready.stream(circle_from(ready.snapshot.arm.ee_pose), 0.5)
    wait_until(lambda: not ready.in_state("active"))
    assert ready.in_state("hold")
    assert ready.snapshot.accepted > accepted


def test_the_gripper_moves_while_the_arm_streams(ready):
    ready.controller.submit_width(0.04)
    begin_s, end_s = ready.stream(circle_from(ready.snapshot.arm.ee_pose), 2.0)
    assert ready.snapshot.gripper.width_m == pytest.approx(0.04, abs=0.002)
    assert all(entry[1].state == "active" for entry in ready.between(begin_s + 0.2, end_s))


def test_home_is_reached(ready):
    ready.controller.home()
    wait_until(lambda: ready.snapshot.cause.reason is ControllerReason.HOME_REACHED, 30.0)
    state = ready.snapshot.arm
    if ready.mode == "impedance":  # Only there is the elbow drawn to its place.
        np.testing.assert_allclose(state.joint_positions, START, atol=0.1)
    home = Fr3Reach(flange_to_tcp=HAND.flange_to_tcp, home_joints=START).tcp_pose(np.array(START))
    np.testing.assert_allclose(state.ee_pose[:3], home[:3], atol=0.01)


def test_a_cut_connection_is_said_and_needs_a_resume_once_it_is_back(ready):
    ready.stream(circle_from(ready.snapshot.arm.ee_pose), 1.0)
    ready.robot.kill()
    wait_until(lambda: ready.in_state("disconnected"))
    assert ready.robot.host in ready.snapshot.cause.message
    ready.robot.start()
    wait_until(lambda: not ready.in_state("disconnected"), 30.0)
    ready.make_ready()
    assert ready.snapshot.state in (ControllerState.IDLE, ControllerState.HOLD)
