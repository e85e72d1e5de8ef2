import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.expert.action_queue import ActionQueueSettings
from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.expert.observation import Observation
from bridge_ros.lab.evaluation.policies import follow_guidance, make_policy
from bridge_ros.lab.evaluation.rollout import Rollout, RolloutSettings
from bridge_ros.lab.evaluation.trial import TrialCondition
from bridge_ros.lab.evaluation.vlm_noise import load_noise
from bridge_ros.plan import GripperAction
from bridge_ros.status import TaskReason

sys.path.append(str(Path(__file__).resolve().parents[2] / "planner" / "vlm"))

SEED = 1000
IK = TrialCondition(method="ik")


def test_the_oracle_s_spline_alone_picks_up_the_toy():
    trial = Rollout("pick_up_toy", SEED, IK, follow_guidance).run()
    assert trial.success, trial.message
    assert [end for _, end in trial.stages] == ["grasped", "reached"]
    assert (trial.refused, trial.silences, trial.failure) == (0, 0, "")
    assert 0.0 < trial.worst_step_m < 0.015


def test_the_same_episode_always_ends_the_same_way():
    condition = replace(IK, noise="vlm", noise_scale=0.5)
    first, again = (
        Rollout("open_drawer", SEED, condition, follow_guidance, noise=load_noise()).run()
        for _ in range(2)
    )
    assert replace(first, wall_s=0.0) == replace(again, wall_s=0.0)


def test_an_expert_for_another_rate_is_not_evaluated():
    loop = ExpertLoopSettings(period_s=0.04, queue=ActionQueueSettings(period_s=0.04))
    with pytest.raises(ConfigError, match="expected 0.05, the control period that models/action"):
        make_policy("expert", "models/action_expert", loop)


class Spoiled(Rollout):
    """An episode in which something else becomes of the oracle's plans."""

    def __init__(self, task_name, spoil, settings=None):
        self._spoil = spoil
        super().__init__(task_name, SEED, IK, follow_guidance, settings=settings)

    def _make_planner(self, loaded, noise):
        oracle, spoil = super()._make_planner(loaded, noise), self._spoil

        class Mistaken:
            def plan(self, *arguments):
                return spoil(oracle.plan(*arguments))

        return Mistaken()


def test_a_planner_that_cannot_plan_is_a_failure_of_the_planner():
    def get_lost(_):
        raise PlanError("no toy in sight")

    trial = Spoiled("pick_up_toy", get_lost).run()
    assert (trial.success, trial.failure, trial.message) == (False, "planner", "no toy in sight")
    assert trial.reason == TaskReason.NO_PLAN


def moved(plan, aside):
    """The same plan at another place of the camera frame."""
    pose = np.concatenate([plan.target_pose[:3] + aside, plan.target_pose[3:]])
    return replace(plan, waypoints=plan.waypoints + aside, target_pose=pose)


def test_a_plan_that_no_trajectory_can_be_made_of_is_a_failure_of_the_planner():
    trial = Spoiled("pick_up_toy", lambda plan: moved(plan, [0.0, 0.0, 0.3])).run()
    assert (trial.success, trial.failure, trial.targets) == (False, "planner", 0)
    assert trial.reason == TaskReason.PLAN_REFUSED
    assert [end for _, end in trial.stages] == ["failed"]
    assert "toy: waypoint 1 of 2 at" in trial.message


def test_an_oracle_that_thinks_long_needs_no_second_look():
    settings = RolloutSettings(thinking_s=9.0)
    trial = Spoiled("pick_up_toy", lambda plan: plan, settings).run()
    assert trial.success, trial.message
    assert trial.duration_s > 18.0


def test_fingers_that_always_close_on_nothing_are_missed_grasps():
    trial = Spoiled("pick_up_toy", lambda plan: moved(plan, [0.12, 0.0, -0.05])).run()
    assert trial.failure == "missed grasp"
    assert [end for _, end in trial.stages] == ["missed", "missed", "failed"]


@pytest.mark.parametrize("wrong", ["the other cube", "what is not there", ""])
def test_a_thing_that_is_named_wrongly_is_told_from_one_that_is_put_beside(wrong):
    def mistake(plan):
        if wrong:
            return replace(plan, things=(other,), final=True)
        if plan.gripper_action is GripperAction.CLOSE:
            return plan
        return replace(moved(plan, [0.08, 0.0, 0.0]), final=True)

    rollout = Spoiled("stack_cubes", mistake)
    other = rollout._task.scene.objects[1].name if wrong == "the other cube" else "golden cube"
    trial = rollout.run()
    assert (trial.success, trial.failure) == (False, "wrong thing" if wrong else "misplaced")


def test_the_expert_s_clouds_are_those_of_the_camera():
    seen = []

    def policy(observation: Observation):
        seen.append(observation.points)
        if len(seen) > 6:
            raise PlanError("enough")
        return follow_guidance(observation)

    condition = TrialCondition(method="expert")
    with pytest.raises(PlanError, match="enough"):
        Rollout("stack_cubes", SEED, condition, policy).run()
    cloud = seen[-1]
    assert len(cloud) > 5000
    # Most of what is seen is the table's top, at z = 0 of base.
    assert np.percentile(np.abs(cloud[:, 2]), 40) < 0.005


def test_noise_without_magnitudes_is_refused():
    with pytest.raises(ConfigError, match="expected magnitudes"):
        Rollout("pick_up_toy", SEED, replace(IK, noise="vlm"), follow_guidance)
