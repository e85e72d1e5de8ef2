import numpy as np
import pytest

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.reach import make_reach
from bridge_ros.control.target_checks import (
    PoseTarget,
    TargetChecks,
    TargetLimits,
)
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.protocols import ArmState
from bridge_ros.lab.bench.hostile_targets import KINDS, hostile_targets
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.status import Refusal, RefusedTarget

GOOD = np.array([0.5, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
HOME_JOINTS = BehaviourSettings().home_joints
REACH = make_reach(GripperModel.load().flange_to_tcp, BehaviourSettings(), TargetLimits())


def at_rest():
    joints = REACH.joints_at(GOOD, np.array(HOME_JOINTS))
    return ArmState(
        joint_positions=joints,
        joint_velocities=np.zeros(7),
        joint_torques=np.zeros(7),
        ee_pose=GOOD,
        mode="move",
        errors=(),
        in_control=True,
    )


def refusals(kind, seed=1000):
    """What the controller's checks say to one misbehaviour of an arm that rests at GOOD."""
    limits = TargetLimits()
    checks, arm, now_s, said = TargetChecks(limits, REACH), at_rest(), 100.0, []

    def hear(pose, age_s):
        target = PoseTarget(
            pose=pose, frame_id="base", stamp_s=now_s - age_s, age_s=age_s, arrived_s=now_s
        )
        try:
            checks.accept(target, arm)
        except RefusedTarget as error:
            return error.reason
        return None

    hear(GOOD, 0.0)
    rng = np.random.default_rng(seed)
    for target in hostile_targets(
        kind, rng, step_m=limits.max_step_m, step_rad=limits.max_step_rad
    ):
        now_s += max(target.wait_s, 1e-6)
        said.append(hear(target.pose(GOOD), target.age_s))
    return said


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        ("jump", {Refusal.STEP, Refusal.WORKSPACE}),
        ("jump and stay", {Refusal.STEP, Refusal.WORKSPACE}),
        ("flip", {Refusal.STEP}),
        ("nan", {Refusal.NOT_FINITE}),
        ("far", {Refusal.WORKSPACE}),
    ],
)
def test_what_no_controller_may_follow_is_refused(kind, reasons):
    for seed in range(1000, 1020):
        said = refusals(kind, seed)
        assert said and set(said) <= reasons


@pytest.mark.parametrize("kind", ["negated quaternion", "silence", "zigzag"])
def test_what_is_merely_rough_passes_the_checks(kind):
    assert set(refusals(kind)) == {None}


def test_a_burst_brings_late_targets_all_at_once():
    limits = TargetLimits()
    targets = list(
        hostile_targets(
            "burst",
            np.random.default_rng(1000),
            step_m=limits.max_step_m,
            step_rad=limits.max_step_rad,
        )
    )
    assert [target.wait_s for target in targets] == [0.2, 0.0, 0.0, 0.0]
    assert refusals("burst") == [None] * 4


def test_a_stretch_leaves_the_workspace_smoothly_and_comes_back():
    limits = TargetLimits()
    targets = hostile_targets(
        "stretch", np.random.default_rng(1000), step_m=limits.max_step_m, step_rad=0.3
    )
    places = np.array([target.pose(GOOD)[:3] for target in targets])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < limits.max_step_m
    assert np.linalg.norm(places - GOOD[:3], axis=1).max() == pytest.approx(0.6)
    np.testing.assert_allclose(places[[0, -1]], [GOOD[:3]] * 2, atol=1e-9)


def test_every_kind_sends_something_at_a_pace():
    for kind in KINDS:
        rng = np.random.default_rng(1000)
        targets = list(hostile_targets(kind, rng, step_m=0.05, step_rad=0.35))
        assert targets
        assert targets[0].wait_s >= CONTROL_PERIOD_S
