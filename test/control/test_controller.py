import numpy as np
import pytest
from fake_devices import HOME, Anywhere, FakeArm, FakeGripper

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.target_checks import PoseTarget, TargetLimits
from bridge_ros.errors import TargetRefusedError
from bridge_ros.status import Absence, ControllerReason, ControllerState

STEP_S = 0.01


class Rig:
    """A controller on fake devices, and a clock that only `run` moves."""

    def __init__(self):
        self.arm, self.gripper, self.now_s = FakeArm(), FakeGripper(), 100.0
        self.controller = Controller(
            self.arm,
            self.gripper,
            behaviour=BehaviourSettings(),
            targets=TargetLimits(),
            reach=Anywhere(),
            motion=MotionLimits(),
        )
        self.goal = HOME.copy()

    def run(self, seconds):
        for _ in range(round(seconds / STEP_S)):
            self.controller.step(self.now_s)
            self.now_s += STEP_S
        return self.controller.snapshot

    def submit(self, pose=None, *, age_s=0.005, frame_id="base"):
        self.controller.submit(
            PoseTarget(
                pose=self.goal if pose is None else pose,
                frame_id=frame_id,
                stamp_s=self.now_s - age_s,
                age_s=age_s,
                arrived_s=self.now_s,
            )
        )

    def stream(self, seconds, velocity_m_s=(0.1, 0.0, 0.0)):
        """Targets at 20 Hz along a line."""
        for _ in range(round(seconds / 0.05)):
            self.goal[:3] += 0.05 * np.array(velocity_m_s)
            self.submit()
            self.run(0.05)
        return self.controller.snapshot

    @property
    def state(self):
        return self.controller.snapshot.state

    @property
    def message(self):
        return self.controller.snapshot.cause.message

    @property
    def reason(self):
        return self.controller.snapshot.cause.reason


@pytest.fixture
def rig():
    return Rig()


@pytest.fixture
def ready(rig):
    rig.run(0.05)
    assert rig.state is ControllerState.IDLE
    return rig


@pytest.fixture
def active(ready):
    ready.stream(1.0)
    assert ready.state is ControllerState.ACTIVE
    return ready


def test_before_the_first_step_it_is_disconnected(rig):
    assert rig.state is ControllerState.DISCONNECTED


def test_an_arm_that_boots_late_is_reached_by_trying_again(rig):
    rig.arm.unreachable = True
    rig.run(2.5)
    assert rig.state is ControllerState.DISCONNECTED
    assert rig.reason is ControllerReason.ARM_NOT_REACHED
    assert "nobody answers" in rig.message
    assert rig.arm.calls.count("connect") == 3
    rig.arm.unreachable = False
    rig.run(1.0)
    assert rig.state is ControllerState.IDLE


def test_the_arm_follows_a_stream_of_targets(active):
    assert active.controller.snapshot.accepted == 20
    assert active.arm.pose[0] == pytest.approx(HOME[0] + 0.1, abs=0.01)
    assert active.arm.twists[-1][0] == pytest.approx(0.1, abs=0.01)


def test_no_motion_runs_before_the_first_target(ready):
    ready.run(1.0)
    assert "start" not in ready.arm.calls
    assert ready.controller.snapshot.commanded is None


def test_silence_makes_it_hold_after_150_ms(active):
    active.run(0.09)
    assert active.state is ControllerState.ACTIVE
    active.run(0.03)
    assert active.state is ControllerState.HOLD
    assert active.reason is ControllerReason.TARGETS_SILENT
    assert active.message.startswith("no target for 150 ms")
    assert active.controller.snapshot.silence_holds == 1
    place = active.arm.pose.copy()
    active.run(0.5)
    np.testing.assert_allclose(active.arm.pose[:3], place[:3], atol=0.01)


def test_a_delayed_stream_is_as_stale_as_its_stamps(ready):
    ready.submit(age_s=0.14)
    ready.run(0.01)
    assert ready.state is ControllerState.ACTIVE
    ready.run(0.02)
    assert ready.state is ControllerState.HOLD


def test_a_fresh_target_ends_a_hold(active):
    active.run(0.5)
    active.goal = active.arm.pose.copy()
    active.stream(0.2)
    assert active.state is ControllerState.ACTIVE
    assert active.arm.calls.count("start") == 1


def test_a_long_hold_ends_the_motion_and_leaves_the_robot_holding_itself(active):
    active.run(3.5)
    assert active.state is ControllerState.IDLE
    assert not active.arm.in_control


def test_a_refused_target_is_counted_by_reason_and_not_followed(active):
    far = active.goal.copy()
    far[1] += 0.1
    active.submit(far)
    active.submit(frame_id="camera_link")
    snapshot = active.run(0.02)
    assert snapshot.refused == {"step": 1, "frame": 1}
    assert "camera_link" in snapshot.last_refusal
    active.run(0.3)
    assert active.arm.pose[1] == pytest.approx(0.0, abs=1e-9)


