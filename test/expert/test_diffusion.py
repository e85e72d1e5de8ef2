"""The diffusion process and the networks in it."""

import pytest
import torch
from conftest import random_network
from torch.testing import assert_close

from bridge_ros.expert import ExpertConfig
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.processor import STATE_DIM, Features, guidance_dim


def features(config, count, points=None, mask=1.0):
    return Features(
        torch.randn(count, STATE_DIM),
        torch.randn(count, guidance_dim(config)),
        points,
        torch.full((count, 1), mask),
        torch.zeros(count, 3, 3),
    )


def test_the_noise_schedule_goes_from_almost_clean_to_almost_noise():
    alpha_bar = Diffusion(ExpertConfig()).alpha_bar
    assert alpha_bar[0] > 0.99
    assert alpha_bar[-1] < 0.001
    assert (alpha_bar.diff() < 0).all()


class Oracle:
    """Knows the clean actions, and predicts what a perfect network would."""

    def __init__(self, diffusion, actions):
        self.diffusion, self.actions = diffusion, actions

    def modulations(self, step, condition):
        return [step[:, None]]

    def refine(self, noisy, modulations):
        (step,) = modulations
        if self.diffusion.config.prediction == "sample":
            return self.actions
        kept = self.diffusion.alpha_bar[step[:, 0]][:, None, None]
        return (noisy - kept.sqrt() * self.actions) / (1.0 - kept).sqrt()


@pytest.mark.parametrize("prediction", ["sample", "epsilon"])
@pytest.mark.parametrize("steps", [1, 4, 100])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_perfect_prediction_is_sampled_exactly(prediction, steps, temperature):
    config = ExpertConfig(prediction=prediction, inference_steps=steps, temperature=temperature)
    diffusion = Diffusion(config)
    actions = torch.randn(3, config.horizon, 10)
    sampled = diffusion.sample(Oracle(diffusion, actions), torch.zeros(3, 4))
    assert_close(sampled, actions, atol=0.02, rtol=0)


@pytest.mark.parametrize("prediction", ["sample", "epsilon"])
def test_training_lowers_the_loss_of_equation_4(prediction):
    torch.manual_seed(0)
    network = random_network(prediction=prediction, hidden_size=192)
    diffusion = Diffusion(network.config)
    given, actions = features(network.config, 64), torch.randn(64, 16, 10)
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(60):
        loss = diffusion.loss(network, actions, given, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])


def test_all_steps_at_once_are_each_step_alone():
    network = random_network()
    condition = network.encode(features(network.config, 2))
    noisy = torch.randn(2, network.config.horizon, 10)
    steps = torch.tensor([10, 10, 90, 90])
    together = network.modulations(steps, condition.repeat(2, 1))
    for level, step in enumerate((10, 90)):
        rows = slice(2 * level, 2 * level + 2)
        alone = network.denoise(noisy, torch.full((2,), step), condition)
        assert_close(network.refine(noisy, [m[rows] for m in together]), alone)


def test_a_masked_cloud_has_no_feature():
    network = random_network(sees_points=True)
    given = features(network.config, 3, torch.rand(3, 128, 3) - 0.5)
    masked = network.encode(given._replace(points_mask=torch.zeros(3, 1)))
    assert_close(masked, network.encode(given._replace(points=None)))
    assert not torch.allclose(network.encode(given), masked)
