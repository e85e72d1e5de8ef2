"""The controller: makes arm and gripper follow targets and requests under the safety contract."""

from __future__ import annotations

import math
import threading
from collections import Counter

import numpy as np

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.condition import ControllerCondition, MotionMode
from bridge_ros.control.inbox import Inbox
from bridge_ros.control.interpolator import MotionLimits, StreamInterpolator
from bridge_ros.control.period_statistics import PeriodStatistics
from bridge_ros.control.recovery import Recovery
from bridge_ros.control.snapshot import Snapshot
from bridge_ros.control.target_checks import PoseTarget, Reach, TargetChecks, TargetLimits
from bridge_ros.errors import HardwareError, TargetRefusedError
from bridge_ros.geometry.poses import IDENTITY_POSE, FloatArray
from bridge_ros.hardware.protocols import Arm, ArmState, Gripper, GripperState
from bridge_ros.status import (
    Absence,
    Cause,
    ControllerReason,
    ControllerState,
    Refusal,
    RefusedTarget,
)

_READY_MODES = ("idle", "move")
_SETTLE_S = 0.1
_STILL_RAD_S = 0.02


class Controller:
    """The safety contract around one arm and one gripper.

    `step` is called at the streaming rate from one thread, which owns the arm. Everything else may
    be called from any thread and returns at once: it puts down what the next step takes up. Times
    are seconds on one monotonic clock.

    A step connects if need be, reads the arm, notices what forbids motion, takes up requests and
    targets, holds if targets have fallen silent, and sends the arm where it should be now.
    """

    def __init__(
        self,
        arm: Arm,
        gripper: Gripper,
        *,
        behaviour: BehaviourSettings,
        targets: TargetLimits,
        reach: Reach,
        motion: MotionLimits,
    ) -> None:
        self._arm = arm
        self._gripper = gripper
        self._fingers = threading.Lock()  # so that no width comes between a stop and its halt
        self._behaviour = behaviour
        self._silence_s = targets.max_age_s
        self._inbox = Inbox()
        self._condition = ControllerCondition()
        self._checks = TargetChecks(targets, reach)
        self._interpolator = StreamInterpolator(motion, IDENTITY_POSE, 0.0)
        self._recovery = Recovery(tries=0, wait_s=0.0, due_s=0.0)
        self._periods = PeriodStatistics()
        self._arm_state: ArmState | None = None
        self._gripper_state: GripperState | None = None
        self._gripper_trouble = ""
        self._commanded: FloatArray | None = None
        self._connect_due_s = -math.inf
        self._fresh_s = -math.inf
        self._rest_since_s: float | None = None
        self._end_at_rest = False
        self._accepted = 0
        self._refused: Counter[str] = Counter()
        self._widths_refused = 0
        self._last_refusal = ""
        self._silence_holds = 0
        self._snapshot = Snapshot(state=self._condition.state, cause=self._condition.cause)

    @property
    def snapshot(self) -> Snapshot:
        """The outcome of the last step."""
        return self._snapshot

    def target_periods(self) -> dict[str, float]:
        """How regularly targets arrive, accepted or not; see `PeriodStatistics.figures`."""
        return self._periods.figures()

    def submit(self, target: PoseTarget) -> None:
        """Hand in a pose target; whether it is followed shows in the snapshot's counts."""
        self._periods.add(target.arrived_s)
        self._inbox.put_target(target)

    def submit_width(self, width_m: float) -> None:
        """Hand in a gripper width; to be called from one thread only.

        Raises:
            TargetRefusedError: while the controller takes no targets, or for a width that the
                gripper does not have.
        """
        try:
            with self._fingers:
                if not self._condition.takes_targets:
                    raise self._refusal(Refusal.WIDTH)
                self._gripper.set_width(width_m)
        except TargetRefusedError:
            self._widths_refused += 1
            raise

    def set_missing(self, nodes: dict[str, Absence]) -> None:
        """Tell which required nodes are not alive, and how; while there are any, the arm holds."""
        self._inbox.set_missing(nodes)

    def stop(self) -> str:
        """Come to rest and stay so until `resume`. Returns what will happen, in words."""
        self._inbox.put_request(self._do_stop)
        return "stopping; /bridge/resume allows motion again"

    def resume(self) -> str:
        """Allow motion again after a stop or a fault. Returns what will happen, in words."""
        state = self._snapshot.state
        self._inbox.put_request(self._do_resume)
        if state is ControllerState.FAULT:
            return "trying to leave the fault; /bridge/status tells the outcome"
        if state is ControllerState.STOPPED:
            return "motion allowed again"
        return f"nothing to resume; the state is {state}"

    def home(self) -> str:
        """Start to move home, slowly. Returns what will happen, in words.

        Raises:
            TargetRefusedError: unless the arm is idle or holds.
        """
        if not self._condition.takes_home:
            raise self._refusal(Refusal.HOME)
        self._inbox.put_request(self._do_home)
        return "going home; /bridge/status tells when it is reached"

    @property
    def in_motion(self) -> bool:
        """Whether a motion of ours runs, be it a mere hold."""
        return self._condition.motion is not MotionMode.NONE

    def close(self) -> None:
        """Stop the arm and let go of both devices; after the last step."""
        self._arm.close()
        self._gripper.close()

    def step(self, now_s: float) -> Snapshot:
        """Do everything that is due."""
        self._read_gripper()
        try:
            self._step(now_s)
        except HardwareError as error:
            self._lose_arm(error, now_s)
        self._snapshot = self._summarise()
        return self._snapshot

    def _step(self, now_s: float) -> None:
        if self._condition.lost is not None and not self._connect(now_s):
            self._take_requests(now_s)
            self._take_targets(None, now_s)
            return
        state = self._arm_state = self._arm.state()
        self._notice_fault(state)
        self._notice_blockers(now_s)
        self._take_requests(now_s)
        self._recover(now_s)
        self._take_targets(state, now_s)
        self._notice_silence(now_s)
        self._move(state, now_s)

    def _connect(self, now_s: float) -> bool:
        """Whether the arm is connected, after a try if one is due."""
        if now_s < self._connect_due_s:
            return False
        self._connect_due_s = now_s + self._behaviour.reconnect_s
        self._arm.connect()
        self._condition.lost = None
        return True

    def _lose_arm(self, error: HardwareError, now_s: float) -> None:
        """The connection is gone; what moved then may not go on by itself once it is back."""
        condition = self._condition
        if condition.lost is None:
            self._connect_due_s = now_s + self._behaviour.reconnect_s
            if condition.motion in (MotionMode.FOLLOW, MotionMode.HOME) and condition.fault is None:
                self._latch_fault(ControllerReason.LOST_IN_MOTION.because(why=error))
        condition.lost = ControllerReason.ARM_NOT_REACHED.because(why=error)
        condition.recovering = False
        self._end_motion()
        self._arm_state = None
        self._snapshot = self._summarise()  # Letting go of a robot that is silent takes a second.
        self._arm.close()

    def _read_gripper(self) -> None:
        try:
            self._gripper_state, self._gripper_trouble = self._gripper.state(), ""
        except HardwareError as error:
            self._gripper_state, self._gripper_trouble = None, str(error)

    def _notice_fault(self, state: ArmState) -> None:
        """Latch what the arm reports; a motion of ours that ended by itself is a fault, too."""
        condition = self._condition
        ready = state.mode in _READY_MODES
        ended = condition.motion is not MotionMode.NONE and not state.in_control
        if condition.recovering or (ready and not state.errors and not ended):
            return
        if condition.fault is None:
            if state.errors:
                fault = ControllerReason.ARM_ERROR.because(errors=", ".join(state.errors))
            elif ready:
                fault = ControllerReason.MOTION_ENDED.because()
            else:
                fault = ControllerReason.ROBOT_MODE.because(mode=state.mode)
            self._latch_fault(fault)
        self._end_motion()

    def _latch_fault(self, fault: Cause[ControllerReason]) -> None:
        """Keep the fault until somebody resumes; fingers under way stop, too."""
        with self._fingers:
            self._condition.fault = fault
            self._gripper.halt()

    def _notice_blockers(self, now_s: float) -> None:
        missing = self._inbox.missing.items()
        blockers = [absence.of(name) for name, absence in missing]
        if self._gripper_trouble:
            blockers.append(ControllerReason.GRIPPER_LOST.because(why=self._gripper_trouble))
        self._condition.blockers = tuple(blockers)
        if blockers and self._condition.motion is MotionMode.FOLLOW:
            self._come_to_rest(now_s, ControllerReason.NO_TARGET.because())

    def _take_requests(self, now_s: float) -> None:
        for request in self._inbox.take_requests():
            request(now_s)

    def _do_stop(self, now_s: float) -> None:
        with self._fingers:
            self._condition.stopped = True
            self._gripper.halt()
        self._condition.recovering = False
        self._come_to_rest(now_s, ControllerReason.NO_TARGET.because())
        self._end_at_rest = True

    def _do_resume(self, now_s: float) -> None:
        self._condition.stopped = False
        if self._condition.fault is not None and not self._condition.recovering:
            self._condition.recovering = True
            self._recovery = Recovery(
                tries=self._behaviour.recover_tries,
                wait_s=self._behaviour.recover_wait_s,
                due_s=now_s,
            )

    def _do_home(self, now_s: float) -> None:
        state = self._arm_state
        if state is None or not self._condition.takes_home or not self._ensure_motion(state, now_s):
            return
        goal = self._arm.pose_of(np.array(self._behaviour.home_joints))
        self._interpolator.go_to(goal, now_s, self._behaviour.home_speed)
        self._checks.restart()
        self._condition.motion = MotionMode.HOME

    def _recover(self, now_s: float) -> None:
        condition = self._condition
        if not condition.recovering or not self._recovery.is_due(now_s):
            return
        if self._arm.recover():
            condition.recovering, condition.fault = False, None
        elif self._recovery.exhausted:
            condition.recovering = False

    def _take_targets(self, state: ArmState | None, now_s: float) -> None:
        for target in self._inbox.take_targets():
            try:
                if state is None or not self._condition.takes_targets:
                    raise self._refusal(Refusal.NOT_READY)
                accepted = self._checks.accept(target.taken_up_at(now_s), state)
            except RefusedTarget as error:
                self._refused[error.reason.value] += 1
                self._last_refusal = str(error)
                continue
            if self._ensure_motion(state, now_s):
                self._accepted += 1
                self._interpolator.follow(accepted.pose, accepted.stamp_s, now_s)
                self._fresh_s = accepted.fresh_s
                self._condition.motion = MotionMode.FOLLOW

    def _notice_silence(self, now_s: float) -> None:
        following = self._condition.motion is MotionMode.FOLLOW
        if following and now_s - self._fresh_s > self._silence_s:
            self._silence_holds += 1
            silence_ms = self._silence_s * 1e3
            self._come_to_rest(
                now_s, ControllerReason.TARGETS_SILENT.because(silence_ms=silence_ms)
            )

    def _ensure_motion(self, state: ArmState, now_s: float) -> bool:
        """Whether our motion runs, after starting it if need be; a failure to start is a fault."""
        if self._condition.motion is MotionMode.NONE:
            try:
                self._arm.start()
            except HardwareError as error:
                self._latch_fault(ControllerReason.MOTION_NOT_STARTED.because(why=error))
                return False
            self._interpolator.reset(state.ee_pose, now_s)
        self._end_at_rest, self._rest_since_s = False, None
        return True

    def _come_to_rest(self, now_s: float, cause: Cause[ControllerReason]) -> None:
        """Brake and hold."""
        self._checks.restart()
        if self._condition.motion is not MotionMode.NONE:
            self._interpolator.brake(now_s)
            self._condition.motion = MotionMode.HOLD
            self._condition.hold = cause
            self._rest_since_s = None

    def _move(self, state: ArmState, now_s: float) -> None:
        """Send the arm where it should be, and end a motion that has nothing left to do."""
        condition = self._condition
        if condition.motion is MotionMode.NONE:
            return
        setpoint = self._interpolator.sample(now_s)
        self._arm.follow(setpoint.pose, setpoint.twist)
        self._commanded = setpoint.pose
        # Ending a motion takes its stiffness away, so the arm itself must stand still before that.
        still = float(np.abs(state.joint_velocities).max()) < _STILL_RAD_S
        if condition.motion is MotionMode.FOLLOW or not setpoint.at_rest or not still:
            self._rest_since_s = None
            return
        if condition.motion is MotionMode.HOME:
            condition.motion = MotionMode.HOLD
            condition.hold = ControllerReason.HOME_REACHED.because()
        if self._rest_since_s is None:
            self._rest_since_s = now_s
        wait_s = _SETTLE_S if self._end_at_rest else self._behaviour.idle_after_s
        if now_s - self._rest_since_s >= wait_s:
            self._end_motion()

    def _end_motion(self) -> None:
        if self._condition.motion is not MotionMode.NONE:
            self._arm.stop()
        self._condition.motion = MotionMode.NONE
        self._commanded = None
        self._checks.restart()

    def _refusal(self, reason: Refusal) -> RefusedTarget:
        return RefusedTarget(reason, state=self._condition.state, why=self._condition.cause)

    def _summarise(self) -> Snapshot:
        refused = dict(self._refused)
        if self._widths_refused:
            refused[Refusal.WIDTH.value] = self._widths_refused
        return Snapshot(
            state=self._condition.state,
            cause=self._condition.cause,
            arm=self._arm_state,
            gripper=self._gripper_state,
            gripper_trouble=self._gripper_trouble,
            commanded=self._commanded,
            accepted=self._accepted,
            refused=refused,
            last_refusal=self._last_refusal,
            silence_holds=self._silence_holds,
        )
