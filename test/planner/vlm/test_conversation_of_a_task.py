"""A model that knows what the classical planner knows: what the two steps lose on the way."""

import json

import numpy as np
import pytest
from table_scene import pixel_map
from tabletop import INTRINSICS, cube, render

from bridge_ros.geometry.poses import rotation_between
from bridge_ros.plan import GripperAction, StageRecord
from bridge_ros.planner.classical.planner import ClassicalPlanner
from bridge_ros.planner.vlm.chat import SeenImage
from bridge_ros.planner.vlm.replies import entries_of, lower
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner

FRAME = render([cube("red", 0.50, 0.10, yaw=0.3), cube("green", 0.55, -0.1)])


class KnowingModel:
    """Replies, in whole numbers of its own coordinates, with the stages it was given."""

    def __init__(self, stages, convention):
        self._stages, self._map = list(stages), pixel_map(convention, (644, 476))

    def look(self, rgb):
        self._reply = entries_of(lower(self._stages[0], self._map, INTRINSICS))
        return SeenImage(rgb=rgb, pixel_map=self._map)

    def reply(self, seen, turns, schema):
        if "anchor" in schema["required"]:
            anchor = {"subgoal": self._stages[0].subgoal, "anchor": self._reply["target"][:2]}
            return json.dumps(anchor)
        del self._stages[0]
        return json.dumps(self._reply)


@pytest.mark.parametrize("convention", ["resized", "original", "thousand"])
def test_a_whole_task_comes_through_the_conversation_within_millimetres(convention):
    classical, history, stages = ClassicalPlanner(), (), []
    sentence = "stack the red cube on the green cube"
    seen = FRAME.rgb, FRAME.depth_m, FRAME.intrinsics
    while not stages or not stages[-1].final:
        stages.append(classical.plan(*seen, sentence, history))
        grasps = stages[-1].gripper_action is GripperAction.CLOSE
        outcome = "grasped" if grasps else "reached"
        history = (*history, StageRecord(plan=stages[-1], outcome=outcome))
    planner = VlmPlanner(KnowingModel(stages, convention))
    told = ()
    for stage in stages:
        plan = planner.plan(*seen, sentence, told)
        told = (*told, StageRecord(plan=plan, outcome="reached"))
        assert np.linalg.norm(plan.waypoints - stage.waypoints, axis=1).max() < 2e-3
        assert rotation_between(plan.target_pose, stage.target_pose) < np.radians(1.6)
        assert (plan.gripper_action, plan.final) == (stage.gripper_action, stage.final)
        assert plan.approach_width_m == pytest.approx(stage.approach_width_m, abs=6e-4)
    assert len(stages) == 3
