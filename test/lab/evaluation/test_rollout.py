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
from bridge_ros.lab.evaluation.rollout import Rollout
from bridge_ros.lab.evaluation.trial import Condition
from bridge_ros.lab.evaluation.vlm_noise import load_noise
from bridge_ros.plan import GripperAction
from bridge_ros.status import TaskReason

sys.path.append(str(Path(__file__).resolve().parents[2] / "planner" / "vlm"))

SEED = 1000
IK = Condition(method="ik")


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


def test_a_planner_that_cannot_plan_is_a_failure_of_the_planner():
    rollout = Rollout("pick_up_toy", SEED, IK, follow_guidance)

    class Lost:
        def plan(self, *_):
            raise PlanError("no toy in sight")

    rollout._planner = Lost()
    trial = rollout.run()
    assert (trial.success, trial.failure, trial.message) == (False, "planner", "no toy in sight")
    assert trial.reason == TaskReason.NO_PLAN


def test_fingers_that_always_close_on_nothing_are_missed_grasps():
    rollout = Rollout("pick_up_toy", SEED, IK, follow_guidance)
    oracle = rollout._planner

    class Aside:
        def plan(self, *arguments):
            plan = oracle.plan(*arguments)
            aside = np.array([0.12, 0.0, -0.05])
            pose = np.concatenate([plan.target_pose[:3] + aside, plan.target_pose[3:]])
            return replace(plan, waypoints=plan.waypoints + aside, target_pose=pose)

    rollout._planner = Aside()
    trial = rollout.run()
    assert trial.failure == "missed grasp"
    assert [end for _, end in trial.stages] == ["missed", "missed", "failed"]


@pytest.mark.parametrize("wrong", ["the other cube", "what is not there", ""])
def test_a_thing_that_is_named_wrongly_is_told_from_one_that_is_put_beside(wrong):
    rollout = Rollout("stack_cubes", SEED, IK, follow_guidance)
    oracle = rollout._planner
    other = rollout._task.scene.objects[1].name if wrong == "the other cube" else "golden cube"

    class Mistaken:
        def plan(self, *arguments):
            plan = oracle.plan(*arguments)
            if wrong:
                return replace(plan, things=(other,), final=True)
            if plan.gripper_action is GripperAction.CLOSE:
                return plan
            aside = np.array([0.08, 0.0, 0.0])
            pose = np.concatenate([plan.target_pose[:3] + aside, plan.target_pose[3:]])
            return replace(plan, waypoints=plan.waypoints + aside, target_pose=pose, final=True)

    rollout._planner = Mistaken()
    trial = rollout.run()
    assert (trial.success, trial.failure) == (False, "wrong thing" if wrong else "misplaced")


def test_the_expert_s_clouds_are_those_of_the_camera():
    seen = []

    def policy(observation: Observation):
        seen.append(observation.points)
        if len(seen) > 6:
            raise PlanError("enough")
        return follow_guidance(observation)

    condition = Condition(method="expert")
    with pytest.raises(PlanError, match="enough"):
        Rollout("stack_cubes", SEED, condition, policy).run()
    cloud = seen[-1]
    assert len(cloud) > 5000
    # Most of what is seen is the table's top, at z = 0 of base.
    assert np.percentile(np.abs(cloud[:, 2]), 40) < 0.005


def test_noise_without_magnitudes_is_refused():
    with pytest.raises(ConfigError, match="expected magnitudes"):
        Rollout("pick_up_toy", SEED, replace(IK, noise="vlm"), follow_guidance)
