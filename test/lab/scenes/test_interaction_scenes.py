"""Scenes are reproducible, their keypoints are good ones, and held-out draws are not training's."""

import pytest
import torch

from bridge_ros.errors import ConfigError
from bridge_ros.expert.rotations import rotvec_from_matrix
from bridge_ros.lab.scenes.grippers import gripper_solids
from bridge_ros.lab.scenes.interaction_scenes import GRASP, HOVER, LEAVE, PLACE, make_scenes
from bridge_ros.lab.scenes.random_draws import RandomDraws, stream
from bridge_ros.lab.scenes.scene_settings import SceneSettings
from bridge_ros.lab.scenes.solids import NOTHING


def scenes(seed=0, size=512, **changes):
    draw = RandomDraws(size, torch.Generator().manual_seed(seed))
    return make_scenes(SceneSettings(**changes), draw)


def correction(scene):
    error = scene.true.local(scene.rough)
    return error.positions.norm(dim=-1), rotvec_from_matrix(error.rotations).norm(dim=-1)


def test_the_same_seed_gives_the_same_scenes():
    one, other = scenes(3), scenes(3)
    assert torch.equal(one.rough.positions, other.rough.positions)
    assert torch.equal(one.still.positions, other.still.positions)


def test_rough_keypoints_are_off_by_centimetres_and_degrees():
    scene = scenes()
    off_m, off_rad = correction(scene)
    rows = scene.usable & (scene.interaction == GRASP)
    assert 0.005 < float(off_m[rows].median()) < 0.03
    assert 0.03 < float(off_rad[rows].median()) < 0.3
    assert float(scene.usable.float().mean()) > 0.9


def test_without_noise_there_is_nothing_to_correct():
    scene = scenes(
        position_error_m=0.0, yaw_error_rad=0.0, tilt_error_rad=0.0, wrong_spot_share=0.0
    )
    off_m, off_rad = correction(scene)
    assert float(off_m[scene.usable].max()) < 2e-3
    assert float(off_rad[scene.usable].max()) < 2e-2


@pytest.mark.parametrize("interaction", [LEAVE, HOVER])
def test_motions_without_a_contact_have_nothing_to_correct(interaction):
    scene = scenes()
    off_m, off_rad = correction(scene)
    rows = scene.interaction == interaction
    assert int(rows.sum()) > 10
    assert float(off_m[rows].max()) < 1e-6
    assert float(off_rad[rows].max()) < 1e-3


def test_what_is_grasped_fits_between_the_open_fingers():
    scene = scenes()
    rows = scene.usable & (scene.interaction == GRASP)
    assert (scene.width_after_m[rows] < scene.width_before_m[rows]).all()
    assert (scene.told_after_m[rows] <= scene.width_after_m[rows]).all()


def test_what_is_placed_is_held_first_and_let_go_of_then():
    scene = scenes()
    rows = scene.interaction == PLACE
    assert scene.held[rows].all()
    assert (scene.width_after_m[rows] > scene.width_before_m[rows]).all()


def test_hands_close_symmetrically_about_the_tool_centre_point():
    scene = scenes(size=64)
    hand = gripper_solids(scene.gripper, torch.full((64,), 0.05))
    fingers = hand.positions[:, :10, 1] * (hand.kind[:, :10] > NOTHING)
    assert torch.allclose(fingers[:, :5], -fingers[:, 5:], atol=1e-6)
    inner = hand.positions[:, 0, 1] - hand.half[:, 0, 1]
    assert torch.allclose(inner, torch.full((64,), 0.025), atol=1e-6)


def test_streams_of_training_and_held_out_draws_never_meet():
    training = {stream(stream(seed, 0), number) for seed in range(20) for number in range(500)}
    held_out = {stream(stream(seed, 1), number) for seed in range(20) for number in range(500)}
    assert len(training) == len(held_out) == 10_000
    assert not training & held_out


def test_weights_for_other_families_are_refused():
    with pytest.raises(ConfigError, match="grasp_weights"):
        SceneSettings(grasp_weights=(1.0, 0.0))
