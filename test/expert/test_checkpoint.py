"""Checkpoints: whole, or refused by name."""

import json

import numpy as np
import pytest
from conftest import random_network

from bridge_ros.errors import BridgeError, CheckpointError
from bridge_ros.expert import ActionExpert, Observation
from bridge_ros.expert.checkpoint import CONFIG_FILE, WEIGHTS_FILE
from bridge_ros.settings.resources import share_dir


@pytest.fixture
def folder(tmp_path, expert):
    expert.save_pretrained(tmp_path)
    return tmp_path


def test_a_saved_expert_answers_as_before(folder, expert, observation):
    loaded = ActionExpert.from_pretrained(folder)
    assert loaded.config == expert.config
    assert np.array_equal(loaded.predict(observation).poses, expert.predict(observation).poses)


def test_a_truncated_file_is_refused(folder):
    weights = folder / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match="whole safetensors"):
        ActionExpert.from_pretrained(folder)


def test_weights_of_another_shape_are_refused(folder, tmp_path):
    other = tmp_path / "other"
    ActionExpert(random_network(hidden_size=32)).save_pretrained(other)
    (folder / WEIGHTS_FILE).write_bytes((other / WEIGHTS_FILE).read_bytes())
    with pytest.raises(CheckpointError, match="do not fit"):
        ActionExpert.from_pretrained(folder)


@pytest.mark.parametrize("missing", [CONFIG_FILE, WEIGHTS_FILE])
def test_a_folder_that_lacks_a_file_is_refused(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(CheckpointError, match=missing):
        ActionExpert.from_pretrained(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "something else"},
        {"hidden_size": -3},
        {"hidden_size": "wide"},
        {"prediction": "guess"},
        {"unknown_key": 1},
    ],
)
def test_a_config_that_is_none_is_refused(folder, change):
    config = json.loads((folder / CONFIG_FILE).read_text())
    (folder / CONFIG_FILE).write_text(json.dumps(config | change))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        ActionExpert.from_pretrained(folder)


@pytest.mark.parametrize("text", ["", "[]", "not json", '{"format": null}'])
def test_a_config_that_is_no_json_object_is_refused(folder, text):
    (folder / CONFIG_FILE).write_text(text)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        ActionExpert.from_pretrained(folder)


def test_a_device_that_does_not_exist_is_refused(folder):
    with pytest.raises(CheckpointError, match="device"):
        ActionExpert.from_pretrained(folder, device="cuda:77")


def test_a_folder_that_does_not_exist_is_refused():
    with pytest.raises(BridgeError, match="no/such/model"):
        ActionExpert.from_pretrained("no/such/model")


@pytest.fixture(scope="module")
def shipped():
    return ActionExpert.from_pretrained("models/action_expert")


def test_the_shipped_checkpoint_is_small_and_sees():
    folder = share_dir() / "models" / "action_expert"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 20e6
    assert ActionExpert.from_pretrained(folder).config.sees_points


@pytest.mark.parametrize("what", ["nothing", "an empty table"])
def test_the_shipped_checkpoint_follows_its_guidance_where_nothing_says_otherwise(
    shipped, observation, changed, what
):
    rng = np.random.default_rng(0)
    table = np.zeros((8000, 3), dtype=np.float32)
    table[:, :2] = observation.guidance_poses[-1, :2] + rng.uniform(-0.2, 0.2, (8000, 2))
    chunk = shipped.predict(changed(points=table[:0] if what == "nothing" else table))
    ahead = observation.guidance_poses[1 : shipped.config.horizon + 1]
    assert np.linalg.norm(chunk.poses[:, :3] - ahead[:, :3], axis=1).max() < 0.006
    widths = observation.guidance_widths[1 : shipped.config.horizon + 1]
    assert np.abs(chunk.gripper_widths - widths).max() < 0.001


def test_the_shipped_checkpoint_stays_near_its_guidance_in_a_cloud_of_noise(shipped, observation):
    chunk = shipped.predict(observation)
    ahead = observation.guidance_poses[1 : shipped.config.horizon + 1]
    assert np.linalg.norm(chunk.poses[:, :3] - ahead[:, :3], axis=1).max() < 0.05


def test_the_shipped_checkpoint_moves_over_the_thing_that_its_guidance_missed(shipped):
    """A 4 cm cube, its top and the side to the camera seen; the guidance ends 15 mm beside it."""
    rng = np.random.default_rng(0)
    top = rng.uniform([-0.02, -0.02, 0.04], [0.02, 0.02, 0.0401], (400, 3))
    side = rng.uniform([0.02, -0.02, 0.0], [0.0201, 0.02, 0.04], (300, 3))
    table = rng.uniform([-0.15, -0.15, 0.0], [0.15, 0.15, 0.0001], (3000, 3))
    hidden = (np.abs(table[:, 1]) < 0.02) & (table[:, 0] > -0.06) & (table[:, 0] < 0.02)
    cube = np.array([0.5, 0.0, 0.0])
    points = (cube + np.concatenate([top, side, table[~hidden]])).astype(np.float32)
    for error in ([0.0, 0.015], [0.0, -0.015]):
        end = np.array([*(cube[:2] + error), 0.02, 1.0, 0.0, 0.0, 0.0])
        poses = np.tile(end, (49, 1))
        poses[:24, 2] += np.linspace(0.06, 0.0, 24)
        widths = np.full(49, 0.11)
        widths[30:] = 0.0
        hand = poses[0].copy()
        for step in range(0, 20, 4):
            guidance = poses[np.minimum(np.arange(step, step + 49), 48)]
            told = widths[np.minimum(np.arange(step, step + 49), 48)]
            chunk = shipped.predict(
                Observation(
                    ee_pose=hand,
                    joint_positions=None,
                    gripper_width=0.11,
                    guidance_poses=guidance,
                    guidance_widths=told,
                    points=points,
                )
            )
            hand = chunk.poses[3]
        assert abs(hand[1] - cube[1]) < 0.010
