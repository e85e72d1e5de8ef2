"""The cloud feature: it sees what is in the grid, whatever the order, and starts at nothing."""

import pytest
import torch
from torch.testing import assert_close

from bridge_ros.expert import ExpertConfig
from bridge_ros.expert.cloud_crop import ABSENT
from bridge_ros.expert.cloud_encoder import CloudEncoder

CONFIG = ExpertConfig(grid_channels=(4, 8, 4), point_features=8)


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    encoder = CloudEncoder(CONFIG, 5)
    torch.nn.init.normal_(encoder.project.weight, std=0.1)
    return encoder.eval()


def cloud(count=200):
    return torch.rand(2, count, 3, generator=torch.Generator().manual_seed(1)) - 0.5


def encode(encoder, points, hand=0.0):
    return encoder(points, torch.full((2, 3, 3), hand), torch.zeros(2, 5))


def test_untrained_it_answers_as_a_masked_cloud_does():
    """Pins that fine-tuning begins exactly at the pre-trained policy."""
    assert_close(encode(CloudEncoder(CONFIG, 5), cloud()), torch.zeros(2, 8))


def test_the_order_of_points_does_not_matter(encoder):
    points = cloud()
    shuffled = points[:, torch.randperm(points.shape[1])]
    assert_close(encode(encoder, points), encode(encoder, shuffled), atol=1e-5, rtol=0)


def test_points_outside_of_the_grid_and_fillers_do_not_matter(encoder):
    points = cloud()
    far = torch.tensor([[1.5, 0.0, 0.0], [ABSENT] * 3, [0.0, -0.9, 0.0]]).expand(2, 3, 3)
    more = torch.cat([points, far], 1)
    assert_close(encode(encoder, more), encode(encoder, points), atol=1e-5, rtol=0)


def test_a_millimetre_is_seen_although_cells_are_larger(encoder):
    points = cloud()
    moved = points + torch.tensor([0.001 / CONFIG.crop_radius_m, 0.0, 0.0])
    assert not torch.allclose(encode(encoder, points), encode(encoder, moved), atol=1e-6)


def test_it_knows_where_the_fingers_are(encoder):
    points = cloud()
    assert not torch.allclose(encode(encoder, points), encode(encoder, points, 0.3), atol=1e-5)


def test_every_inner_point_counts_once(encoder):
    one = torch.tensor([[[0.05, -0.2, 0.1]], [[0.3, 0.3, -0.4]]])
    weight = -torch.log1p(-encoder._occupancy(one).double())
    assert_close(weight.sum((1, 2, 3)), torch.ones(2).double(), atol=1e-5, rtol=0)
