"""The frame of a plan is in its type: mypy, and the door, tell the two apart."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge_ros.errors import PlanError
from bridge_ros.plan import (
    BaseFramePlan,
    GripperAction,
    WaypointPlan,
    plan_in_base,
    plan_in_camera,
)

ROOT = Path(__file__).resolve().parents[2]
# The camera looks straight down from 0.9 m: half a turn about its x axis.
T_BASE_CAMERA = np.array([0.45, 0.0, 0.9, 1.0, 0.0, 0.0, 0.0])
PLAN = WaypointPlan(
    waypoints=np.array([[0.05, 0.02, 0.5], [0.05, 0.02, 0.85]]),
    target_pose=np.array([0.05, 0.02, 0.85, 0.0, 0.0, 0.0, 1.0]),
    gripper_action=GripperAction.CLOSE,
    approach_width_m=0.08,
    subgoal="grasp it",
    final=True,
)
MIXED_UP = """
from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.plan import BaseFramePlan, StageRecord, WaypointPlan, plan_in_base, plan_in_camera
from bridge_ros.status import StageOutcome
def seen(plan: WaypointPlan) -> BaseFramePlan:
    StageRecord(plan=plan, outcome=StageOutcome.REACHED)
    return plan_in_base(plan, IDENTITY_POSE)

def demonstrated(plan: BaseFramePlan) -> BaseFramePlan:
    StageRecord(plan=plan, outcome=StageOutcome.REACHED)  # line 10
    plan_in_base(plan, IDENTITY_POSE)  # line 11
    back: WaypointPlan = plan  # line 12
    return plan_in_camera(plan, IDENTITY_POSE)  # line 13
"""


def test_a_plan_in_base_is_where_the_transform_puts_it_and_comes_back():
    in_base = plan_in_base(PLAN, T_BASE_CAMERA)
    assert type(in_base) is BaseFramePlan
    np.testing.assert_allclose(in_base.waypoints[-1], [0.5, -0.02, 0.05], atol=1e-12)
    np.testing.assert_allclose(in_base.target_pose[:3], [0.5, -0.02, 0.05], atol=1e-12)
    np.testing.assert_allclose(np.abs(in_base.target_pose[3:]), [1, 0, 0, 0], atol=1e-12)
    back = plan_in_camera(in_base, T_BASE_CAMERA)
    assert type(back) is WaypointPlan
    np.testing.assert_allclose(back.waypoints, PLAN.waypoints, atol=1e-12)
    kept = ("gripper_action", "approach_width_m", "subgoal", "final")
    for plan in (in_base, back):
        assert [getattr(plan, name) for name in kept] == [getattr(PLAN, name) for name in kept]


def test_what_is_in_base_already_is_not_carried_there_again():
    with pytest.raises(PlanError, match="got a BaseFramePlan"):
        plan_in_base(plan_in_base(PLAN, T_BASE_CAMERA), T_BASE_CAMERA)


def test_mypy_tells_the_frames_apart(tmp_path):
    pytest.importorskip("mypy")
    source = tmp_path / "mixed_up.py"
    source.write_text(MIXED_UP)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(source)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = [line.split(":")[1] for line in run.stdout.splitlines() if ": error:" in line]
    assert refused == ["10", "11", "12", "13"], run.stdout + run.stderr
