"""Depth images to point clouds in the base frame, fast enough for every frame of a camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import ObservationError
from bridge_ros.geometry.box import Box, Corner
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, matrix_from_pose
from bridge_ros.settings.ranges import Count, Positive, check_ranges


@dataclass(frozen=True, kw_only=True)
class CloudSettings:
    """What part of a depth image becomes points.

    Attributes:
        min_m, max_m: opposite corners of the box, base frame [m]; points outside are dropped.
        max_depth_m: farther readings are too noisy to use.
        stride: every n-th pixel in each direction.
    """

    min_m: Corner = (0.10, -0.60, -0.10)
    max_m: Corner = (0.95, 0.60, 0.90)
    max_depth_m: Positive = 2.0
    stride: Count = 2

    def __post_init__(self) -> None:
        check_ranges(self)
        Box(min_m=self.min_m, max_m=self.max_m)


class CloudBuilder:
    """Turns depth images of one fixed camera into cropped clouds in the base frame."""

    def __init__(self, settings: CloudSettings) -> None:
        self._settings = settings
        self._camera: tuple[Intrinsics, bytes] | None = None
        self._rays = np.empty((3, 0), dtype=np.float32)

    def build(
        self, depth_m: NDArray[np.float32], intrinsics: Intrinsics, T_base_camera: FloatArray
    ) -> NDArray[np.float32]:
        """The points `(N, 3)` float32 of a depth image `(H, W)` [m], in the base frame.

        Args:
            T_base_camera: `(7,)` pose of the optical frame in base.

        Raises:
            ObservationError: if the image does not have the size that the intrinsics are for, or
                shows no depth at all, as that of a covered or failing camera.
        """
        if depth_m.shape != (intrinsics.height, intrinsics.width):
            raise ObservationError(
                f"depth image: expected {intrinsics.height} x {intrinsics.width} as camera_info "
                f"says, got {depth_m.shape}"
            )
        s = self._settings
        key = (intrinsics, np.asarray(T_base_camera, dtype=np.float64).tobytes())
        if self._camera != key:
            self._camera, self._rays = key, _rays(intrinsics, T_base_camera, s.stride)
        depth = depth_m[:: s.stride, :: s.stride].reshape(-1)
        wanted = (depth > 0.0) & (depth < s.max_depth_m)
        if not wanted.any():
            raise ObservationError(
                f"depth image: expected some pixel to have a depth below {s.max_depth_m} m, none "
                "has; is the camera covered?"
            )
        # Axis by axis: what lies together in memory is done much sooner.
        points = self._rays * depth
        for axis in range(3):
            points[axis] += np.float32(T_base_camera[axis])
            wanted &= (points[axis] > s.min_m[axis]) & (points[axis] < s.max_m[axis])
        inside: NDArray[np.float32] = points.T[np.flatnonzero(wanted)]
        return inside


def _rays(intrinsics: Intrinsics, T_base_camera: FloatArray, stride: int) -> NDArray[np.float32]:
    """The rays `(3, N)` of all used pixels, turned into base, one metre deep."""
    v, u = np.mgrid[: intrinsics.height : stride, : intrinsics.width : stride]
    rays = intrinsics.deproject(np.stack([u, v], axis=-1).reshape(-1, 2), np.ones(u.size))
    return np.ascontiguousarray(matrix_from_pose(T_base_camera)[:3, :3] @ rays.T, dtype=np.float32)
