"""The figures of the shipped gripper models, against those of others."""

from pathlib import Path
from xml.etree import ElementTree

import franky_sim
import numpy as np
import pytest

from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.payload import NO_PAYLOAD, missing_payload


def numbers(words):
    return np.array(words.split(), dtype=float)


def test_the_franka_hand_weighs_what_desk_says_and_reaches_where_franka_s_description_says():
    hand = GripperModel.load("models/franka_hand/franka_hand.yaml")
    assets = Path(franky_sim.__file__).parent / "assets"
    body = ElementTree.parse(assets / "fr3.xml").find(".//body[@name='hand']/inertial")
    tcp = ElementTree.parse(assets / "fr3.urdf").find(".//joint[@name='fr3_hand_tcp_joint']/origin")
    assert hand.mass_kg == float(body.get("mass"))
    np.testing.assert_array_equal(hand.center_of_mass_m, numbers(body.get("pos")))
    np.testing.assert_array_equal(hand.inertia_kg_m2, np.diag(numbers(body.get("diaginertia"))))
    np.testing.assert_array_equal(hand.flange_to_tcp[:3], numbers(tcp.get("xyz")))
    np.testing.assert_allclose(hand.flange_to_tcp[3:], GripperModel.load().flange_to_tcp[3:])
    assert missing_payload(hand, 0.73, np.array([-0.01, 0.0, 0.03])) is NO_PAYLOAD


def test_its_stroke_is_one_that_its_driver_takes():
    hand = GripperModel.load("models/franka_hand/franka_hand.yaml")
    settings = GripperSettings(driver="franka_hand", stroke_m=hand.stroke_m, max_speed_m_s=0.1)
    assert settings.stroke_m == pytest.approx(0.08)
