"""One controller on one robot, what it is sent, and what came of it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from typing import Any

import numpy as np

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.control_loop import ControlLoop
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.snapshot import Snapshot
from bridge_ros.control.target_checks import PoseTarget, Reach, TargetLimits
from bridge_ros.errors import HardwareError, TargetRefusedError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.no_gripper import NoGripper
from bridge_ros.hardware.protocols import Arm
from bridge_ros.lab.bench.hostile_targets import KINDS, HostileTarget, hostile_targets
from bridge_ros.lab.bench.tracking import Tracking
from bridge_ros.lab.bench.wandering import WanderingPath
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.status import ControllerReason, ControllerState

_READY_TIMEOUT_S = 90.0
_SETTLE_S = 0.5
_LOOK_S = 0.2
_JUDGED_S = 1.0
_STEP_S = 0.005
_BETWEEN_S = 0.5
_LOST_AFTER = 40
"""So many refusals in a row, and the path is begun anew: the arm is no longer near it."""


class RecordedController(Controller):
    """A controller that keeps what every step saw."""

    def __init__(self, arm: Arm, **settings: Any) -> None:
        super().__init__(arm, NoGripper(GripperSettings(driver="none")), **settings)
        self.log: list[tuple[float, Snapshot]] = []

    def step(self, now_s: float) -> Snapshot:
        snapshot = super().step(now_s)
        self.log.append((now_s, snapshot))
        return snapshot


class ArmTrial:
    """One controller on one robot, and the sender of its targets.

    Args:
        path: of good targets; begins at the home joints of `behaviour`.
        rng: draws the misbehaviours.
    """

    def __init__(
        self,
        arm: Arm,
        path: WanderingPath,
        rng: np.random.Generator,
        *,
        rate_hz: float,
        behaviour: BehaviourSettings,
        targets: TargetLimits,
        reach: Reach,
        motion: MotionLimits,
    ) -> None:
        self._limits, self._path, self._rng = targets, path, rng
        self._controller = RecordedController(
            arm, behaviour=behaviour, targets=targets, reach=reach, motion=motion
        )
        self._loop = ControlLoop(self._controller, rate_hz)
        self._loop.start()
        self._path_s = self._taken_s = 0.0
        self._due_s = 0.0
        self._sent = self._sent_before = 0
        self._accepted = 0
        self._in_vain = 0
        self._restarts = 0

    def close(self) -> None:
        """Bring the arm to rest and let go of it."""
        self._loop.close()

    def get_ready(self) -> None:
        """Bring the arm home, out of a fault if need be; the path begins there.

        Raises:
            HardwareError: if that takes too long.
        """
        end_s, snapshot = time.monotonic() + _READY_TIMEOUT_S, self._controller.snapshot
        while snapshot.cause.reason is not ControllerReason.HOME_REACHED:
            if time.monotonic() > end_s:
                raise HardwareError(
                    f"the arm is not home after {_READY_TIMEOUT_S:.0f} s: {snapshot.cause}"
                )
            if snapshot.state in (ControllerState.FAULT, ControllerState.STOPPED):
                self._controller.resume()
            elif snapshot.state in (ControllerState.IDLE, ControllerState.HOLD):
                # Between the two looks the state may have changed; then it is tried again.
                with contextlib.suppress(TargetRefusedError):
                    self._controller.home()
            time.sleep(_LOOK_S)
            snapshot = self._controller.snapshot
        time.sleep(_SETTLE_S)
        self._path_s, self._taken_s, self._due_s = 0.0, 0.0, time.monotonic()

    def smooth(self, seconds: float) -> dict[str, Any]:
        """Targets along the path; with how closely they are followed."""
        before, first = self._controller.snapshot, len(self._controller.log)
        good: list[tuple[float, float]] = []
        for _ in range(round(seconds / CONTROL_PERIOD_S)):
            good.append((self._follow(), self._path_s))
        times_s, path_s = np.array(good).T
        steps = self._controller.log[first:]
        states = [
            (now_s, step.arm.ee_pose)
            for now_s, step in steps
            if step.arm is not None and step.state is ControllerState.ACTIVE
        ]
        figures = self._figures(before, first)
        if not figures["reflexes"] and not figures["restarts"] and len(states) > 1:
            tracking = Tracking.of(
                np.array([now_s for now_s, _ in states]),
                np.array([pose for _, pose in states]),
                lambda t_s: self._good(float(np.interp(t_s, times_s, path_s))),
            )
            figures["tracking"] = {
                "lag_ms": round(1e3 * tracking.lag_s),
                "error_p50_mm": round(1e3 * tracking.error_p50_m, 2),
                "error_p99_mm": round(1e3 * tracking.error_p99_m, 2),
                "turn_p50_deg": round(float(np.rad2deg(tracking.turn_p50_rad)), 2),
                "turn_p99_deg": round(float(np.rad2deg(tracking.turn_p99_rad)), 2),
                "mean_speed_m_s": round(tracking.speed_m_s, 3),
            }
        return figures

    def hostile(self, count: int) -> dict[str, Any]:
        """Misbehaviours in turn, each amid half a second of good targets."""
        before, first = self._controller.snapshot, len(self._controller.log)
        kinds: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            for _ in range(round(_BETWEEN_S / CONTROL_PERIOD_S)):
                self._follow()
            kinds[kind] += self._misbehave(kind)
        figures = self._figures(before, first)
        return figures | {"kinds": {kind: dict(counts) for kind, counts in kinds.items()}}

    def _misbehave(self, kind: str) -> Counter[str]:
        before, first = self._settled(), len(self._controller.log)
        self._note_taken(before)
        targets = hostile_targets(
            kind, self._rng, step_m=self._limits.max_step_m, step_rad=self._limits.max_step_rad
        )
        for target in targets:
            self._send(target)
            self._mend()
        after = self._settled()
        self._note_taken(after)
        counts = Counter({"accepted": after.accepted - before.accepted})
        counts.update(Counter(after.refused) - Counter(before.refused))
        counts["reflexes"] = len(self._faults(first))
        return +counts

    def _settled(self) -> Snapshot:
        """The controller's snapshot once it has judged all that was sent."""
        end_s, snapshot = time.monotonic() + _JUDGED_S, self._controller.snapshot
        while snapshot.accepted + sum(snapshot.refused.values()) < self._sent:
            if time.monotonic() > end_s:
                break
            time.sleep(_STEP_S)
            snapshot = self._controller.snapshot
        return snapshot

    def _good(self, path_s: float) -> FloatArray:
        """`(7,)` the good target at a time on the path, which is gone to and fro."""
        folded_s = path_s % (2.0 * self._path.length_s)
        return self._path.pose(min(folded_s, 2.0 * self._path.length_s - folded_s))

    def _follow(self) -> float:
        """Send the next good target, or the last one again until it is taken; returns when."""
        self._note_taken(self._controller.snapshot)
        self._path_s = self._taken_s + CONTROL_PERIOD_S
        sent_s = self._submit(self._good(self._path_s), CONTROL_PERIOD_S, 0.0)
        self._mend()
        return sent_s

    def _note_taken(self, snapshot: Snapshot) -> None:
        """Note whether anything was taken since the last look; the path waits while nothing is."""
        if snapshot.accepted > self._accepted:
            self._in_vain, self._taken_s = 0, self._path_s
        else:
            self._in_vain += 1
        self._accepted = snapshot.accepted

    def _send(self, target: HostileTarget) -> None:
        if target.wait_s == CONTROL_PERIOD_S:
            self._path_s += CONTROL_PERIOD_S
        self._submit(target.pose(self._good(self._path_s)), target.wait_s, target.age_s)

    def _submit(self, pose: FloatArray, wait_s: float, age_s: float) -> float:
        self._due_s = max(self._due_s + wait_s, time.monotonic() - CONTROL_PERIOD_S)
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        now_s = time.monotonic()
        self._controller.submit(
            PoseTarget(
                pose=pose,
                frame_id=self._limits.frame_id,
                stamp_s=now_s - age_s,
                age_s=age_s,
                arrived_s=now_s,
            )
        )
        self._sent += 1
        return now_s

    def _mend(self) -> None:
        """After a reflex, or far from the path, begin again from home."""
        snapshot = self._controller.snapshot
        if snapshot.state not in (ControllerState.FAULT, ControllerState.DISCONNECTED):
            if self._in_vain < _LOST_AFTER:
                return
            self._restarts += 1
        self._in_vain = 0
        self.get_ready()

    def _faults(self, first: int) -> list[str]:
        """The message of each fault since a step; those on the way home count as well."""
        log, known = self._controller.log, (ControllerState.FAULT, ControllerState.RECOVERING)
        return [
            step.cause.message
            for (_, last), (_, step) in zip(log[first:], log[first + 1 :], strict=False)
            if step.state is ControllerState.FAULT and last.state not in known
        ]

    def _figures(self, before: Snapshot, first: int) -> dict[str, Any]:
        after, log = self._settled(), self._controller.log[first:]
        arms = [(now_s, step.arm) for now_s, step in log if step.arm is not None]
        rates = [arm.commands_in_time for _, arm in arms if arm.in_control]
        passed_s = arms[-1][0] - arms[0][0] if arms else 0.0
        robot_s = arms[-1][1].time_s - arms[0][1].time_s if arms else 0.0
        figures = {
            "seconds": round(passed_s, 1),
            "sent": self._sent - self._sent_before,
            "accepted": after.accepted - before.accepted,
            "refused": dict(Counter(after.refused) - Counter(before.refused)),
            "reflexes": self._faults(first),
            "restarts": self._restarts,
            "silence_holds": after.silence_holds - before.silence_holds,
            "loop_overruns": self._loop.overruns,
            "robot_time_per_time": round(robot_s / passed_s, 3) if passed_s else None,
            "commands_in_time": {
                "mean": round(float(np.mean(rates)), 4) if rates else None,
                "least": round(float(np.min(rates)), 2) if rates else None,
            },
        }
        self._sent_before, self._restarts = self._sent, 0
        return figures
