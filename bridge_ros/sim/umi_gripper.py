"""The UMI gripper's body on the end of the simulated arm."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET

from bridge_ros.errors import ConfigError
from bridge_ros.hardware.gripper_model import UMI_GRIPPER_FILE
from bridge_ros.settings.resources import resource_path

_BODY_FILE = UMI_GRIPPER_FILE.with_suffix(".xml")


def mount_umi_gripper(scene: ET.Element, prefix: str) -> None:
    """Put the UMI gripper in the place of the Franka Hand of one robot of a franky-sim scene.

    The slide joints keep the names of the hand's, so that franky-sim's coupling and state fit.

    Args:
        scene: root of the MJCF, as `MujocoSimulator.scene`.
        prefix: of the robot's names, e.g. "robot0_".

    Raises:
        ConfigError: if the robot has no hand to replace.
    """
    hand = scene.find(f".//body[@name='{prefix}hand']")
    if hand is None:
        raise ConfigError(f"scene: expected a body {prefix}hand to mount the gripper on, got none")
    model = ET.parse(resource_path(_BODY_FILE)).getroot()
    for section in ("default", "asset"):
        _section(scene, section).extend(copy.deepcopy(list(_section(model, section))))
    for exclude in _section(model, "contact"):
        names = {key: prefix + value for key, value in exclude.attrib.items()}
        ET.SubElement(_section(scene, "contact"), exclude.tag, names)
    gripper = _section(_section(model, "worldbody"), "body")
    for element in gripper.iter():
        if "name" in element.attrib:
            element.set("name", prefix + element.attrib["name"])
    hand[:] = list(gripper)
    hand.set("childclass", gripper.attrib["childclass"])


def _section(root: ET.Element, tag: str) -> ET.Element:
    found = root.find(tag)
    if found is None:
        raise ConfigError(
            f"MJCF {root.get('model', root.tag)}: expected a section <{tag}>, got none"
        )
    return found
