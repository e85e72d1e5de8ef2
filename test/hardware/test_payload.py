import numpy as np
import pytest

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.payload import NO_PAYLOAD, missing_payload

TOOL = GripperModel(
    mass_kg=1.5,
    center_of_mass_m=np.array([0.0, 0.01, 0.07]),
    inertia_kg_m2=0.004 * np.eye(3),
    flange_to_tcp=np.array([0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 1.0]),
    stroke_m=0.11,
)


def test_a_bare_flange_needs_the_whole_tool():
    load = missing_payload(TOOL, 0.0, np.zeros(3))
    assert load.mass_kg == 1.5
    np.testing.assert_allclose(load.center_of_mass_m, TOOL.center_of_mass_m)


def test_a_tool_that_desk_knows_needs_nothing():
    assert missing_payload(TOOL, 1.48, TOOL.center_of_mass_m) is NO_PAYLOAD


def test_what_is_missing_and_what_desk_knows_add_up_to_the_tool():
    center = np.array([-0.01, 0.0, 0.03])
    load = missing_payload(TOOL, 0.73, center)
    assert load.mass_kg + 0.73 == pytest.approx(1.5)
    together = (load.mass_kg * load.center_of_mass_m + 0.73 * center) / 1.5
    np.testing.assert_allclose(together, TOOL.center_of_mass_m)


def test_a_tool_lighter_than_desk_s_is_refused():
    with pytest.raises(HardwareError, match="Desk"):
        missing_payload(TOOL, 2.0, np.zeros(3))
