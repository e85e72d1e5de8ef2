import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from table_scene import GOOD, INTRINSICS, WAYPOINTS, pixel_map

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan, check_plan
from bridge_ros.planner.vlm.replies import entries_of, lift, lower, parse_anchor, parse_waypoints

LIMITS = PlanLimits()


def read(reply):
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return parse_waypoints(text, LIMITS)


def test_a_good_reply_becomes_a_plan_that_passes_the_checks():
    plan = lift(read(WAYPOINTS), "grasp the red cube", pixel_map(), INTRINSICS)
    checked = check_plan(plan, INTRINSICS, LIMITS)
    assert checked.waypoints.shape == (3, 3)
    assert checked.waypoints[-1] == pytest.approx([0.5 / 600 * 0.79, 0.5 / 600 * 0.79, 0.79])
    assert checked.gripper_action is GripperAction.CLOSE
    assert (checked.approach_width_m, checked.final) == (0.08, False)


def test_a_target_said_twice_counts_once():
    reply = WAYPOINTS | {"waypoints": [*WAYPOINTS["waypoints"], WAYPOINTS["target"]]}
    assert read(reply).waypoints.tolist() == read(WAYPOINTS).waypoints.tolist()


@pytest.mark.parametrize(
    "wrapped",
    ["```json\n{}\n```", "Sure! Here:\n{}\nGood luck.", "<think>{{1}} hm</think>{}", " {} "],
)
def test_prose_and_fences_around_the_object_are_passed_over(wrapped):
    assert parse_anchor(wrapped.format(GOOD[0])).subgoal == "grasp the red cube"


@pytest.mark.parametrize("convention", ["resized", "original", "thousand"])
def test_plan_to_reply_and_back_is_exact_unrounded_and_close_in_whole_numbers(convention):
    generator = np.random.default_rng(1001)
    mapping = pixel_map(convention, (644, 476))
    for _ in range(50):
        points = generator.uniform([-0.3, -0.2, 0.5], [0.3, 0.2, 1.1], (4, 3))
        plan = WaypointPlan(
            waypoints=points,
            target_pose=np.concatenate(
                [points[-1], Rotation.random(random_state=generator).as_quat()]
            ),
            gripper_action=GripperAction.OPEN,
            approach_width_m=None,
            subgoal="place it",
            final=True,
        )
        reply = lower(plan, mapping, INTRINSICS)
        same = lift(reply, plan.subgoal, mapping, INTRINSICS)
        assert same.waypoints == pytest.approx(points, abs=1e-9)
        assert rotation_between(same.target_pose, plan.target_pose) < 1e-6
        near = lift(read(entries_of(reply)), plan.subgoal, mapping, INTRINSICS)
        assert np.linalg.norm(near.waypoints - points, axis=1).max() < 1.5e-3
        assert rotation_between(near.target_pose, plan.target_pose) < np.radians(1.6)
        assert (near.gripper_action, near.approach_width_m, near.final) == (
            GripperAction.OPEN,
            None,
            True,
        )


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("", "expected one JSON object, got nothing"),
        ("I cannot do that.", "got I cannot do that"),
        (GOOD[1][:-9], "broken JSON"),
        (GOOD[1] + GOOD[1], "more than one"),
        ("{" + GOOD[1], "broken JSON"),
        ('{"a":' * 9 + "1" + "}" * 9, "levels of nesting"),
        ('{"a":' + "[" * 5000, "levels of nesting"),
        ("{" * 30_000, "at most 20000 characters"),
        ('{"a": "' + '\\"[' * 6000, "broken JSON"),
        ('{"a": "\\\\", "b": [[[[[[[[1]]]]]]]]}', "levels of nesting"),
        ('{"done": true, "done": false}', "every key once"),
        (GOOD[1].replace("790", "NaN"), "finite numbers, got NaN"),
        (GOOD[1].replace("790", "1e999"), "target: expected a number"),
        (GOOD[1].replace("790", "9" * 5000), "broken JSON|expected a number"),
        (WAYPOINTS | {"sudo": 1}, "expected the keys .*; got .*sudo"),
        ({k: v for k, v in WAYPOINTS.items() if k != "done"}, "expected the keys"),
        (WAYPOINTS | {"waypoints": []}, "waypoints: expected 1 to 15, got 0"),
        (WAYPOINTS | {"waypoints": [[1, 2, 3]] * 16}, "waypoints: expected 1 to 15, got 16"),
        (WAYPOINTS | {"waypoints": "here"}, "waypoints: expected 1 to 15, got no list"),
        (WAYPOINTS | {"waypoints": [[1, 2]]}, "waypoint 1: expected 3 numbers"),
        (WAYPOINTS | {"waypoints": [[1, "2", 3]]}, "waypoint 1: expected a number, got 2"),
        (WAYPOINTS | {"target": [True, 1, 1]}, "target: expected a number, got True"),
        (WAYPOINTS | {"rotation": None}, "rotation: expected 3 numbers"),
        (WAYPOINTS | {"opening": "wide"}, "opening: expected a number"),
        (WAYPOINTS | {"gripper": "crush"}, "gripper: expected one of keep, open, close"),
        (WAYPOINTS | {"gripper": ["open"]}, "gripper: expected one of"),
        (WAYPOINTS | {"done": 1}, "done: expected true or false"),
    ],
)
def test_a_bad_reply_is_refused_by_name(reply, said):
    with pytest.raises(PlanError, match=said) as error:
        read(reply)
    assert len(str(error.value)) < 300


def test_a_subgoal_is_one_short_readable_line():
    told = json.dumps({"subgoal": "grasp\n\x1b[31mit\u202e " + "now " * 99, "anchor": [1, 2]})
    subgoal = parse_anchor(told).subgoal
    assert subgoal.startswith("grasp [31mit now now")
    assert len(subgoal) == 120
    with pytest.raises(PlanError, match="subgoal: expected a text, got an empty one"):
        parse_anchor('{"subgoal": "\\n", "anchor": [1, 2]}')
