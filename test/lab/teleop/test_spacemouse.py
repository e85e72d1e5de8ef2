"""SpaceMouse: from the library's state to deflections; no device is needed for that."""

from types import SimpleNamespace

import numpy as np
import pytest

from bridge_ros.errors import HardwareError
from bridge_ros.lab.teleop.spacemouse import SpaceMouse

AXES = ("x", "y", "z", "roll", "pitch", "yaw")


class FakeDevice:
    """As the library's: `read` gives one and the same state, and `t` is that of its last report."""

    def __init__(self):
        self.state = SimpleNamespace(t=-1.0, **dict.fromkeys(AXES, 0.0), buttons=[0, 0])
        self.reports = []
        self.unplugged = False
        self.closed = False

    def report(self, t, *, buttons=(0, 0), **axes):
        self.reports.append((t, axes, buttons))

    def read(self):
        if self.unplugged:
            raise RuntimeError("HID error")
        if self.reports:
            t, axes, buttons = self.reports.pop(0)
            vars(self.state).update(dict.fromkeys(AXES, 0.0) | axes, t=t, buttons=list(buttons))
        return self.state

    def close(self):
        self.closed = True


@pytest.fixture
def device():
    return FakeDevice()


@pytest.fixture
def mouse(device):
    return SpaceMouse(device, deadband=0.1, silence_s=0.15)


def test_before_its_first_report_it_counts_as_let_go(mouse):
    assert mouse.read(10.0) is None


@pytest.mark.parametrize("index", range(6))
def test_each_axis_is_the_one_of_ros_s_convention(device, mouse, index):
    device.report(1.0, **{AXES[index]: -1.0})
    found = mouse.read(10.0)
    expected = np.zeros(6)
    expected[index] = -1.0
    assert np.concatenate([found.linear, found.angular]).tolist() == expected.tolist()


def test_deflections_begin_with_nothing_at_the_edge_of_the_deadband(device, mouse):
    device.report(1.0, x=0.1, y=-0.55, z=0.09)
    found = mouse.read(10.0)
    assert found.linear.tolist() == pytest.approx([0.0, -0.5, 0.0])
    device.report(2.0, x=0.09, yaw=-0.1)
    assert mouse.read(10.05) is None


def test_more_than_full_deflection_is_full_deflection_and_no_number_is_none(device, mouse):
    device.report(1.0, x=1.7, y=float("nan"))
    assert mouse.read(10.0).linear.tolist() == [1.0, 0.0, 0.0]


def test_of_several_reports_the_newest_counts(device, mouse):
    for t in range(5):
        device.report(float(t), x=1.0)
    device.report(5.0, x=-1.0)
    assert mouse.read(10.0).linear[0] == -1.0


def test_a_deflection_that_is_no_longer_reported_counts_as_let_go(device, mouse):
    device.report(1.0, x=1.0)
    assert mouse.read(10.00) is not None
    assert mouse.read(10.10) is not None
    assert mouse.read(10.20) is None, "the library keeps the last state of an unplugged device"
    device.report(2.0, x=1.0)
    assert mouse.read(10.25) is not None


def test_buttons_close_and_open_the_gripper_for_as_long_as_they_are_held(device, mouse):
    device.report(1.0, buttons=(1, 0))
    assert mouse.read(10.0).gripper == -1.0
    assert mouse.read(12.0).gripper == -1.0, "a button that is held is reported once"
    device.report(2.0, buttons=(0, 1))
    assert mouse.read(12.1).gripper == 1.0
    device.report(3.0, buttons=(0, 0))
    assert mouse.read(12.2) is None


def test_an_unplugged_one_is_a_lost_device(device, mouse):
    device.unplugged = True
    with pytest.raises(HardwareError, match="SpaceMouse is gone"):
        mouse.read(10.0)
    mouse.close()
    assert device.closed


def test_the_library_s_own_state_has_what_is_read_of_it(device, mouse):
    types = pytest.importorskip(
        "pyspacemouse.types", reason="needs the extra teleop and libhidapi", exc_type=ImportError
    )
    device.state = types.SpaceMouseState(t=1.0, x=1.0, buttons=types.ButtonState([0, 1]))
    found = mouse.read(10.0)
    assert found.linear.tolist() == [1.0, 0.0, 0.0] and found.gripper == 1.0