def test_refused_targets_do_not_keep_a_motion_alive(active):
    for _ in range(6):
        active.submit(frame_id="nowhere")
        active.run(0.05)
    assert active.state is ControllerState.HOLD


def test_stop_latches_until_resume(active):
    active.controller.stop()
    active.run(0.02)
    assert active.state is ControllerState.STOPPED
    assert active.gripper.halted
    active.run(1.0)
    assert not active.arm.in_control
    accepted = active.controller.snapshot.accepted
    active.stream(0.3)
    assert active.state is ControllerState.STOPPED
    assert active.controller.snapshot.accepted == accepted
    active.controller.resume()
    active.goal = active.arm.pose.copy()
    active.stream(0.2)
    assert active.state is ControllerState.ACTIVE


def test_stop_brakes_within_a_centimetre_at_a_quarter_metre_a_second(ready):
    ready.stream(1.2, velocity_m_s=(0.25, 0.0, 0.0))
    place = ready.arm.pose.copy()
    ready.controller.stop()
    ready.run(1.0)
    assert np.linalg.norm(ready.arm.pose[:3] - place[:3]) < 0.012


def test_the_motion_is_kept_until_the_arm_itself_stands_still(active):
    active.arm.velocity_rad_s = 0.3
    active.controller.stop()
    active.run(1.0)
    assert active.arm.in_control
    active.arm.velocity_rad_s = 0.0
    active.run(0.2)
    assert not active.arm.in_control


def test_stop_latches_even_while_the_arm_is_not_reached(rig):
    rig.arm.unreachable = True
    rig.controller.stop()
    rig.run(0.1)
    rig.arm.unreachable = False
    rig.run(1.5)
    assert rig.state is ControllerState.STOPPED


@pytest.mark.parametrize(
    ("mode", "errors", "reason", "words"),
    [
        ("reflex", ("cartesian_reflex",), ControllerReason.ARM_ERROR, "cartesian_reflex"),
        ("user stopped", (), ControllerReason.ROBOT_MODE, "user stopped"),
        ("guiding", (), ControllerReason.ROBOT_MODE, "guiding"),
        ("other", (), ControllerReason.ROBOT_MODE, "other"),
    ],
)
def test_what_the_robot_reports_is_a_latched_fault(active, mode, errors, reason, words):
    active.arm.mode, active.arm.errors, active.arm.in_control = mode, errors, False
    active.run(0.02)
    assert active.state is ControllerState.FAULT
    assert active.reason is reason
    assert words in active.message
    assert active.gripper.halted
    active.arm.mode, active.arm.errors = "idle", ()
    active.stream(0.3)
    assert active.state is ControllerState.FAULT


def test_a_motion_that_ends_by_itself_is_a_fault(active):
    active.arm.in_control = False
    active.run(0.02)
    assert active.state is ControllerState.FAULT
    assert active.reason is ControllerReason.MOTION_ENDED
    assert "no longer carries out" in active.message
    assert active.gripper.halted


def test_a_motion_that_does_not_start_is_a_fault(ready):
    ready.arm.refuses_start = True
    ready.submit()
    ready.run(0.02)
    assert ready.state is ControllerState.FAULT
    assert ready.reason is ControllerReason.MOTION_NOT_STARTED
    assert "command not possible" in ready.message
    assert ready.gripper.halted


def test_resume_recovers_within_its_tries(active):
    active.arm.mode, active.arm.in_control = "reflex", False
    active.run(0.02)
    active.arm.recoveries = [False, False, True]
    active.controller.resume()
    active.run(0.1)
    assert active.state is ControllerState.RECOVERING
    active.run(1.2)
    assert active.state is ControllerState.IDLE
    assert active.arm.calls.count("recover") == 3


def test_a_recovery_that_fails_is_a_fault_again_and_not_tried_for_ever(active):
    active.arm.mode, active.arm.in_control = "reflex", False
    active.run(0.02)
    active.arm.recoveries = [False] * 10
    active.controller.resume()
    active.run(5.0)
    assert active.state is ControllerState.FAULT
    assert active.arm.calls.count("recover") == 3


def test_nothing_recovers_without_being_asked(active):
    active.arm.mode, active.arm.in_control = "reflex", False
    active.run(5.0)
    assert "recover" not in active.arm.calls


def test_targets_that_waited_for_a_stuck_loop_are_stale(active):
    accepted = active.controller.snapshot.accepted
    active.submit()
    active.now_s += 0.3  # the loop is kept waiting
    active.run(0.02)
    assert active.controller.snapshot.accepted == accepted
    assert active.controller.snapshot.refused == {"stale": 1}
    assert active.state is ControllerState.HOLD


