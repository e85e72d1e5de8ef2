"""ExpertLoop: the control loop of the action expert, free of ROS and of clocks.

The node calls it at 20 Hz with a worker thread behind it, the evaluator as fast as it can with the
same code and an inline worker.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import (
    BridgeError,
    ConfigError,
    PlanError,
    StaleObservationError,
    TargetRefusedError,
)
from bridge_ros.expert.action_queue import ActionQueue, ActionQueueSettings
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.loop_statistics import LoopStatistics
from bridge_ros.expert.observation import ActionChunk, Observation
from bridge_ros.expert.worker import Worker
from bridge_ros.geometry.poses import FloatArray, distance_between, rotation_between
from bridge_ros.plan import GripperAction
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.settings.ranges import Count, NotNegative, Positive, check_ranges
from bridge_ros.status import Cause, ExpertReason, ExpertState, StageOutcome, cause_of
from bridge_ros.trajectory import (
    GuidanceClock,
    GuidanceSettings,
    PoseTrajectory,
    StageMonitor,
    StageMonitorSettings,
)

PointSource = Callable[[], NDArray[np.float32]]
"""Gives a cloud `(N, 3)` in base; called in the worker, so that building it delays nothing."""


@dataclass(frozen=True, kw_only=True)
class ExpertLoopSettings:
    """Rates and ages of the loop.

    Attributes:
        period_s: time between two targets.
        guidance_steps: poses of guidance in an observation.
        replan_s: longest time without a new inference; every new cloud starts one earlier.
        max_state_age_s: the arm's measured state must not be older.
        max_cloud_age_s: nor the newest cloud, while following; 0: clouds are not needed.
        max_start_offset_m: a trajectory that starts farther from the arm is not followed.
        max_start_offset_rad: the same for its orientation.
        give_up_s: after this long without targets, the stage is dropped and has failed.
    """

    period_s: Positive = CONTROL_PERIOD_S
    guidance_steps: Count = 49
    replan_s: Positive = 0.15
    max_state_age_s: Positive = 0.15
    max_cloud_age_s: NotNegative = 0.60
    max_start_offset_m: float = 0.08
    max_start_offset_rad: float = 0.6
    give_up_s: Positive = 1.0
    guidance: GuidanceSettings = field(default_factory=GuidanceSettings)
    queue: ActionQueueSettings = field(default_factory=ActionQueueSettings)
    stage: StageMonitorSettings = field(default_factory=StageMonitorSettings)

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.queue.period_s != self.period_s:
            raise ConfigError(
                f"queue.period_s: expected period_s, {self.period_s}, got {self.queue.period_s}; "
                "a chunk has a step for every target"
            )

    def check_serves(self, config: ExpertConfig, checkpoint: str) -> None:
        """Refuse an expert that was trained for another rate than this loop's.

        Raises:
            ConfigError: naming both periods.
        """
        if not math.isclose(config.control_period_s, self.period_s, rel_tol=1e-6):
            raise ConfigError(
                f"loop.period_s: expected {config.control_period_s}, the control period that "
                f"{checkpoint} was trained for, got {self.period_s}"
            )


@dataclass(frozen=True, kw_only=True)
class ArmObservation:
    """What is measured of arm and gripper at one moment; as in Observation."""

    stamp_s: float
    ee_pose: FloatArray
    joint_positions: FloatArray | None
    gripper_width: float


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to command now: a pose `(7,)` in base, and a gripper width [m]."""

    pose: FloatArray
    gripper_width: float


@dataclass(frozen=True, kw_only=True)
class Inference:
    """A chunk with the moments of what it was made from, and the cloud it saw."""

    chunk: ActionChunk
    observation: Observation
    observed_s: float
    cloud_stamp_s: float | None


