"""Batches of action pre-training, and their parity with what serving computes."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch.testing import assert_close

from bridge_ros.expert import ActionExpert, ExpertConfig, Observation
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Processor
from bridge_ros.lab.training.demonstrator import DemonstratorSettings
from bridge_ros.lab.training.following_error import guidance_ahead
from bridge_ros.lab.training.pretraining_data import PretrainingData, StateNoiseSettings
from bridge_ros.lab.training.trajectory_bank import sample_bank

CONFIG = ExpertConfig(hidden_size=64, block_count=2)


@pytest.fixture(scope="module")
def bank():
    return sample_bank(40, 7, period_s=CONFIG.control_period_s)


def data(bank, **noise):
    return PretrainingData(bank, CONFIG, StateNoiseSettings(**noise), DemonstratorSettings())


def draw(bank, size=64, seed=0, **noise):
    return data(bank, **noise).draw(size, torch.Generator().manual_seed(seed))


def test_the_same_seed_gives_the_same_trajectories_and_batches(bank):
    again = sample_bank(40, 7, period_s=CONFIG.control_period_s)
    assert torch.equal(bank.positions, again.positions)
    assert torch.equal(draw(bank).targets.positions, draw(again).targets.positions)
    other = sample_bank(40, 8, period_s=CONFIG.control_period_s)
    assert len(other) != len(bank) or not torch.equal(bank.positions, other.positions)


def test_trajectories_move_at_the_control_rate_and_end_at_their_keypoint(bank):
    same = bank.ends[:-1] == bank.ends[1:]
    steps = (bank.positions[1:] - bank.positions[:-1]).norm(dim=1)[same]
    assert steps.max() <= 0.36 * CONFIG.control_period_s
    assert bank.to_go[bank.ends].abs().max() == 0
    flips = (bank.quaternions[1:] * bank.quaternions[:-1]).sum(dim=1)[same]
    assert flips.min() > 0.9


def test_serving_computes_from_an_observation_what_training_computes_from_its_batch(bank):
    """Parity: the same observation, through `predict` and through the training chain."""
    torch.manual_seed(0)
    network = ActionExpertNetwork(CONFIG).eval()
    torch.nn.init.normal_(network.leave.weight, std=0.02)
    every_step = tuple(range(1, 49))
    dense = ExpertConfig(hidden_size=64, block_count=2, guidance_knots=every_step)
    source = PretrainingData(bank, dense, StateNoiseSettings(), DemonstratorSettings())
    batch = source.draw(16, torch.Generator().manual_seed(1))
    raw = batch.raw
    knots = [0, *CONFIG.guidance_knots]
    sparse = raw._replace(
        guidance=raw.guidance.at(knots), guidance_widths=raw.guidance_widths[:, knots]
    )
    processor = Processor(CONFIG)
    with torch.inference_mode():
        condition = network.encode(processor.encode(sparse))
        actions = Diffusion(CONFIG).sample(network, condition)
        ahead, widths = guidance_ahead(batch, CONFIG.horizon)
        trained, trained_widths = processor.decode_actions(actions, ahead, widths)
    expert = ActionExpert(network)
    for i in range(16):
        chunk = expert.predict(
            Observation(
                ee_pose=as_poses(raw.ee.positions[i], raw.ee.rotations[i])[0],
                joint_positions=None,
                gripper_width=max(float(raw.width[i, 0]), 0.0),
                guidance_poses=as_poses(raw.guidance.positions[i], raw.guidance.rotations[i]),
                guidance_widths=raw.guidance_widths[i].numpy(),
                points=np.empty((0, 3)),
            )
        )
        assert np.allclose(chunk.poses[:, :3], trained.positions[i], atol=2e-4)
        turned = Rotation.from_quat(chunk.poses[:, 3:]).as_matrix()
        assert np.allclose(turned, trained.rotations[i], atol=2e-3)
        expected = trained_widths[i].clamp(min=0.0).numpy()
        assert np.allclose(chunk.gripper_widths, expected, atol=1e-4)


def as_poses(positions, rotations):
    quaternions = Rotation.from_matrix(rotations.reshape(-1, 3, 3).numpy()).as_quat()
    return np.concatenate([positions.reshape(-1, 3).numpy(), quaternions], axis=1)


def test_without_noise_demonstrations_are_the_guidance(bank):
    batch = draw(
        bank,
        goal_noise_scale=0.0,
        tracking_m=0.0,
        tracking_rad=0.0,
        disturbed_share=0.0,
        far_share=0.0,
    )
    ahead, widths = guidance_ahead(batch, CONFIG.horizon)
    assert_close(batch.targets.positions, ahead.positions, atol=0.004, rtol=0)
    assert_close(batch.target_widths, widths)


def test_goal_noise_has_its_size_at_the_goal_and_none_far_from_it(bank):
    clean = draw(bank, 4000, goal_noise_scale=0.0)
    noisy = draw(bank, 4000, goal_noise_scale=0.1)
    moved = (noisy.targets.positions - clean.targets.positions).norm(dim=-1)
    knots = torch.tensor([0, *CONFIG.guidance_knots])
    assert torch.equal(clean.raw.guidance.positions, noisy.raw.guidance.positions)
    assert len(knots) == clean.raw.guidance.positions.shape[1]
    unit = StateNoiseSettings().goal_noise_unit_m
    still = (clean.raw.guidance.positions[:, -1] - clean.raw.guidance.positions[:, 0]).norm(dim=-1)
    at_goal = moved[still < 1e-6, -1]
    assert at_goal.mean() == pytest.approx(0.1 * unit * 1.596, rel=0.15)
    assert moved.min() == 0.0


def test_the_cloud_and_the_joints_are_masked(bank):
    raw = draw(bank).raw
    assert raw.points is None
    assert not raw.points_mask.any()
    assert not raw.joints_mask.any()
