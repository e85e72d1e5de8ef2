import pytest

from bridge_ros.status import ControllerReason, ControllerState, Hindrance, hindrance


@pytest.mark.parametrize("state", ["disconnected", "recovering", "fault", "stopped"])
@pytest.mark.parametrize("reason", [None, ControllerReason.NO_TARGET])
def test_an_arm_that_may_not_move_bars_a_task_whatever_the_reason(state, reason):
    assert hindrance(ControllerState(state), reason) is Hindrance.BARRED


@pytest.mark.parametrize("state", ["active", "idle"])
def test_an_arm_that_follows_or_rests_is_in_nobody_s_way(state):
    assert hindrance(ControllerState(state), None) is Hindrance.NONE


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (ControllerReason.NODE_ENDED, Hindrance.LOSS),
        (ControllerReason.NODE_SILENT, Hindrance.PASSING),
        (ControllerReason.GRIPPER_LOST, Hindrance.PASSING),
        (ControllerReason.NO_TARGET, Hindrance.NONE),
        (ControllerReason.TARGETS_SILENT, Hindrance.NONE),
        (ControllerReason.HOME_REACHED, Hindrance.NONE),
        (None, Hindrance.PASSING),
    ],
)
def test_the_reason_of_a_hold_decides(reason, expected):
    assert hindrance(ControllerState.HOLD, reason) is expected