class ExpertLoop:
    """Follows one trajectory after the other. Call it from one thread."""

    def __init__(
        self,
        predict: Callable[[Observation], ActionChunk],
        worker: Worker[Inference],
        settings: ExpertLoopSettings | None = None,
    ) -> None:
        self._settings = settings or ExpertLoopSettings()
        self._predict = predict
        self._worker = worker
        self._queue = ActionQueue(self._settings.queue)
        self.statistics = LoopStatistics(self._settings.period_s)
        self.newest_inference: Inference | None = None
        self._clock: GuidanceClock | None = None
        self._monitor: StageMonitor | None = None
        self._arm: ArmObservation | None = None
        self._cloud: tuple[float, PointSource] | None = None
        self._last_step_s: float | None = None
        self._asked_s = -np.inf
        self._unused_cloud_s: float | None = None
        self._counted_cloud_s = -np.inf
        self._began_s = 0.0
        self._silent_since_s: float | None = None
        self._silence: Cause[ExpertReason] | None = None
        self._dropped: Cause[ExpertReason] | None = None
        self.forbidden: Cause[ExpertReason] | None = None
        """Why nothing may be commanded at present; None when it may."""

    @property
    def following(self) -> bool:
        """Whether there is a trajectory, ended or not, whose targets are being given."""
        return self._clock is not None

    @property
    def progress(self) -> float:
        """Share of the trajectory's time that has passed, 0 to 1."""
        return self._clock.progress if self._clock else 0.0

    @property
    def last_seam_m(self) -> float:
        """How far apart the last two chunks were at the moment of their seam [m]."""
        return self._queue.last_seam_m

    @property
    def outcome(self) -> StageOutcome:
        """What has become of the stage that is being followed."""
        if self._monitor is not None:
            return self._monitor.outcome
        return StageOutcome.FAILED if self._dropped else StageOutcome.RUNNING

    @property
    def state(self) -> ExpertState:
        """Idle, or the stage's."""
        if self.following or self._dropped:
            return ExpertState(self.outcome.value)
        return ExpertState.IDLE

    @property
    def cause(self) -> Cause[ExpertReason]:
        """Of the state; while a stage is followed in silence, what it is silent for."""
        if self._monitor is not None:
            return self._monitor.cause or self._silence or ExpertReason.FOLLOWING.because()
        return self._dropped or ExpertReason.NOTHING_TO_FOLLOW.because()

    def obstacle(self, now_s: float) -> Cause[ExpertReason] | None:
        """Why nothing could be commanded at this moment; None when it could."""
        try:
            self._fresh_arm(now_s)
            self._check_cloud(now_s)
        except StaleObservationError as error:
            return cause_of(error, ExpertReason.INFERENCE_REFUSED)
        return self.forbidden

    def follow(
        self, trajectory: PoseTrajectory, gripper_action: GripperAction, now_s: float
    ) -> None:
        """Follow a trajectory from now on; it takes over from an earlier one without a gap.

        Raises:
            PlanError: if it starts far from where the arm is.
            StaleObservationError: if it is not known where the arm is.
        """
        arm = self._fresh_arm(now_s)
        start, _ = trajectory.sample(0.0)
        off_m = distance_between(start, arm.ee_pose)
        off_rad = rotation_between(start, arm.ee_pose)
        s = self._settings
        if off_m > s.max_start_offset_m or off_rad > s.max_start_offset_rad:
            raise PlanError(
                ExpertReason.STARTS_ELSEWHERE.because(
                    off_m=off_m,
                    off_rad=off_rad,
                    limit_m=s.max_start_offset_m,
                    limit_rad=s.max_start_offset_rad,
                )
            )
        if self._clock is None:
            self._queue.clear()
            self.statistics.paused()
            self._began_s = now_s
        self._clock = GuidanceClock(trajectory, s.guidance)
        self._monitor = StageMonitor(gripper_action, s.stage)
        self._last_step_s = self._silent_since_s = None
        self._silence = self._dropped = None
        self._ask(now_s)

    def stop(self) -> None:
        """Follow nothing; no targets are given until the next trajectory."""
        self._clock = self._monitor = self._silent_since_s = None
        self._silence = self._dropped = None
        self._queue.clear()
        self.statistics.paused()

    def drop(self, cause: Cause[ExpertReason]) -> None:
        """Follow nothing, because of something that went wrong: the stage has failed."""
        self.stop()
        self._dropped = cause

    def observe_arm(self, arm: ArmObservation) -> None:
        """Take in a measurement of the arm and the gripper."""
        self._arm = arm

    def observe_cloud(self, stamp_s: float, source: PointSource, now_s: float) -> None:
        """Take in a new cloud, taken at `stamp_s`; starts an inference if none is running."""
        self._cloud = (stamp_s, source)
        if self._clock is not None and not self._worker.busy:
            self._ask(now_s)

    def step(self, now_s: float) -> Target | None:
        """The target of this moment; None while there is nothing to follow.

        Raises:
            StaleObservationError: while an observation is too old to act on: command nothing.
            BridgeError: if the expert or the cloud's source refused theirs: command nothing either.
            TargetRefusedError: while `forbidden`.
        """
        if self._clock is None or self._monitor is None:
            self._worker.poll()
            return None
        try:
            if self.forbidden:
                raise TargetRefusedError(self.forbidden)
            arm = self._fresh_arm(now_s)
            self._check_cloud(now_s)
            self._take_inference(now_s)
            self._advance(arm, now_s)
            if not self._queue:
                return None
            pose, width = self._queue.sample(now_s)
        except BridgeError as error:
            self._fall_silent(cause_of(error, ExpertReason.INFERENCE_REFUSED), now_s)
            raise
        self._silent_since_s = self._silence = None
        self._monitor.update(
            now_s,
            trajectory_ended=self._clock.ended,
            ee_pose=arm.ee_pose,
            target_pose=pose,
            gripper_width_m=arm.gripper_width,
        )
        self._count(now_s)
        return Target(pose=pose, gripper_width=width)

    def _fall_silent(self, cause: Cause[ExpertReason], now_s: float) -> None:
        """Nothing is commanded: forget old chunks, try again, and give up if it lasts."""
        self._last_step_s, self._silence = None, cause
        self._queue.clear()
        self.statistics.paused()
        if self._silent_since_s is None:
            self._silent_since_s = now_s
        if now_s - self._silent_since_s > self._settings.give_up_s:
            self.drop(cause)
        else:
            self._ask_if_due(now_s)

    def _advance(self, arm: ArmObservation, now_s: float) -> None:
        """Let the guidance move on, and see to it that the next chunk is on its way."""
        assert self._clock is not None
        if self._queue:
            elapsed = 0.0 if self._last_step_s is None else now_s - self._last_step_s
            self._clock.advance(min(elapsed, 2 * self._settings.period_s), arm.ee_pose)
            self._last_step_s = now_s
        self._ask_if_due(now_s)

    def _ask_if_due(self, now_s: float) -> None:
        if now_s - self._asked_s >= self._settings.replan_s and not self._worker.busy:
            self._ask(now_s)

    def _ask(self, now_s: float) -> None:
        """Submit the present observation."""
        if self._clock is None or self._arm is None:
            return
        self._asked_s = now_s
        s, arm, cloud = self._settings, self._arm, self._cloud
        ahead_s = 0.0 if self._last_step_s is None else max(now_s - self._last_step_s, 0.0)
        poses, widths = self._clock.guidance(s.guidance_steps, s.period_s, ahead_s)
        if cloud is not None and s.max_cloud_age_s and now_s - cloud[0] > s.max_cloud_age_s:
            cloud = None

        def infer() -> Inference:
            points = cloud[1]() if cloud else np.empty((0, 3), dtype=np.float32)
            observation = Observation(
                ee_pose=arm.ee_pose,
                joint_positions=arm.joint_positions,
                gripper_width=arm.gripper_width,
                guidance_poses=poses,
                guidance_widths=widths,
                points=points,
            )
            return Inference(
                chunk=self._predict(observation),
                observation=observation,
                observed_s=now_s,
                cloud_stamp_s=cloud[0] if cloud else None,
            )

        self._worker.submit(infer)

    def _take_inference(self, now_s: float) -> None:
        inference = self._worker.poll()
        if inference is None or inference.observed_s < self._began_s:
            return
        self.newest_inference = inference
        self.statistics.inferred(now_s - inference.observed_s)
        self._queue.push(inference.chunk, observed_s=inference.observed_s, now_s=now_s)
        self._unused_cloud_s = inference.cloud_stamp_s

    def _count(self, now_s: float) -> None:
        self.statistics.published(now_s)
        stamp_s = self._unused_cloud_s
        if stamp_s is not None and stamp_s > self._counted_cloud_s:
            self.statistics.used_cloud(now_s - stamp_s)
            self._counted_cloud_s = stamp_s
        self._unused_cloud_s = None

    def _fresh_arm(self, now_s: float) -> ArmObservation:
        if self._arm is None:
            raise StaleObservationError(ExpertReason.ARM_UNHEARD.because())
        age_s = now_s - self._arm.stamp_s
        if age_s > self._settings.max_state_age_s:
            raise StaleObservationError(
                ExpertReason.ARM_STALE.because(age_s=age_s, limit_s=self._settings.max_state_age_s)
            )
        return self._arm

    def _check_cloud(self, now_s: float) -> None:
        most_s = self._settings.max_cloud_age_s
        if most_s == 0:
            return
        if self._cloud is None:
            raise StaleObservationError(ExpertReason.CAMERA_UNHEARD.because())
        age_s = now_s - self._cloud[0]
        if age_s > most_s:
            raise StaleObservationError(
                ExpertReason.CLOUD_STALE.because(age_s=age_s, limit_s=most_s)
            )
        if age_s < -most_s:
            raise StaleObservationError(
                ExpertReason.CLOUD_FROM_FUTURE.because(ahead_s=-age_s, limit_s=most_s)
            )
