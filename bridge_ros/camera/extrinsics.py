"""Where the camera is: the calibration file, its form, and how it is read and written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge_ros.errors import ConfigError, ObservationError
from bridge_ros.geometry.poses import (
    FloatArray,
    as_pose,
    compose,
    invert,
    position_of,
    quaternion_of,
)
from bridge_ros.settings.config_file import read_yaml
from bridge_ros.settings.resources import resource_path

D435_LINK_FROM_OPTICAL: FloatArray = np.array([0.0, 0.015, 0.0, -0.5, 0.5, -0.5, 0.5])
"""`(7,)` nominal pose of a D435's colour camera in the frame of its housing."""

_FILE = """\
{origin}
# Pose of the colour camera's optical frame (x right, y down, z out) in base.
base_from_optical:
{base_from_optical}

# The same frame in camera_link, the frame of the housing: the D435's nominal geometry.
link_from_optical:
{link_from_optical}
"""


@dataclass(frozen=True, kw_only=True)
class CameraExtrinsics:
    """Where the camera is, as its calibration file says.

    Attributes:
        base_from_optical: `(7,)` pose of the colour camera's optical frame in base.
        link_from_optical: `(7,)` the same in `camera_link`, the frame of the camera's housing.
    """

    base_from_optical: FloatArray
    link_from_optical: FloatArray

    @property
    def base_from_link(self) -> FloatArray:
        """`(7,)` pose of `camera_link` in base: what the RealSense node expects to be published."""
        return compose(self.base_from_optical, invert(self.link_from_optical))


def load_extrinsics(path: str | Path) -> CameraExtrinsics:
    """Read a calibration file; `config/extrinsics/sim.yaml` explains its form.

    Raises:
        ConfigError: naming the entry that is missing or unusable.
    """
    if not str(path):
        raise ConfigError(
            "extrinsics_file: expected the camera's calibration file, in the form of "
            "config/extrinsics/sim.yaml, got none"
        )
    file = resource_path(path)
    document = read_yaml(file)
    poses = {}
    for key in ("base_from_optical", "link_from_optical"):
        try:
            entry = document[key]
            pose = [*entry["position_m"], *entry["quaternion_xyzw"]]
            poses[key] = as_pose(pose, name=key)
        except (KeyError, TypeError, ValueError, ObservationError) as error:
            raise ConfigError(
                f"{file}: {key}: expected position_m (3 numbers) and quaternion_xyzw (4 numbers, "
                f"norm 1): {error}"
            ) from error
    return CameraExtrinsics(**poses)


def save_extrinsics(path: Path, extrinsics: CameraExtrinsics, *, origin: str) -> None:
    """Write a calibration file; one that was there is kept as `<name>.previous.yaml`.

    Args:
        origin: where the figures come from, as comment lines.
    """
    text = _FILE.format(
        origin=origin,
        base_from_optical=_entries(extrinsics.base_from_optical),
        link_from_optical=_entries(extrinsics.link_from_optical),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        os.replace(path, path.with_suffix(".previous" + path.suffix))
    path.write_text(text, encoding="utf-8")


def _entries(pose: FloatArray) -> str:
    position = ", ".join(f"{value:.6f}" for value in position_of(pose))
    quaternion = ", ".join(f"{value:.9f}" for value in quaternion_of(pose))
    return f"  position_m: [{position}]\n  quaternion_xyzw: [{quaternion}]"
