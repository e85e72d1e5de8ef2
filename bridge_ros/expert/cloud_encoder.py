"""CloudEncoder: the point-cloud feature f^pc, from a grid in the frame of the guidance's end."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from bridge_ros.expert.configuration import ExpertConfig

CORRECTION_DIM = 6
"""The first features of f^pc: the keypoint's correction that fine-tuning asks for by name."""
_HAND_CHANNELS = 2
_TIP_SPREAD_CELLS = 2.0


class CloudEncoder(nn.Module):
    """Convolutions over what is where around the guidance's end.

    The end's frame is the view of the hand as it arrives: x and y across the approach, z along it.
    Points are splatted into layers across z, which are the channels of an image over x and y, so
    that a shift of the object is a shift of the image; a PointNet, as DP3 has (arXiv 2403.03954),
    would have to learn that from examples.

    The projection starts at zero: an encoder that has not been trained answers as a masked cloud
    does, so that fine-tuning begins exactly at the pre-trained policy.
    """

    def __init__(self, config: ExpertConfig, condition: int) -> None:
        super().__init__()
        self.config = config
        first, middle, last = config.grid_channels
        channels = config.grid_layers + _HAND_CHANNELS
        self.enter = _normed(nn.Conv2d(channels, first, 5, stride=2, padding=2))
        self.widen = _normed(nn.Conv2d(first, middle, 3, padding=1))
        self.shift = nn.Linear(condition, middle)
        self.shrink = _normed(nn.Conv2d(middle, middle, 3, stride=2, padding=1))
        self.refine = nn.Conv2d(middle, middle, 3, padding=1)
        self.reduce = nn.Conv2d(middle, last, 1)
        for layer in (self.refine, self.reduce):
            _prepare(layer)
        size = ((config.grid_cells + 1) // 2 + 1) // 2
        self.level = nn.LayerNorm(last * size * size)
        self.read = nn.Sequential(
            nn.Linear(last * size * size + condition, 256),
            nn.LayerNorm(256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
        )
        self.project = nn.Linear(256, config.point_features)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, points: Tensor, hand: Tensor, condition: Tensor) -> Tensor:
        """Features `(B, point_features)`.

        Args:
            points: `(B, P, 3)` in the guidance's end frame, in crop radii; what lies outside the
                grid is not seen. hand: `(B, 3, 3)` the tool centre point and both fingertips, in
                the same units. condition: `(B, C)` features of state and guidance.
        """
        grid = torch.cat([self._occupancy(points), self._hand(hand)], -1).permute(0, 3, 1, 2)
        image = self.enter(grid).relu()
        image = (self.widen(image) + self.shift(condition)[..., None, None]).relu()
        image = self.shrink(image).relu()
        image = image + self.refine(image).relu()
        seen = self.level(self.reduce(image).relu().flatten(1))
        read = self.read(torch.cat([seen, condition], 1))
        return self.project(read)  # type: ignore[no-any-return]

    def _occupancy(self, points: Tensor) -> Tensor:
        """How much of each cell is occupied, `(B, y, x, z)`, 0 to 1; trilinear."""
        config = self.config
        cells, layers = config.grid_cells, config.grid_layers
        size = points.new_tensor([cells - 1, cells - 1, layers - 1])
        at = (points * (config.crop_radius_m / config.grid_half_m) + 1.0) * (0.5 * size)
        inside = ((at >= 0.0) & (at < size)).all(-1)
        batch = torch.nonzero(inside, as_tuple=True)[0]
        at = at[inside]
        low = at.floor()
        share = at - low
        x, y, z = low.long().unbind(-1)
        first = ((batch * cells + y) * cells + x) * layers + z
        grid = points.new_zeros(len(points) * cells * cells * layers)
        for corner in range(8):
            up = [corner & 1, corner >> 1 & 1, corner >> 2]
            weight = torch.ones_like(share[:, 0])
            for axis in range(3):
                weight = weight * (share[:, axis] if up[axis] else 1.0 - share[:, axis])
            grid.index_add_(0, first + (up[1] * cells + up[0]) * layers + up[2], weight)
        return grid.neg_().expm1_().neg_().view(len(points), cells, cells, layers)

    def _hand(self, hand: Tensor) -> Tensor:
        """Where the fingertips are `(B, y, x)`, and how far from the keypoint, as channels."""
        config = self.config
        scale = config.crop_radius_m / config.grid_half_m
        axis = torch.linspace(-1.0, 1.0, config.grid_cells, device=hand.device, dtype=hand.dtype)
        spread = _TIP_SPREAD_CELLS * 2.0 / config.grid_cells
        off = (axis - hand[:, 1:, :2, None] * scale) / spread
        near = torch.exp(-0.5 * off * off)
        tips = (near[:, :, 1, :, None] * near[:, :, 0, None, :]).sum(1)
        before = hand[:, 0, 2, None, None].clamp(-2.0, 2.0).expand_as(tips)
        return torch.stack([tips, before], -1)


class _FloatGroupNorm(nn.GroupNorm):
    """In float32 whatever it is given: bfloat16 is several times slower here on CPUs."""

    def forward(self, values: Tensor) -> Tensor:
        return super().forward(values.float().contiguous())


def _normed(layer: nn.Conv2d) -> nn.Sequential:
    """A convolution whose answers are brought to one scale; without, learning is slow to begin."""
    _prepare(layer)
    groups = math.gcd(8, layer.out_channels)
    return nn.Sequential(layer, _FloatGroupNorm(groups, layer.out_channels))


def _prepare(layer: nn.Conv2d) -> None:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
