import pytest

from bridge_ros.control.snapshot import Snapshot
from bridge_ros.status import ControllerReason, ControllerState


def test_an_outdated_snapshot_knows_nothing_of_the_arm():
    seen = Snapshot(
        state=ControllerState.ACTIVE,
        cause=ControllerReason.FOLLOWING_TARGETS.because(),
        arm=object(),
    )
    outdated = seen.outdated_by(0.2)
    assert outdated.state is ControllerState.DISCONNECTED
    assert outdated.cause.reason is ControllerReason.ARM_SILENT
    assert "no answer for more than 0.2 s" in outdated.cause.message
    assert outdated.arm is None


@pytest.mark.parametrize("state", [ControllerState.DISCONNECTED, ControllerState.RECOVERING])
def test_where_the_arm_takes_its_time_nothing_is_outdated(state):
    seen = Snapshot(state=state, cause=ControllerReason.LEAVING_FAULT.because())
    assert seen.outdated_by(0.2) is seen
