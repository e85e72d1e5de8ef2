"""The diffusion process: noise schedule, training loss, and the deterministic DDIM sampler."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from bridge_ros.expert.configuration import ACTION_DIM, ExpertConfig
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Features

_LARGEST = 20.0
"""No normalised action is larger; keeps a badly conditioned first step from running away."""


class Diffusion(nn.Module):
    """Adds noise as equation 3 of the paper does, and takes it away again.

    The schedule is the squared cosine of Nichol and Dhariwal (arXiv 2102.09672), as in DP3. The
    network predicts the sample by default, as DP3's does: with few DDIM steps, the noise is an
    ill-conditioned target where almost all is noise.
    """

    alpha_bar: Tensor

    def __init__(self, config: ExpertConfig) -> None:
        super().__init__()
        self.config = config
        steps = torch.arange(config.diffusion_steps + 1, dtype=torch.float64)
        curve = torch.cos((steps / config.diffusion_steps + 0.008) / 1.008 * math.pi / 2) ** 2
        betas = (1.0 - curve[1:] / curve[:-1]).clamp(max=0.999)
        alpha_bar = torch.cumprod(1.0 - betas, 0).float()
        self.register_buffer("alpha_bar", alpha_bar, persistent=False)

    def loss(
        self,
        network: ActionExpertNetwork,
        actions: Tensor,
        features: Features,
        generator: torch.Generator,
    ) -> Tensor:
        """The mean squared error of equation 4 for normalised actions `(B, H, 10)`."""
        return self.loss_given(network, actions, network.encode(features), generator)

    def loss_given(
        self,
        network: ActionExpertNetwork,
        actions: Tensor,
        condition: Tensor,
        generator: torch.Generator,
    ) -> Tensor:
        """The same for a conditioning f^A `(B, C)` that has been encoded already."""
        device = actions.device
        step = torch.randint(
            len(self.alpha_bar), (len(actions),), generator=generator, device=device
        )
        noise = torch.randn(actions.shape, generator=generator, device=device)
        kept = self.alpha_bar[step][:, None, None]
        noisy = kept.sqrt() * actions + (1.0 - kept).sqrt() * noise
        predicted = network.denoise(noisy, step, condition)
        wanted = actions if self.config.prediction == "sample" else noise
        return nn.functional.mse_loss(predicted, wanted)

    def sample(
        self,
        network: ActionExpertNetwork,
        condition: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Normalised actions `(B, H, 10)` for a conditioning `(B, C)`, by DDIM (arXiv 2010.02502).

        Args:
            generator: of the initial noise, scaled by the temperature; unused at temperature 0.
        """
        shape = (len(condition), self.config.horizon, ACTION_DIM)
        if self.config.temperature > 0.0:
            noisy = torch.randn(shape, generator=generator, device=condition.device)
            noisy = noisy * self.config.temperature
        else:
            noisy = condition.new_zeros(shape)
        top = len(self.alpha_bar)
        levels = [
            top * (i + 1) // self.config.inference_steps - 1
            for i in range(self.config.inference_steps)
        ]
        # All steps at once: each of these weights is then read once, and not once a step.
        steps = torch.tensor(levels, device=condition.device).repeat_interleave(len(condition))
        modulations = network.modulations(steps, condition.repeat(len(levels), 1))
        of_level = list(zip(*(torch.split(m, len(condition)) for m in modulations), strict=True))
        for i in reversed(range(len(levels))):
            predicted = network.refine(noisy, of_level[i])
            kept = self.alpha_bar[levels[i]]
            if self.config.prediction == "sample":
                clean = predicted
                noise = (noisy - kept.sqrt() * clean) / (1.0 - kept).sqrt()
            else:
                noise = predicted
                clean = (noisy - (1.0 - kept).sqrt() * noise) / kept.sqrt()
            clean = clean.clamp(-_LARGEST, _LARGEST)
            if i == 0:
                return clean
            next_kept = self.alpha_bar[levels[i - 1]]
            noisy = next_kept.sqrt() * clean + (1.0 - next_kept).sqrt() * noise
        raise AssertionError("the loop over levels always returns")
