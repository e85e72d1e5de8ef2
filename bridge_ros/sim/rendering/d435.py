"""The simulated RealSense D435: its pinhole, and what its depth makes of true distances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics

D435_INTRINSICS = Intrinsics(width=640, height=480, fx=615.0, fy=615.0, cx=319.5, cy=239.5)
"""The colour camera at 640x480; MuJoCo's cameras look through the middle of the image."""


@dataclass(frozen=True, kw_only=True)
class DepthNoise:
    """What stereo does to depth.

    Attributes:
        range_std_at_1m_m: standard deviation of range noise at 1 m; it grows with z squared.
        baseline_m: between the two infrared imagers; what only one of them sees has no depth.
        edge_loss: share of pixels lost where depth jumps, on top of the stereo shadow.
        min_range_m, max_range_m: outside of them depth is 0.
    """

    range_std_at_1m_m: float = 0.0015
    baseline_m: float = 0.050
    edge_loss: float = 0.5
    min_range_m: float = 0.20
    max_range_m: float = 4.0

    def __post_init__(self) -> None:
        if (
            self.range_std_at_1m_m < 0.0
            or self.baseline_m < 0.0
            or not 0.0 <= self.edge_loss <= 1.0
        ):
            raise ConfigError(
                f"depth noise: expected numbers from 0 and a share up to 1, got {self}"
            )
        if not 0.0 <= self.min_range_m < self.max_range_m <= 65.0:
            raise ConfigError(
                f"depth noise: expected 0 <= min_range_m < max_range_m <= 65 m, got {self}"
            )

    def apply(
        self, depth_m: NDArray[np.float32], intrinsics: Intrinsics, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """True depth `(H, W)` [m] to measured depth: whole millimetres, in [m]; 0 where unknown."""
        height, width = depth_m.shape
        top, left = rng.integers(height + 1), rng.integers(width + 1)
        noise = _noise_sheet(height, width)[top : top + height, left : left + width] * depth_m
        noise *= depth_m
        noise *= np.float32(1e3 * self.range_std_at_1m_m)
        noise += np.float32(1e3) * depth_m
        measured = np.rint(noise, out=noise)
        measured *= np.float32(1e-3)
        lost = self._stereo_shadow(depth_m, intrinsics)
        edges = np.flatnonzero(self._edges(depth_m))
        lost.flat[edges[rng.random(len(edges), dtype=np.float32) < self.edge_loss]] = True
        lost |= depth_m < self.min_range_m
        lost |= depth_m > self.max_range_m
        return np.where(lost, np.float32(0.0), measured)

    def _stereo_shadow(
        self, depth_m: NDArray[np.float32], intrinsics: Intrinsics
    ) -> NDArray[np.bool_]:
        """Pixels that something nearer hides from the right-hand imager."""
        scale_px_m = np.float32(intrinsics.fx * self.baseline_m)
        columns = np.arange(depth_m.shape[1], dtype=np.float32)
        seen_at = columns - scale_px_m / np.maximum(depth_m, np.float32(1e-3))
        leftmost = np.minimum.accumulate(seen_at[:, ::-1], axis=1)[:, ::-1]
        shadow = np.zeros(depth_m.shape, dtype=np.bool_)
        shadow[:, :-1] = leftmost[:, 1:] < seen_at[:, :-1]
        return shadow

    @staticmethod
    def _edges(depth_m: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Pixels next to a jump in depth of more than 2 % (a slanted surface changes far less)."""
        edges = np.zeros(depth_m.shape, dtype=np.bool_)
        limit = np.float32(0.02) * depth_m
        across = np.abs(np.diff(depth_m, axis=1)) > limit[:, 1:]
        down = np.abs(np.diff(depth_m, axis=0)) > limit[1:]
        edges[:, 1:] |= across
        edges[:, :-1] |= across
        edges[1:] |= down
        edges[:-1] |= down
        return edges


@lru_cache(maxsize=2)
def _noise_sheet(height: int, width: int) -> NDArray[np.float32]:
    """Noise of standard deviation 1, four images large; drawing it anew each time is dear."""
    noise = np.random.default_rng(0).standard_normal((2 * height, 2 * width), dtype=np.float32)
    # Neighbours share a matching window, so their errors are alike.
    noise[1:] += noise[:-1]
    noise[:, 1:] += noise[:, :-1]
    noise *= np.float32(0.5)
    return noise


D435_NOISE = DepthNoise()
