"""One episode, closed loop, through what the nodes call: PlanningLoop, ExpertLoop, Controller."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError, ObservationError, PlanError
from bridge_ros.expert.loop import ExpertLoop, ExpertLoopSettings, Target
from bridge_ros.expert.worker import InlineWorker
from bridge_ros.geometry.poses import distance_between, rotation_between
from bridge_ros.lab.evaluation.failures import FailureWatch
from bridge_ros.lab.evaluation.oracle import OraclePlanner
from bridge_ros.lab.evaluation.planners import load_planner
from bridge_ros.lab.evaluation.policies import Policy, sees
from bridge_ros.lab.evaluation.trial import Failure, Trial, TrialCondition
from bridge_ros.lab.evaluation.vlm_noise import NoisyPlanner, VlmNoise
from bridge_ros.perception.cloud import CloudSettings
from bridge_ros.plan import WaypointPlan
from bridge_ros.planner import Planner
from bridge_ros.planner.vlm.plan_log import PlanLogSettings
from bridge_ros.sim.stepped.camera import SteppedCamera
from bridge_ros.sim.stepped.simulation import SteppedSettings, SteppedSimulation
from bridge_ros.sim.success import HELD_S
from bridge_ros.status import (
    ControllerState,
    StageOutcome,
    TaskReason,
    TaskState,
    cause_of,
)
from bridge_ros.task.events import PlanReleased
from bridge_ros.task.loop import PlanningLoop
from bridge_ros.task.planner_settings import PlannerSettings
from bridge_ros.task.worker import TimedPlanWorker
from bridge_ros.trajectory.plan_fitting import fit_plan
from bridge_ros.trajectory.start_of_motion import StartOfMotion
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

FrameSink = Callable[[NDArray[np.uint8], str], None]
"""Takes pictures `(H, W, 3)` and what happens in them."""


@dataclass(frozen=True, kw_only=True)
class RolloutSettings:
    """Settings of the nodes that a rollout stands for, and its own.

    Attributes:
        thinking_s: time that the planner takes for a stage; the arm keeps its last target.
        held_s: how long success must last after the task's end.
        settle_s: wait before that.
        filming_period_s: between two pictures of a film.
    """

    cell: SteppedSettings = field(default_factory=SteppedSettings)
    loop: ExpertLoopSettings = field(default_factory=ExpertLoopSettings)
    cloud: CloudSettings = field(default_factory=CloudSettings)
    trajectory: TrajectorySettings = field(default_factory=TrajectorySettings)
    planner: PlannerSettings = field(
        default_factory=lambda: PlannerSettings(log=PlanLogSettings(folder=None))
    )
    thinking_s: float = 0.5
    held_s: float = HELD_S
    settle_s: float = 0.5
    filming_period_s: float = 0.25

    def __post_init__(self) -> None:
        if (
            min(self.thinking_s, self.settle_s) < 0.0
            or min(self.held_s, self.filming_period_s) <= 0.0
        ):
            raise ConfigError(f"rollout: expected positive times, got {self}")


class Rollout:
    """One episode of a task under one condition; everything in it follows from its arguments.

    Args:
        task_name, seed: which episode.
        condition: who plans, who follows, and how plans err.
        policy: of the condition's method.
        noise: of the condition, unscaled; None for noise "none".
        planner: of the condition, where it is loaded already; None makes it.
        film: gets pictures of what the camera sees; None saves the time.
    """

    def __init__(
        self,
        task_name: str,
        seed: int,
        condition: TrialCondition,
        policy: Policy,
        *,
        noise: VlmNoise | None = None,
        settings: RolloutSettings | None = None,
        planner: Planner | None = None,
        film: FrameSink | None = None,
    ) -> None:
        from bridge_ros.sim.privileged_state import PrivilegedState
        from bridge_ros.sim.registry import make_task
        from bridge_ros.sim.world import World

        self._seed = seed
        self._condition = condition
        self._settings = settings or RolloutSettings()
        self._film = film
        self._task = make_task(task_name, seed)
        self._world = World(self._task.scene, optical_pose=self._task.optical_pose)
        self._cell = SteppedSimulation(self._world, self._settings.cell)
        self._state = PrivilegedState(self._world, self._cell.data)
        self._camera = SteppedCamera(
            self._cell, self._settings.cell, self._settings.cloud, seed=seed
        )
        # A camera of its own, so that being filmed does not change the noise of what is seen.
        filming = replace(self._settings.cell, depth_noise=False)
        self._film_camera = SteppedCamera(self._cell, filming, self._settings.cloud, seed=seed)
        self._looks = condition.planner != "oracle"
        worker = TimedPlanWorker(
            self._make_planner(planner, noise),
            self._settings.planner.limits,
            self._settings.thinking_s,
        )
        self._planning = PlanningLoop(worker, self._planner_settings())
        self._sees = sees(condition.method)
        loop = (
            self._settings.loop if self._sees else replace(self._settings.loop, max_cloud_age_s=0)
        )
        self._expert = ExpertLoop(policy, InlineWorker(), loop)
        self._watch = FailureWatch(self._state, self._settings.trajectory.open_width_m)
        self._start = StartOfMotion(
            max_target_age_s=self._settings.trajectory.max_target_age_s,
            max_state_age_s=self._settings.trajectory.max_state_age_s,
        )
        self._next_picture_s = 0.0
        self._last: Target | None = None
        self._targets = self._silences = 0
        self._worst_step_m = self._worst_step_rad = self._worst_seam_m = 0.0

    def run(self) -> Trial:
        """Carry it out, and judge."""
        began_s = time.perf_counter()
        diverged = False
        try:
            self._carry_out()
            success = self._judge()
        except ObservationError as error:
            success, diverged = False, True
            cause = cause_of(error, TaskReason.SIMULATION_DIVERGED)
            self._planning.fail(cause, self._cell.time_s)
        finally:
            self._camera.close()
            self._film_camera.close()
        executive, refusals = self._planning.task, dict(self._cell.controller.refused)
        fault = self._cell.controller.state is ControllerState.FAULT
        stages = [(record.plan.subgoal, record.outcome) for record in executive.history]
        if executive.plan is not None and executive.state is TaskState.FAILED:
            stages.append((executive.plan.subgoal, StageOutcome.FAILED))
        refused = sum(refusals.values())
        failure: Failure = "diverged"
        if not diverged:
            failure = self._watch.classify(executive, refused, fault)
        return Trial(
            task=self._task.scene.name,
            seed=self._seed,
            instruction=self._task.instruction,
            success=success,
            failure="" if success else failure,
            message=executive.message,
            reason=executive.cause.reason.value if executive.cause else "",
            stages=tuple(stages),
            duration_s=round(self._cell.time_s, 3),
            wall_s=round(time.perf_counter() - began_s, 3),
            targets=self._targets,
            refused=refused,
            refusals=refusals,
            worst_step_m=round(self._worst_step_m, 5),
            worst_step_rad=round(self._worst_step_rad, 5),
            worst_seam_m=round(self._worst_seam_m, 5),
            silences=self._silences,
        )

    def _make_planner(self, loaded: Planner | None, noise: VlmNoise | None) -> Planner:
        condition, camera = self._condition, self._world.optical_pose
        planner = loaded or load_planner(condition, self._settings.planner)
        if planner is None:
            planner = OraclePlanner(self._task, self._state, camera)
        if condition.noise == "none":
            return planner
        if noise is None:
            raise ConfigError(
                f"rollout: expected magnitudes for noise {condition.noise!r}, got none"
            )
        rng = np.random.default_rng([self._seed, len(self._task.name), 3])
        noise, workspace = noise.scaled(condition.noise_scale), self._settings.trajectory.workspace
        return NoisyPlanner(planner, noise, rng, camera, workspace)

    def _planner_settings(self) -> PlannerSettings:
        """Those of the node, for an episode that nobody watches."""
        settings = self._settings.planner
        return replace(
            settings,
            require_approval=False,
            # What the oracle writes is true when it answers, and it has no frame to compare.
            max_plan_age_s=settings.max_plan_age_s
            if self._looks
            else max(settings.max_plan_age_s, 2.0 * self._settings.thinking_s),
            task=replace(settings.task, max_stages=self._task.max_stages),
        )

    def _carry_out(self) -> None:
        """Let every part have its turn in each control period, until the task is over."""
        planning, cell = self._planning, self._cell
        # Of joints nothing is told: the arm is at rest as the episode begins.
        planning.begin(self._task.instruction, "trial", cell.time_s)
        while planning.task.active:
            self._plan(cell.time_s)
            if cell.controller.state is not ControllerState.FAULT:
                self._command(cell.time_s)
            cell.advance(self._settings.loop.period_s)
            self._take_picture()
            self._tell_outcome(cell.time_s)
        self._expert.stop()

    def _plan(self, now_s: float) -> None:
        """The planner node's turn."""
        planning, camera, arm = self._planning, self._camera, self._cell.controller
        planning.observe_arm_state(arm.state, arm.cause.reason, arm.cause.message, now_s)
        planning.observe_frame(now_s, camera.frame if self._looks else camera.blank)
        for event in planning.step(now_s):
            if isinstance(event, PlanReleased) and event.plan is not None:
                self._follow(event.plan, event.plan_id, now_s)

    def _follow(self, plan: WaypointPlan, plan_id: str, now_s: float) -> None:
        """The trajectory node's turn, and the expert's beginning."""
        arm = self._cell.arm
        self._start.observe_arm(arm)
        self._expert.observe_arm(arm)
        try:
            start = self._start.at(now_s)
            settings = self._settings.trajectory
            trajectory = fit_plan(plan, self._world.optical_pose, *start, settings)
            self._watch.planned(plan, self._task.next_stage(self._state))
            self._expert.follow(trajectory, plan.gripper_action, now_s)
        except PlanError as error:
            self._planning.observe_refusal(plan_id, str(error))
            return
        self._watch.stage_began()

    def _tell_outcome(self, now_s: float) -> None:
        """Tell the planner what has become of the stage that it waits for."""
        task, expert = self._planning.task, self._expert
        if task.state is TaskState.EXECUTING and expert.outcome is not StageOutcome.RUNNING:
            self._watch.stage_ended(task, expert.outcome)
            self._planning.observe_outcome(
                task.plan_id, expert.outcome, expert.cause.message, now_s
            )

    def _command(self, now_s: float) -> None:
        """Look, and give the controller its next target."""
        cell = self._cell
        self._expert.observe_arm(cell.arm)
        if self._sees:
            for stamp_s, source in self._camera.arrivals():
                self._expert.observe_cloud(stamp_s, source, now_s)
        try:
            target = self._expert.step(now_s)
        except ObservationError:
            target = None
        if target is not None:
            self._count(target)
            cell.command(target.pose, target.gripper_width)
            self._start.observe_target_pose(target.pose, now_s)
            self._start.observe_target_width(target.gripper_width, now_s)
            self._last = target
            self._watch.commanded(target.gripper_width)
        elif self._expert.following:
            self._silences += 1

    def _count(self, target: Target) -> None:
        self._targets += 1
        self._worst_seam_m = max(self._worst_seam_m, self._expert.last_seam_m)
        if self._last is not None:
            step_m = distance_between(target.pose, self._last.pose)
            self._worst_step_m = max(self._worst_step_m, step_m)
            step_rad = rotation_between(self._last.pose, target.pose)
            self._worst_step_rad = max(self._worst_step_rad, step_rad)

    def _take_picture(self) -> None:
        if self._film is not None and self._cell.time_s >= self._next_picture_s:
            self._next_picture_s = self._cell.time_s + self._settings.filming_period_s
            self._film(self._film_camera.frame().rgb, self._planning.task.message)

    def _judge(self) -> bool:
        """Whether the task is done, and stays so, with nobody commanding any more."""
        s = self._settings
        self._cell.advance(s.settle_s)
        for _ in range(round(s.held_s / s.loop.period_s)):
            self._cell.advance(s.loop.period_s)
            self._take_picture()
            if not self._task.succeeded(self._state):
                return False
        return True