def test_losing_the_connection_in_motion_needs_a_resume_once_it_is_back(active):
    active.arm.silent = active.arm.unreachable = True
    active.run(0.02)
    assert active.state is ControllerState.DISCONNECTED
    active.arm.silent = active.arm.unreachable = False
    active.run(1.5)
    assert active.state is ControllerState.FAULT
    assert active.reason is ControllerReason.LOST_IN_MOTION
    assert "lost in motion" in active.message
    assert active.gripper.halted
    active.controller.resume()
    active.run(0.1)
    assert active.state is ControllerState.IDLE


def test_that_the_arm_is_lost_is_told_before_it_is_let_go_of(active):
    told = []
    active.arm.close = lambda: told.append(active.controller.snapshot.state)
    active.arm.silent = active.arm.unreachable = True
    active.run(0.02)
    assert told == [ControllerState.DISCONNECTED]


def test_losing_the_connection_at_rest_mends_by_itself(ready):
    ready.arm.silent = True
    ready.run(0.02)
    assert ready.state is ControllerState.DISCONNECTED
    ready.arm.silent = False
    ready.run(1.5)
    assert ready.state is ControllerState.IDLE


def test_targets_for_a_disconnected_arm_are_refused_and_not_kept(rig):
    rig.arm.unreachable = True
    rig.submit()
    rig.run(0.1)
    rig.arm.unreachable = False
    rig.run(1.5)
    assert rig.controller.snapshot.refused == {"not_ready": 1}
    assert rig.state is ControllerState.IDLE


def test_losing_a_required_node_makes_it_hold_and_say_which(active):
    active.controller.set_missing({"expert": Absence.ENDED})
    active.run(0.02)
    assert active.state is ControllerState.HOLD
    assert active.reason is ControllerReason.NODE_ENDED
    assert "expert" in active.message
    active.stream(0.3)
    assert active.state is ControllerState.HOLD
    assert active.controller.snapshot.refused == {"not_ready": 6}
    active.controller.set_missing({})
    active.goal = active.arm.pose.copy()
    active.stream(0.2)
    assert active.state is ControllerState.ACTIVE


def test_losing_the_gripper_makes_it_hold_and_say_so(active):
    active.gripper.trouble = "WSG: no reply"
    active.run(0.02)
    assert active.state is ControllerState.HOLD
    assert active.reason is ControllerReason.GRIPPER_LOST
    assert "no reply" in active.message
    assert active.controller.snapshot.gripper is None


def test_widths_go_to_the_gripper_unless_nothing_may_move(active):
    active.controller.submit_width(0.03)
    assert active.gripper.width_m == 0.03
    active.controller.stop()
    active.run(0.02)
    with pytest.raises(TargetRefusedError, match="stopped"):
        active.controller.submit_width(0.05)
    assert active.gripper.width_m == 0.03


def test_a_width_that_the_gripper_does_not_have_is_refused_and_counted(active):
    with pytest.raises(TargetRefusedError):
        active.controller.submit_width(1.0)
    assert active.run(0.02).refused == {"width": 1}


def test_home_moves_slowly_to_the_home_pose_and_refuses_targets_on_the_way(active):
    active.run(0.5)
    active.controller.home()
    active.run(0.1)
    assert active.reason is ControllerReason.GOING_HOME
    active.submit()
    active.run(3.0)
    assert active.state is ControllerState.HOLD
    assert active.reason is ControllerReason.HOME_REACHED
    assert "home is reached" in active.message
    np.testing.assert_allclose(active.arm.pose[:3], HOME[:3], atol=1e-6)
    assert active.controller.snapshot.refused == {"not_ready": 1}


def test_home_is_refused_in_motion_and_when_stopped(active):
    with pytest.raises(TargetRefusedError, match="active"):
        active.controller.home()
    active.controller.stop()
    active.run(1.0)
    with pytest.raises(TargetRefusedError, match="stopped"):
        active.controller.home()


def test_stop_ends_the_way_home(active):
    active.run(0.5)
    active.controller.home()
    active.run(0.3)
    active.controller.stop()
    active.run(0.5)
    assert active.state is ControllerState.STOPPED
    assert active.arm.pose[0] > HOME[0] + 0.01


def test_resume_without_a_cause_changes_nothing(active):
    assert "nothing to resume" in active.controller.resume()
    active.stream(0.1)
    assert active.state is ControllerState.ACTIVE


def test_close_lets_go_of_both_devices(active):
    active.controller.close()
    assert active.arm.calls[-1] == "close"
    assert active.gripper.closed


def test_the_period_of_targets_is_measured(active):
    assert active.controller.target_periods()["mean_ms"] == pytest.approx(50.0)
