"""Where stages end."""

from dataclasses import replace

import numpy as np
from demonstrations import pick_and_place

from bridge_ros.demonstration import HandMotion, RecordedPlan
from bridge_ros.lab.annotation.keyframes import find_stages
from bridge_ros.lab.annotation.records import annotate_episode
from bridge_ros.plan import GripperAction


def test_stages_end_where_the_gripper_begins_to_change(tmp_path):
    motion = pick_and_place(tmp_path / "one").motion
    grasp, place, retreat = find_stages(motion)
    assert [s.action for s in (grasp, place, retreat)] == [
        GripperAction.CLOSE,
        GripperAction.OPEN,
        GripperAction.KEEP,
    ]
    assert [s.outcome for s in (grasp, place, retreat)] == ["grasped", "reached", "reached"]
    assert [s.final for s in (grasp, place, retreat)] == [False, False, True]
    np.testing.assert_allclose(motion.ee_poses[grasp.keyframe, :3], [0.45, 0.1, 0.02], atol=1e-9)
    np.testing.assert_allclose(motion.ee_poses[place.keyframe, :3], [0.5, -0.1, 0.03], atol=1e-9)
    assert (grasp.end, place.end) == (place.start, retreat.start)
    assert motion.widths_m[grasp.keyframe] > 0.1 and np.isclose(motion.widths_m[grasp.end], 0.04)


def test_fingers_that_open_on_the_way_end_no_stage(tmp_path):
    motion = pick_and_place(tmp_path / "one").motion
    moved = np.flatnonzero(np.diff(motion.widths_m))
    assert moved[0] < find_stages(motion)[0].keyframe - 5


def test_closing_on_nothing_is_a_miss(tmp_path):
    stages = find_stages(pick_and_place(tmp_path / "one", miss=True).motion)
    assert [stage.outcome for stage in stages] == ["missed", "grasped", "reached", "reached"]


def test_an_episode_that_ends_with_the_gripper_ends_there(tmp_path):
    motion = pick_and_place(tmp_path / "one").motion
    end = find_stages(motion)[1].end + 3
    cut = HandMotion(**{name: values[:end] for name, values in vars(motion).items()})
    assert [stage.final for stage in find_stages(cut)] == [False, True]


def test_fingers_that_prepare_at_rest_end_no_stage_if_a_plan_says_what_does(tmp_path):
    shown = pick_and_place(tmp_path / "one")
    records, _ = annotate_episode(shown, images=shown.source)
    plans = [
        RecordedPlan(time_s=float(time_s), plan=record.plan)
        for time_s, record in zip(shown.frames.times_s, records, strict=True)
    ]
    motion = shown.motion
    preparing = HandMotion(
        times_s=np.concatenate([np.arange(-5, 0) * 0.05, motion.times_s]),
        ee_poses=np.concatenate([np.tile(motion.ee_poses[0], (5, 1)), motion.ee_poses]),
        widths_m=np.concatenate([np.linspace(0.12, 0.104, 5), motion.widths_m]),
    )
    plans[0] = replace(plans[0], time_s=-0.25)
    assert [stage.outcome for stage in find_stages(preparing)][:2] == ["grasped", "grasped"]
    grasp, place, retreat = find_stages(preparing, plans=plans)
    assert grasp.start == 0
    assert [grasp.keyframe - 5, place.keyframe - 5, retreat.keyframe - 5] == [
        stage.keyframe for stage in find_stages(motion)
    ]


def test_a_grasp_that_was_planned_again_is_two_stages(tmp_path):
    shown = pick_and_place(tmp_path / "one", miss=True)
    missed, grasped, *_ = find_stages(shown.motion)
    records, _ = annotate_episode(shown, images=shown.source)
    plans = [
        RecordedPlan(time_s=float(shown.motion.times_s[stage.start]), plan=records[0].plan)
        for stage in (missed, grasped)
    ]
    assert find_stages(shown.motion, plans=plans)[:2] == (missed, grasped)
