"""Episodes that are drawn from the simulated cell."""

import numpy as np
import pytest

from bridge_ros.demonstration import FolderReader, OperatorKind
from bridge_ros.geometry.poses import invert, transform_points
from bridge_ros.lab.annotation.keyframes import find_stages
from bridge_ros.lab.annotation.records import annotate_episode
from bridge_ros.lab.annotation.simulated_episodes import draw_episodes
from bridge_ros.sim.registry import make_task
from bridge_ros.sim.world import World


@pytest.fixture(scope="module")
def episodes(tmp_path_factory):
    out = tmp_path_factory.mktemp("episodes")
    return [FolderReader().read(f) for f in draw_episodes("stack_cubes", 1000, out, arrangements=2)]


def test_an_episode_is_a_task_carried_out(episodes):
    for episode in episodes:
        stages = find_stages(episode.motion)
        assert len(stages) == len(episode.subgoals) == len(episode.frames.times_s)
        assert stages[-1].final
        assert (episode.outcome, episode.operator) == ("succeeded", OperatorKind.SCRIPT)
        records, refused = annotate_episode(episode, images=episode.source)
        assert len(records) == sum(stage.outcome != "missed" for stage in stages)
        assert not refused


def test_the_grasp_is_at_the_cube_that_the_sentence_names(episodes):
    task = make_task("stack_cubes", 1000)
    world = World(task.scene, optical_pose=task.optical_pose)
    cube = world.object_pose(world.new_data(), episodes[0].subgoals[0].removeprefix("grasp the "))
    grasp = next(s for s in find_stages(episodes[0].motion) if s.outcome == "grasped")
    away = np.linalg.norm(episodes[0].motion.ee_poses[grasp.keyframe, :3] - cube[:3])
    assert away < 0.02
    assert episodes[0].subgoals[0].removeprefix("grasp the ") in episodes[0].instruction


def test_the_next_frame_shows_the_gripper_where_the_motion_says_it_is(episodes):
    episode = episodes[0]
    stage = find_stages(episode.motion)[0]
    point = transform_points(
        invert(episode.T_base_camera), episode.motion.ee_poses[[stage.end], :3]
    )
    first, second = (episode.frames.read(frame) for frame in (0, 1))
    u, v = np.rint(first.intrinsics.project(point)[0]).astype(int)
    before, after = first.rgb.astype(int), second.rgb.astype(int)
    changed = np.abs(after - before).sum(axis=-1) > 60
    # The hand comes into view above the fingertips.
    assert changed[v - 60 : v, u - 40 : u + 40].mean() > 0.2
    assert changed[v + 60 :, :].mean() < 0.02


def test_rearranged_things_are_seen_elsewhere(episodes):
    first, second = (episode.frames.read(0).rgb.astype(int) for episode in episodes)
    assert (np.abs(first - second).sum(axis=-1) > 60).sum() > 400


def test_what_was_drawn_is_not_drawn_again(episodes, tmp_path):
    folder = episodes[0].source
    file = folder / "episode.json"
    stamp = file.stat().st_mtime_ns
    draw_episodes("stack_cubes", 1000, folder.parent, arrangements=2)
    assert file.stat().st_mtime_ns == stamp
