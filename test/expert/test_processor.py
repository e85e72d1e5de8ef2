"""The transform chain: actions come back from their encoding, perfect following is zero."""

import pytest
import torch
from torch.testing import assert_close

from bridge_ros.expert import ExpertConfig
from bridge_ros.expert.processor import Poses, Processor
from bridge_ros.expert.rotations import (
    matrix_from_quaternion,
    matrix_from_rotvec,
    matrix_from_six,
    rotvec_from_matrix,
    six_from_matrix,
)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def random_poses(generator, *shape):
    quaternions = torch.randn(*shape, 4, generator=generator)
    return Poses(
        torch.randn(*shape, 3, generator=generator),
        matrix_from_quaternion(torch.nn.functional.normalize(quaternions, dim=-1)),
    )


def test_decoding_undoes_encoding(generator):
    processor = Processor(ExpertConfig())
    guidance = random_poses(generator, 8, 16)
    targets = random_poses(generator, 8, 16)
    widths, guided = torch.rand(2, 8, 16, generator=generator)
    actions = processor.encode_actions(targets, widths, guidance, guided)
    poses, decoded = processor.decode_actions(actions, guidance, guided)
    assert_close(poses.positions, targets.positions, atol=1e-5, rtol=0)
    assert_close(poses.rotations, targets.rotations, atol=1e-5, rtol=0)
    assert_close(decoded, widths, atol=1e-6, rtol=0)


def test_following_the_guidance_is_the_origin_of_the_action_space(generator):
    processor = Processor(ExpertConfig())
    guidance = random_poses(generator, 8, 16)
    widths = torch.rand(8, 16, generator=generator)
    actions = processor.encode_actions(guidance, widths, guidance, widths)
    assert_close(actions, torch.zeros(8, 16, 10), atol=1e-4, rtol=0)


def test_rotation_vectors_and_6d_come_back_as_the_same_rotation(generator):
    rotvecs = 6.0 * torch.rand(100, 3, generator=generator) - 3.0
    rotvecs *= 3.0 / rotvecs.norm(dim=1, keepdim=True).clamp(min=3.0)
    rotvecs[0] = 0.0
    matrices = matrix_from_rotvec(rotvecs)
    assert_close(rotvec_from_matrix(matrices), rotvecs, atol=1e-4, rtol=1e-4)
    assert_close(matrix_from_six(six_from_matrix(matrices)), matrices, atol=1e-6, rtol=0)
    identity = torch.eye(3).expand(100, 3, 3)
    assert_close(matrices @ matrices.mT, identity, atol=1e-5, rtol=0)
