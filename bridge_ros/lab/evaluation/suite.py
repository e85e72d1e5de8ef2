"""Runs the trials of a suite under one condition, in this process or in several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.deploy.deployment import SIMULATED_ROTATIONAL_DAMPING_NMS_RAD
from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.lab.evaluation.film import Film
from bridge_ros.lab.evaluation.planners import load_planner
from bridge_ros.lab.evaluation.policies import Policy, make_policy
from bridge_ros.lab.evaluation.rollout import Rollout, RolloutSettings
from bridge_ros.lab.evaluation.trial import Trial, TrialCondition
from bridge_ros.lab.evaluation.vlm_noise import load_noise
from bridge_ros.perception.cloud import CloudSettings
from bridge_ros.settings.config_file import node_settings
from bridge_ros.sim.stepped.simulation import SteppedSettings
from bridge_ros.task.planner_settings import PlannerSettings
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings


@dataclass(frozen=True, kw_only=True)
class AskedTrial:
    """What a worker is to run; `film` is where its film goes, if it is to be filmed."""

    task: str
    seed: int
    film: Path | None = None


class TrialRunner:
    """Runs trials of one condition in one process; loads the models once."""

    def __init__(self, condition: TrialCondition) -> None:
        self._condition = condition
        loop = node_settings(ExpertLoopSettings, "expert", "loop")
        self._policy: Policy = make_policy(condition.method, condition.checkpoint, loop)
        planner = node_settings(PlannerSettings, "planner")
        self._planner = load_planner(condition, planner) if condition.planner == "vlm" else None
        self._noise = load_noise() if condition.noise == "vlm" else None
        self._settings = RolloutSettings(
            cell=SteppedSettings(
                arm=replace(
                    node_settings(ArmSettings, "controller", "arm"),
                    rotational_damping_nms_rad=SIMULATED_ROTATIONAL_DAMPING_NMS_RAD,
                ),
                gripper=node_settings(GripperSettings, "controller", "gripper"),
                behaviour=node_settings(BehaviourSettings, "controller", "behaviour"),
                targets=node_settings(TargetLimits, "controller", "targets"),
                motion=node_settings(MotionLimits, "controller", "motion"),
            ),
            loop=loop,
            cloud=node_settings(CloudSettings, "expert", "cloud"),
            planner=planner,
            trajectory=node_settings(TrajectorySettings, "trajectory"),
        )

    def run(self, asked: AskedTrial) -> Trial:
        """Run one, and film it if that is asked for."""
        film = Film() if asked.film is not None else None
        rollout = Rollout(
            asked.task,
            asked.seed,
            self._condition,
            self._policy,
            noise=self._noise,
            settings=self._settings,
            planner=self._planner,
            film=film.add if film else None,
        )
        trial = rollout.run()
        if film is not None and asked.film is not None:
            film.save(asked.film, period_s=self._settings.filming_period_s)
        return trial


_runner: TrialRunner | None = None


def _start_worker(condition: TrialCondition) -> None:
    global _runner
    _runner = TrialRunner(condition)


def _work(asked: AskedTrial) -> Trial:
    assert _runner is not None
    return _runner.run(asked)


def run_trials(
    condition: TrialCondition, asked: Sequence[AskedTrial], *, workers: int
) -> Generator[Trial, None, None]:
    """Trials as they are done, in any order if there are more workers than one."""
    if workers == 1:
        runner = TrialRunner(condition)
        for one in asked:
            yield runner.run(one)
        return
    # Forking would copy OpenGL contexts and threads of torch.
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, initializer=_start_worker, initargs=(condition,)) as pool:
        yield from pool.imap_unordered(_work, asked)
