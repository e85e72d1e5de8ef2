"""What an arm must know about the gripper on its flange, as `models/umi_gripper` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.settings.resources import resource_path

UMI_GRIPPER_FILE = Path("models/umi_gripper/umi_gripper.yaml")


@dataclass(frozen=True, kw_only=True)
class GripperModel:
    """What an arm must know about the gripper on its flange; see `umi_gripper.yaml`.

    Attributes:
        mass_kg: everything beyond the flange.
        center_of_mass_m: `(3,)`, flange frame.
        inertia_kg_m2: `(3, 3)` about the centre of mass, flange axes.
        flange_to_tcp: `(7,)` pose of the tool centre point in the flange frame.
        stroke_m: largest opening.
    """

    mass_kg: float
    center_of_mass_m: FloatArray
    inertia_kg_m2: FloatArray
    flange_to_tcp: FloatArray
    stroke_m: float

    @classmethod
    def load(cls, path: str | Path = UMI_GRIPPER_FILE) -> GripperModel:
        """Read the gripper's YAML file.

        Raises:
            ConfigError: if it is missing or does not hold what it should.
        """
        found = resource_path(path)
        try:
            data = yaml.safe_load(found.read_text())
            tcp = data["flange_to_tcp"]
            return cls(
                mass_kg=float(data["mass_kg"]),
                center_of_mass_m=np.array(data["center_of_mass_m"], dtype=np.float64).reshape(3),
                inertia_kg_m2=np.array(data["inertia_kg_m2"], dtype=np.float64).reshape(3, 3),
                flange_to_tcp=as_pose([*tcp["translation_m"], *tcp["rotation_xyzw"]]),
                stroke_m=float(data["stroke_m"]),
            )
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{found}: expected the figures of a gripper, got {error!r}"
            ) from error
