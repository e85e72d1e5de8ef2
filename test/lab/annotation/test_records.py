"""Records are what the running planner would have said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from demonstrations import CAMERA, T_BASE_CAMERA, pick_and_place, table_depth

from bridge_ros.demonstration import RecordedPlan
from bridge_ros.geometry.poses import compose, invert, rotation_between, transform_points
from bridge_ros.lab.annotation.records import AnnotationSettings, annotate_episode
from bridge_ros.plan import GripperAction
from bridge_ros.status import TaskOutcome


def annotated(shown, settings=None):
    return annotate_episode(shown, settings, images=shown.source)


@pytest.mark.parametrize("convention", ["original", "thousand", "resized"])
def test_a_record_means_the_demonstrated_keypoint_in_every_convention(tmp_path, convention):
    episode = pick_and_place(tmp_path / "one")
    records, refused = annotated(episode, AnnotationSettings(coordinates=convention))
    assert not refused and len(records) == 3
    for record, wanted in zip(
        records, [[0.45, 0.1, 0.02], [0.5, -0.1, 0.03], [0.5, -0.1, 0.15]], strict=True
    ):
        target = compose(T_BASE_CAMERA, record.plan.target_pose)
        # Whole pixels or thousandths, millimetres and degrees.
        np.testing.assert_allclose(target[:3], wanted, atol=0.002)
        assert rotation_between(target, episode.motion.ee_poses[0]) < np.radians(1.2)


def test_a_record_has_the_prompts_and_replies_of_both_steps(tmp_path):
    grasp, place, retreat = annotated(pick_and_place(tmp_path / "one"))[0]
    roles = [turn.role for turn in place.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant"]
    assert "stack the red cube on the green cube" in place.messages[1].text
    assert "1. grasp the red cube: grasped" in place.messages[1].text
    first, second = (json.loads(place.messages[i].text) for i in (2, 4))
    assert first["subgoal"] == "put the red cube on the green cube"
    assert second["gripper"] == "open"
    assert second["opening"] is None and second["done"] is False
    assert f"[{first['anchor'][0]}, {first['anchor'][1]}, " in place.messages[3].text
    assert json.loads(grasp.messages[4].text)["opening"] == 110
    assert json.loads(retreat.messages[4].text)["done"] is True


def test_what_is_only_moved_is_anchored_where_it_is(tmp_path):
    retreat = annotated(pick_and_place(tmp_path / "one"))[0][2]
    assert retreat.plan.gripper_action is GripperAction.KEEP
    released = transform_points(invert(T_BASE_CAMERA), np.array([[0.5, -0.1, 0.03]]))[0]
    np.testing.assert_allclose(retreat.anchor_px, CAMERA.project(released), atol=0.5)


def test_what_is_put_down_is_anchored_on_what_it_comes_to_stand_on(tmp_path):
    grasp, place, _ = annotated(pick_and_place(tmp_path / "one"))[0]
    seen = CAMERA.deproject(
        place.anchor_px, table_depth()[tuple(np.rint(place.anchor_px[::-1]).astype(int))]
    )
    on_base = transform_points(T_BASE_CAMERA, seen[None])[0]
    np.testing.assert_allclose(on_base, [0.5, -0.1, 0.0], atol=0.012)
    np.testing.assert_allclose(grasp.anchor_px, CAMERA.project(grasp.plan.target_pose[:3]), atol=1)


def test_waypoints_are_the_corners_of_the_way(tmp_path):
    _, place, _ = annotated(pick_and_place(tmp_path / "one"))[0]
    way = compose(T_BASE_CAMERA, [[*point, 0, 0, 0, 1] for point in place.plan.waypoints])[:, :3]
    wanted = [[0.45, 0.1, 0.15], [0.5, -0.1, 0.15], [0.5, -0.1, 0.03]]
    np.testing.assert_allclose(way, wanted, atol=0.008)


def test_a_grasp_that_missed_is_told_but_not_taught(tmp_path):
    records, _ = annotated(pick_and_place(tmp_path / "one", miss=True))
    assert len(records) == 3
    assert records[0].history == (("grasp the red cube", "missed"),)
    assert "1. grasp the red cube: missed" in records[0].messages[1].text


def test_a_stage_that_the_running_planner_would_refuse_is_counted_and_left_out(tmp_path):
    records, refused = annotated(pick_and_place(tmp_path / "one", depth=False))
    assert not records and len(refused) == 3
    assert "no depth" in refused[0].reason


def test_stages_without_names_get_plain_ones_and_too_few_names_are_refused(tmp_path):
    episode = pick_and_place(tmp_path / "one", subgoals=False)
    goals = [record.plan.subgoal for record in annotated(episode)[0]]
    assert goals == ["close the gripper", "open the gripper", "move"]
    records, (refusal,) = annotated(replace(episode, subgoals=("grasp it",)))
    assert not records
    assert "each of 3 stages, got 1" in refusal.reason


@pytest.mark.parametrize("outcome", [TaskOutcome.FAILED, TaskOutcome.CANCELED])
def test_what_did_not_succeed_is_no_example(tmp_path, outcome):
    episode = replace(pick_and_place(tmp_path / "one"), outcome=outcome)
    records, (refusal,) = annotated(episode)
    assert not records and outcome.value in refusal.reason


def test_a_stage_is_named_by_the_last_plan_before_its_keyframe(tmp_path):
    episode = pick_and_place(tmp_path / "one", subgoals=False)
    grasp, place, retreat = (record.plan for record in annotated(episode)[0])
    start_s, held_s, open_s = episode.frames.times_s
    plans = tuple(
        RecordedPlan(time_s=time_s, plan=replace(plan, subgoal=subgoal))
        for time_s, plan, subgoal in (
            (start_s, grasp, "grasp it"),
            (held_s, place, "put it there"),
            (held_s + 0.1, place, "put it down"),
            (open_s, retreat, ""),
        )
    )
    goals = [one.plan.subgoal for one in annotated(replace(episode, plans=plans))[0]]
    assert goals == ["grasp it", "put it down", "move"]
