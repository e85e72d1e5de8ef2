"""ActionExpert: absolute targets from local geometry, and nothing unsafe from bad input."""

import dataclasses

import numpy as np
import pytest
from conftest import random_network
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ObservationError
from bridge_ros.expert import ActionExpert
from bridge_ros.geometry.poses import compose, rotation_between, transform_points


def test_a_chunk_is_absolute_finite_and_near_its_guidance(expert, observation):
    chunk = expert.predict(observation)
    horizon = expert.config.horizon
    assert chunk.poses.shape == (horizon, 7)
    assert chunk.gripper_widths.shape == (horizon,)
    assert np.allclose(np.linalg.norm(chunk.poses[:, 3:], axis=1), 1.0)
    ahead = observation.guidance_poses[1 : horizon + 1]
    assert np.linalg.norm(chunk.poses[:, :3] - ahead[:, :3], axis=1).max() < 0.05
    assert ((chunk.poses[:, 3:] * ahead[:, 3:]).sum(axis=1) > 0).all()


def test_the_same_observation_gives_the_same_chunk(observation):
    for temperature in (0.0, 0.5):
        expert = ActionExpert(random_network(temperature=temperature), seed=3)
        first, second = expert.predict(observation), expert.predict(observation)
        assert np.array_equal(first.poses, second.poses)
    other = ActionExpert(random_network(temperature=0.5), seed=4).predict(observation)
    assert not np.array_equal(first.poses, other.poses)


@pytest.mark.parametrize("seed", range(5))
def test_it_does_not_matter_where_base_is(seeing, observation, seed):
    """Pins that nothing absolute reaches the network: other arms and tables look the same to it."""
    rng = np.random.default_rng(seed)
    rotation = Rotation.random(rng=rng).as_quat()
    moved = np.concatenate([rng.uniform(-0.5, 0.5, 3), rotation])
    # The ball of the crop is the same ball, but rounding may move points across its border.
    inside = np.linalg.norm(observation.points - observation.guidance_poses[-1, :3], axis=1)
    points = observation.points[inside < 0.9 * seeing.config.crop_radius_m][:100]
    there = dataclasses.replace(
        observation,
        points=transform_points(moved, points).astype(np.float32),
        ee_pose=compose(moved, observation.ee_pose),
        guidance_poses=compose(moved, observation.guidance_poses),
    )
    here = seeing.predict(dataclasses.replace(observation, points=points))
    chunk = seeing.predict(there)
    expected = compose(moved, here.poses)
    assert np.linalg.norm(chunk.poses[:, :3] - expected[:, :3], axis=1).max() < 1e-4
    assert max(map(rotation_between, chunk.poses, expected)) < 1e-3


def test_joint_positions_may_be_unknown_and_count_only_when_trained_for(expert, changed):
    blind = expert.predict(changed(joint_positions=None))
    known = expert.predict(changed(joint_positions=np.full(7, 0.5)))
    assert np.array_equal(blind.poses, known.poses)
    trained = ActionExpert(random_network(sees_joints=True))
    with_joints = trained.predict(changed(joint_positions=np.full(7, 0.5)))
    assert not np.array_equal(trained.predict(changed()).poses, with_joints.poses)


def test_a_masked_cloud_changes_nothing_and_a_seen_one_does(expert, seeing, changed, observation):
    empty = changed(points=np.empty((0, 3)))
    assert np.array_equal(expert.predict(observation).poses, expert.predict(empty).poses)
    assert not np.array_equal(seeing.predict(observation).poses, seeing.predict(empty).poses)


def test_empty_tiny_distant_and_partly_broken_clouds_are_answered(seeing, changed, observation):
    masked = seeing.predict(changed(points=np.empty((0, 3))))
    for points in (observation.points[:5], observation.points + 5.0, np.full((500, 3), np.nan)):
        assert np.array_equal(seeing.predict(changed(points=points)).poses, masked.poses)
    broken = np.concatenate([np.full((500, 3), np.nan), observation.points])
    answer = seeing.predict(changed(points=broken))
    assert np.allclose(answer.poses, seeing.predict(observation).poses, atol=1e-9)


@pytest.mark.parametrize("count", [1, 5, 17, 49, 200])
def test_any_length_of_guidance_is_answered(expert, changed, trajectory, count):
    poses, widths = trajectory.guidance(0.5, count, 0.05)
    chunk = expert.predict(changed(ee_pose=poses[0], guidance_poses=poses, guidance_widths=widths))
    assert np.linalg.norm(chunk.poses[0, :3] - poses[0, :3]) < 0.05


def test_guidance_that_has_ended_is_answered_with_staying(expert, changed, trajectory):
    poses, widths = trajectory.guidance(trajectory.duration_s + 9.0, 49, 0.05)
    chunk = expert.predict(changed(ee_pose=poses[0], guidance_poses=poses, guidance_widths=widths))
    assert np.linalg.norm(chunk.poses[:, :3] - poses[0, :3], axis=1).max() < 0.05


BAD_POSE = np.full(7, np.nan)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ee_pose": BAD_POSE}, "ee_pose: expected finite"),
        ({"ee_pose": np.zeros(7)}, "ee_pose: expected a unit quaternion"),
        ({"ee_pose": np.array([1.5, 0, 0.3, 1, 0, 0, 0])}, "does not start where the arm is"),
        ({"joint_positions": np.zeros(6)}, "joint_positions: expected shape"),
        ({"gripper_width": 80.0}, "gripper_width: expected metres"),
        ({"gripper_width": float("nan")}, "gripper_width"),
        ({"guidance_poses": np.empty((0, 7))}, "guidance_poses: expected"),
        ({"guidance_poses": np.zeros((49, 7))}, "unit quaternions"),
        ({"guidance_widths": np.zeros(3)}, "guidance_widths: expected shape"),
        ({"guidance_widths": np.full(49, 80.0)}, "guidance_widths: expected metres"),
        ({"points": np.zeros((10, 2))}, "points: expected"),
    ],
)
def test_malformed_observations_are_refused_by_name(seeing, changed, fields, reason):
    with pytest.raises(ObservationError, match=reason):
        seeing.predict(changed(**fields))


def test_a_cloud_in_millimetres_is_refused(seeing, observation, changed):
    with pytest.raises(ObservationError, match="millimetres"):
        seeing.predict(changed(points=observation.points * 1000))


def test_guidance_that_jumps_is_refused(expert, observation, changed):
    poses = observation.guidance_poses.copy()
    poses[10:, 0] += 0.4
    with pytest.raises(ObservationError, match="control rate"):
        expert.predict(changed(guidance_poses=poses))


def test_an_answer_far_from_its_guidance_is_never_given(observation):
    with pytest.raises(ObservationError, match="not following it"):
        ActionExpert(random_network(position_scale_m=50.0)).predict(observation)


def test_what_it_looks_at_are_points_near_the_end_of_the_guidance(seeing, observation):
    seen = seeing.points_seen(observation)
    assert 32 < len(seen) <= seeing.config.point_count
    distance = np.linalg.norm(seen - observation.guidance_poses[-1, :3], axis=1)
    assert distance.max() <= seeing.config.crop_radius_m + 1e-6
