import json

import numpy as np
import pytest
from table_scene import ANCHOR, DEPTH, GOOD, INTRINSICS, RGB, WAYPOINTS, ScriptedModel

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.planner.plan import GripperAction, WaypointPlan
from bridge_ros.planner.vlm.views import View, most_agreed, shift_image, view_shifts
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner


def test_an_image_moves_by_whole_pixels():
    rgb = np.random.default_rng(0).integers(0, 255, size=(40, 60, 3), dtype=np.uint8)
    moved = shift_image(rgb, 5, -3)
    np.testing.assert_array_equal(moved[:-3, 5:], rgb[3:, :-5])
    np.testing.assert_array_equal(moved[:, 0], moved[:, 5])
    np.testing.assert_array_equal(shift_image(rgb, 0, 0), rgb)


def test_a_moved_view_is_the_same_scene_in_3d():
    depth_m = np.random.default_rng(0).uniform(0.5, 1.0, (480, 640)).astype(np.float32)
    moved = View(rgb=RGB, depth_m=depth_m, intrinsics=INTRINSICS).moved(-9, 4)
    before = INTRINSICS.deproject_image(depth_m)
    after = moved.intrinsics.deproject_image(moved.depth_m)
    np.testing.assert_allclose(after[4:, :-9], before[:-4, 9:], atol=1e-6)
    assert not moved.depth_m[:4].any() and not moved.depth_m[:, -9:].any()


def test_the_first_view_is_the_frame_and_no_two_are_the_same():
    shifts = view_shifts(9)
    assert shifts[0] == (0, 0) and len(set(shifts)) == 9
    assert np.abs(shifts).max() <= 16
    assert view_shifts(1) == ((0, 0),)


def plan_for(subgoal, x):
    target = IDENTITY_POSE.copy()
    target[0] = x
    return WaypointPlan(
        waypoints=np.zeros((2, 3)),
        target_pose=target,
        gripper_action=GripperAction.KEEP,
        approach_width_m=None,
        subgoal=subgoal,
        final=False,
    )


def test_most_decide_on_the_subgoal_and_the_middle_one_of_them_counts():
    plans = [plan_for("a", 0.50), plan_for("b", 0.1), plan_for("b", 0.3), plan_for("b", 0.12)]
    assert most_agreed(plans) == 3
    assert most_agreed([plan_for("a", 0.0), plan_for("b", 1.0)]) == 0


class ViewsModel(ScriptedModel):
    """Is asked on so many views."""

    def __init__(self, script, views):
        super().__init__(script)
        self._views = views

    def look(self, rgb):
        seen = super().look(rgb)
        return type(seen)(rgb=seen.rgb, pixel_map=seen.pixel_map, views=self._views)


def ask(script, views):
    planner = VlmPlanner(ViewsModel(script, views))
    return planner.plan(RGB, DEPTH, INTRINSICS, "pick up the red cube", ()), planner


def answers(subgoal, anchor, target):
    return [
        json.dumps(ANCHOR | {"subgoal": subgoal, "anchor": anchor}),
        json.dumps(WAYPOINTS | {"target": target}),
    ]


def test_a_planner_that_is_asked_about_several_views_says_what_most_said():
    """The model always points at the same pixel, which is another place in every view."""
    said = [("one", [300, 200]), ("grasp", [320, 240]), ("grasp", [330, 240])]
    script = [line for goal, at in said for line in answers(goal, at, [*at, 790])]
    plan, planner = ask(script, 3)
    assert plan.subgoal == "grasp"
    (right, down) = view_shifts(3)[1]
    np.testing.assert_allclose(planner.anchor_px, [320 - right, 240 - down])
    x = (320 - right - INTRINSICS.cx) / INTRINSICS.fx * 0.79
    assert plan.target_pose[0] == pytest.approx(x, abs=1e-3)
    assert [t.text for t in planner.transcript if t.role == "assistant"] == script[2:4]


def test_views_whose_plans_are_refused_do_not_count_unless_all_are():
    plan, _ = ask(["no", "no", *GOOD, "no", "no"], 3)
    assert plan.subgoal == "grasp the red cube"
    with pytest.raises(PlanError, match="JSON"):
        ask(["no"], 3)
