"""Writes the model that `franka-sim` is to simulate: franky-sim's FR3 with our gripper's weight.

    python -m bridge_ros.lab.bench.enforcing_model FOLDER [--joint7-armature 0.3]

`franka-sim` enforces the limits of the Franka Control Interface; see docs/controller.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path

from bridge_ros.errors import ConfigError
from bridge_ros.hardware.gripper_model import GripperModel

_HAND_ONLY = ("actuator", "tendon", "equality", "sensor", "keyframe")


def write_enforcing_model(folder: Path, joint7_armature: float | None = None) -> Path:
    """Write `fr3.xml` into a folder, beside a link to its meshes, and return that file.

    Args:
        joint7_armature: inertia of that joint's rotor [kg m2]; None for franky-sim's own, with
            which franka-sim's velocity servo is unstable: 200 Nm s/rad in steps of 1 ms need more
            than 0.1.

    Raises:
        ConfigError: where franky-sim is not installed.
    """
    spec = importlib.util.find_spec("franky_sim")
    if spec is None or spec.origin is None:
        raise ConfigError(
            "the FR3's model comes from franky-sim; install it: pip install franky-sim"
        )
    assets = Path(spec.origin).parent / "assets"
    root = ET.parse(assets / "fr3.xml").getroot()
    for tag in _HAND_ONLY:
        for section in root.findall(tag):
            root.remove(section)
    hand = root.find(".//body[@name='hand']")
    if hand is None:
        raise ConfigError(f"{assets / 'fr3.xml'}: expected a body 'hand', got none")
    _put_weight(hand, GripperModel.load())
    joint7 = root.find(".//joint[@name='fr3_joint7']")
    if joint7 is not None and joint7_armature is not None:
        joint7.set("armature", str(joint7_armature))
    folder.mkdir(parents=True, exist_ok=True)
    meshes = folder / "assets"
    if not meshes.exists():
        meshes.symlink_to(assets / "meshes")
    path = folder / "fr3.xml"
    ET.ElementTree(root).write(path)
    return path


def _put_weight(flange: ET.Element, gripper: GripperModel) -> None:
    """Nothing but the gripper's mass on the flange, whose frame the figures are given in."""
    inertia = gripper.inertia_kg_m2
    flange[:] = [
        ET.Element(
            "inertial",
            mass=str(gripper.mass_kg),
            pos=" ".join(map(str, gripper.center_of_mass_m)),
            fullinertia=" ".join(
                str(inertia[i, j]) for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
            ),
        )
    ]
    flange.attrib.pop("quat", None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--joint7-armature", type=float, help="0.3 for velocity mode")
    arguments = parser.parse_args()
    print(write_enforcing_model(arguments.folder, arguments.joint7_armature))
