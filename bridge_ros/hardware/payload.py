"""What the robot must be told about the tool's weight, given what Desk has told it already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import HardwareError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.gripper_model import GripperModel

_NEGLIGIBLE_KG = 0.05


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A load on the flange.

    Attributes:
        mass_kg: its mass.
        center_of_mass_m: `(3,)`, flange frame.
        inertia_kg_m2: `(3, 3)` about the centre of mass, flange axes.
    """

    mass_kg: float
    center_of_mass_m: FloatArray
    inertia_kg_m2: FloatArray


NO_PAYLOAD = Payload(mass_kg=0.0, center_of_mass_m=np.zeros(3), inertia_kg_m2=np.zeros((3, 3)))


def missing_payload(tool: GripperModel, desk_mass_kg: float, desk_center_m: FloatArray) -> Payload:
    """The load that, with the end effector configured in Desk, adds up to the tool.

    The tool's own inertia is small beside the arm's, so it goes with whatever load remains.

    Args:
        desk_mass_kg: of the end effector that the robot reports.
        desk_center_m: its centre of mass `(3,)`, flange frame.

    Raises:
        HardwareError: if Desk's end effector is heavier than the tool.
    """
    mass_kg = tool.mass_kg - desk_mass_kg
    if abs(mass_kg) <= _NEGLIGIBLE_KG:
        return NO_PAYLOAD
    if mass_kg < 0.0:
        raise HardwareError(
            f"FR3: the end effector configured in Desk weighs {desk_mass_kg:.2f} kg, the tool only "
            f"{tool.mass_kg:.2f} kg; set Desk's end effector to the tool's figures, or to none"
        )
    moment = tool.mass_kg * tool.center_of_mass_m - desk_mass_kg * desk_center_m
    return Payload(
        mass_kg=mass_kg, center_of_mass_m=moment / mass_kg, inertia_kg_m2=tool.inertia_kg_m2
    )
