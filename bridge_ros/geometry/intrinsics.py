"""The pinhole camera: projection and deprojection (optical frame: x right, y down, z out)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Intrinsics:
    """A rectified pinhole camera.

    Attributes:
        width, height: image size [px].
        fx, fy: focal lengths [px].
        cx, cy: principal point [px]; pixel centres are at whole numbers.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0 or not (self.fx > 0 and self.fy > 0):
            raise ConfigError(f"intrinsics: expected positive sizes and focal lengths, got {self}")
        if not np.isfinite([self.fx, self.fy, self.cx, self.cy]).all():
            raise ConfigError(f"intrinsics: expected finite numbers, got {self}")

    def binned(self, by: int) -> Intrinsics:
        """The same view in `by` times fewer pixels a side."""
        return Intrinsics(
            width=self.width // by,
            height=self.height // by,
            fx=self.fx / by,
            fy=self.fy / by,
            cx=(self.cx + 0.5) / by - 0.5,
            cy=(self.cy + 0.5) / by - 0.5,
        )

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points `(…, 3)` in the optical frame [m], z > 0, to pixels `(…, 2)` (u, v)."""
        points = np.asarray(points, dtype=np.float64)
        uv = points[..., :2] / points[..., 2:]
        return np.asarray(uv * [self.fx, self.fy] + [self.cx, self.cy])

    def deproject(self, uv: ArrayLike, depth_m: ArrayLike) -> NDArray[np.float64]:
        """Pixels `(…, 2)` with depths `(…)` [m] to points `(…, 3)` in the optical frame."""
        uv = np.asarray(uv, dtype=np.float64)
        depth = np.asarray(depth_m, dtype=np.float64)[..., None]
        xy = (uv - [self.cx, self.cy]) / [self.fx, self.fy] * depth
        return np.concatenate([xy, depth], axis=-1)

    def deproject_image(self, depth_m: NDArray[np.float32]) -> NDArray[np.float64]:
        """A depth image `(H, W)` [m] to a cloud `(H, W, 3)`; unknown depth gives zeros."""
        v, u = np.indices(depth_m.shape)
        return self.deproject(np.stack([u, v], axis=-1), depth_m)
