"""The table: its plane found in the depth image, and a frame that stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.planner.grounding.grounding_settings import GroundingSettings

_MIN_POINTS = 500
_MAX_POINTS = 20_000
_RANSAC_ITERATIONS = 300
_MAX_PLANES = 4
_MIN_SHARE = 0.06
"""Of the points looked at; a smaller plane is the side of something."""
_MIN_TILT = 0.25
"""A table seen from above has a normal that leans towards the camera and upwards in the image."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table's plane and frame, known in the camera's optical frame only.

    The table frame has z along the plane's normal, towards the camera's side; x to the right in
    the image, y away from the camera; its origin is the foot of the camera on the plane.

    Attributes:
        rotation: `(3, 3)`, its columns the axes of the table frame in the camera frame.
        origin: `(3,)` in the camera frame [m].
    """

    rotation: FloatArray
    origin: FloatArray

    @classmethod
    def from_plane(cls, normal: FloatArray, offset_m: float) -> Table:
        """From the plane `normal · p + offset_m = 0`, its unit normal on the camera's side."""
        forward = np.array([0.0, 0.0, 1.0]) - normal[2] * normal
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, normal)
        rotation = np.stack([right, forward, normal], axis=1)
        return cls(rotation=rotation, origin=-offset_m * normal)

    def to_table(self, points: FloatArray) -> FloatArray:
        """Points `(…, 3)` of the camera frame in the table frame."""
        return np.asarray((points - self.origin) @ self.rotation)

    def to_camera(self, points: FloatArray) -> FloatArray:
        """Points `(…, 3)` of the table frame in the camera frame."""
        return np.asarray(points @ self.rotation.T + self.origin)


def find_table(cloud: FloatArray, settings: GroundingSettings) -> Table:
    """The table of an organised cloud `(H, W, 3)`, camera frame; zeros where depth is unknown.

    Of the large planes that face up and towards the camera it is the one nearest to the camera:
    the floor beneath it is further away.

    Raises:
        PlanError: if there is too little depth or no such plane.
    """
    depth = cloud[..., 2]
    points = cloud[(depth > settings.min_depth_m) & (depth < settings.max_depth_m)]
    if len(points) < _MIN_POINTS:
        raise PlanError(
            f"too little depth to see the table: {len(points)} pixels between "
            f"{settings.min_depth_m} and {settings.max_depth_m} m, expected at least "
            f"{_MIN_POINTS}; check the camera"
        )
    points = points[:: max(1, len(points) // _MAX_POINTS)]
    best: tuple[FloatArray, float] | None = None
    rest = points
    for _ in range(_MAX_PLANES):
        if len(rest) < _MIN_SHARE * len(points):
            break
        plane, inliers = _largest_plane(rest, settings.plane_distance_m)
        if len(inliers) < _MIN_SHARE * len(points):
            break
        normal, offset = _facing_camera(plane)
        leans = -normal[2] > _MIN_TILT and -normal[1] > _MIN_TILT
        if leans and (best is None or offset < best[1]):
            best = normal, offset
        rest = np.delete(rest, inliers, axis=0)
    if best is None:
        raise PlanError(
            "no table in view: expected a large flat surface seen from above; check where the "
            "camera looks"
        )
    return Table.from_plane(*_refine(points, *best, settings.plane_distance_m))


def load_open3d() -> Any:
    """Open3D, imported here because it takes seconds and memory that only planning should pay.

    Raises:
        ConfigError: if it cannot be imported.
    """
    try:
        import open3d
    except (ImportError, OSError) as error:
        raise ConfigError(
            f"Open3D cannot be imported: {error}; expected `pip install open3d`, and on Debian or "
            "Ubuntu `apt-get install libusb-1.0-0 libgomp1`"
        ) from error
    return open3d


def _largest_plane(points: FloatArray, distance_m: float) -> tuple[FloatArray, NDArray[np.intp]]:
    o3d = load_open3d()
    o3d.utility.random.seed(0)
    cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
    plane, inliers = cloud.segment_plane(distance_m, 3, _RANSAC_ITERATIONS)
    return np.asarray(plane, dtype=np.float64), np.asarray(inliers, dtype=np.intp)


def _facing_camera(plane: FloatArray) -> tuple[FloatArray, float]:
    """Unit normal and offset with the camera on the positive side."""
    plane = plane / np.linalg.norm(plane[:3])
    if plane[3] < 0:
        plane = -plane
    return plane[:3], float(plane[3])


def _refine(
    points: FloatArray, normal: FloatArray, offset_m: float, distance_m: float
) -> tuple[FloatArray, float]:
    """Least squares over the inliers, twice; each weighs as its depth is trusted, by 1/z²."""
    for _ in range(2):
        inliers = points[np.abs(points @ normal + offset_m) < distance_m]
        weights = 1.0 / inliers[:, 2] ** 4
        centre = weights @ inliers / weights.sum()
        centred = (inliers - centre) * np.sqrt(weights)[:, None]
        normal = np.linalg.svd(centred.T @ centred)[0][:, -1]
        normal, offset_m = _facing_camera(np.append(normal, -normal @ centre))
    return normal, offset_m
