"""Fine-tuning batches are what serving sees, and their targets are what a demonstrator does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from bridge_ros.expert.action_expert import ActionExpert
from bridge_ros.expert.cloud_crop import ABSENT
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.observation import Observation
from bridge_ros.expert.processor import Poses, Processor, RawBatch
from bridge_ros.lab.scenes.interaction_scenes import GRASP, PLACE
from bridge_ros.lab.training.contact_moments import ContactStateSettings
from bridge_ros.lab.training.contact_paths import fit_contact_paths
from bridge_ros.lab.training.finetuning_data import FinetuningData

# Every step of the window is a knot, so that an Observation can be rebuilt from a batch.
CONFIG = replace(
    ExpertConfig(), sees_points=True, point_count=128, guidance_knots=tuple(range(1, 17))
)
UNHURRIED = ContactStateSettings(slowed_share=0.0, clipped_share=0.0)


@pytest.fixture(scope="module")
def data():
    return FinetuningData(fit_contact_paths(10, 0, period_s=0.05), CONFIG, states=UNHURRIED)


@pytest.fixture(scope="module")
def batch(data):
    return data.draw(48, torch.Generator().manual_seed(0))


def row_of(raw, row):
    """One row of a batch as a batch."""
    fields = {}
    for name, value in raw._asdict().items():
        poses = isinstance(value, Poses)
        part = slice(row, row + 1)
        fields[name] = Poses(*(v[part] for v in value)) if poses else value[part]
    return RawBatch(**fields)


def pose(position, rotation):
    quaternion = Rotation.from_matrix(rotation.double().numpy()).as_quat()
    return np.concatenate([position.double().numpy(), quaternion], axis=-1)


def test_the_same_seed_gives_the_same_batch(data, batch):
    again = data.draw(48, torch.Generator().manual_seed(0))
    assert torch.equal(batch.raw.points, again.raw.points)
    assert torch.equal(batch.targets.positions, again.targets.positions)


def test_clouds_lie_in_the_crop_around_the_end_of_the_guidance(batch):
    seen = batch.raw.points_mask[:, 0] > 0
    assert float(seen.float().mean()) > 0.7
    off = (batch.raw.points - batch.raw.guidance.positions[:, -1:]).norm(dim=-1)
    present = batch.raw.points[..., 0] < ABSENT
    assert (present.sum(1) >= CONFIG.min_points)[seen].all()
    assert float(off[present].max()) <= CONFIG.crop_radius_m + 1e-5


def test_training_and_serving_answer_alike_to_the_same_observation(batch):
    torch.manual_seed(0)
    network = ActionExpertNetwork(CONFIG)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    expert = ActionExpert(network)
    processor, diffusion = Processor(CONFIG), Diffusion(CONFIG)
    seen = torch.nonzero(batch.raw.points_mask[:, 0] > 0)[:6, 0].tolist()
    for row in seen:
        raw = row_of(batch.raw, row)
        chunk = expert.predict(
            Observation(
                ee_pose=pose(raw.ee.positions[0], raw.ee.rotations[0]),
                joint_positions=None,
                gripper_width=float(raw.width[0, 0]),
                guidance_poses=pose(raw.guidance.positions[0], raw.guidance.rotations[0]),
                guidance_widths=raw.guidance_widths[0].double().numpy(),
                points=raw.points[0].numpy(),
            )
        )
        with torch.inference_mode():
            actions = diffusion.sample(network, network.encode(processor.encode(raw)))
            ahead = Poses(raw.guidance.positions[:, 1:], raw.guidance.rotations[:, 1:])
            poses, widths = processor.decode_actions(actions, ahead, raw.guidance_widths[:, 1:])
        assert np.allclose(chunk.poses[:, :3], poses.positions[0].numpy(), atol=1e-5)
        assert np.allclose(chunk.gripper_widths, np.maximum(widths[0].numpy(), 0.0), atol=1e-5)


def test_hands_do_not_tell_where_the_true_keypoint_is(data):
    """Pins a policy that read corrections off the hand, and so never moved one off its guidance."""
    batch = data.draw(512, torch.Generator().manual_seed(1))
    contact = (batch.interaction == GRASP) | (batch.interaction == PLACE)
    rows = contact & (batch.weight > 0) & (batch.raw.points_mask[:, 0] > 0)
    offset = batch.raw.ee.local(batch.raw.guidance.at(0)).positions[rows]
    for axis in range(3):
        pair = torch.stack([offset[:, axis], batch.correction[rows, axis]])
        assert float(torch.corrcoef(pair)[0, 1]) < 0.5


def test_near_the_contact_the_demonstration_ends_at_the_true_keypoint(batch):
    contact = (batch.interaction == GRASP) | (batch.interaction == PLACE)
    rows = torch.nonzero(contact & (batch.to_go < 0.01) & (batch.weight > 0))[:, 0]
    assert len(rows) > 3
    end = batch.raw.guidance.at(-1)
    true = end.positions + (end.rotations @ batch.correction[:, :3, None])[..., 0]
    off = (batch.targets.positions[:, -1] - true).norm(dim=-1)[rows]
    before = batch.correction[rows, :3].norm(dim=-1)
    assert float(off.median()) < 0.003
    assert float(before.median()) > 0.004


def test_demonstrations_start_where_the_hand_is(batch):
    first = (batch.targets.positions[:, 0] - batch.raw.ee.positions).norm(dim=-1)
    assert float(first.quantile(0.95)) < 0.06
    steps = batch.targets.positions.diff(dim=1).norm(dim=-1)
    assert float(steps.max()) < 0.035


def test_everything_is_finite(batch):
    for value in (*batch.targets, batch.target_widths, batch.correction, batch.raw.points):
        assert value.isfinite().all()
