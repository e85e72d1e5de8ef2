import pytest

from bridge_ros.control.condition import ControllerCondition, MotionMode
from bridge_ros.status import Absence, ControllerReason, ControllerState

CABLE = ControllerReason.ARM_NOT_REACHED.because(why="cable")
REFLEX = ControllerReason.ARM_ERROR.because(errors="reflex")
EXPERT_SILENT = Absence.SILENT.of("expert")
GRIPPER_LOST = ControllerReason.GRIPPER_LOST.because(why="no reply")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"lost": CABLE}, ControllerState.DISCONNECTED),
        ({"recovering": True}, ControllerState.RECOVERING),
        ({"fault": REFLEX}, ControllerState.FAULT),
        ({"stopped": True}, ControllerState.STOPPED),
        ({"blockers": (EXPERT_SILENT,)}, ControllerState.HOLD),
        ({"motion": MotionMode.HOLD}, ControllerState.HOLD),
        ({"motion": MotionMode.FOLLOW}, ControllerState.ACTIVE),
        ({"motion": MotionMode.HOME}, ControllerState.ACTIVE),
        ({}, ControllerState.IDLE),
    ],
)
def test_each_fact_has_its_state(facts, state):
    assert ControllerCondition(**{"lost": None, **facts}).state is state


def test_the_graver_fact_decides_the_state():
    facts = {
        "lost": CABLE,
        "recovering": True,
        "fault": REFLEX,
        "stopped": True,
        "blockers": (GRIPPER_LOST,),
        "motion": MotionMode.FOLLOW,
    }
    seen = []
    for name, calm in [*ControllerCondition(lost=None).__dict__.items()]:
        seen.append(ControllerCondition(**facts).state)
        facts[name] = calm
    expected = ["DISCONNECTED", "RECOVERING", "FAULT", "STOPPED", "HOLD", "ACTIVE", "IDLE"]
    assert [state.name for state in seen] == expected


def test_only_a_hold_that_waits_for_targets_says_so():
    waits = ControllerCondition(lost=None, motion=MotionMode.HOLD)
    assert waits.cause.reason is ControllerReason.NO_TARGET
    blocked = ControllerCondition(lost=None, motion=MotionMode.HOLD, blockers=(EXPERT_SILENT,))
    assert blocked.cause.reason is ControllerReason.NODE_SILENT
    assert "expert" in blocked.cause.message


def test_of_several_blockers_all_are_told_and_the_gravest_is_the_reason():
    blockers = (GRIPPER_LOST, EXPERT_SILENT, Absence.ENDED.of("planner"))
    cause = ControllerCondition(lost=None, blockers=blockers).cause
    assert cause.reason is ControllerReason.NODE_ENDED
    assert cause.message == (
        "gripper lost (no reply); waiting for the expert node, which is not heard; waiting for "
        "the planner node, which has ended; targets are refused until that is mended"
    )


def test_a_motion_says_what_it_is_for():
    reasons = [ControllerCondition(lost=None, motion=motion).cause.reason for motion in MotionMode]
    assert [reason.value for reason in reasons] == [
        "ready",
        "following_targets",
        "going_home",
        "no_target",
    ]


@pytest.mark.parametrize(
    "facts", [{"lost": CABLE}, {"recovering": True}, {"fault": REFLEX}, {"stopped": True}]
)
def test_what_is_latched_or_lost_forbids_targets_and_home(facts):
    condition = ControllerCondition(**{"lost": None, **facts})
    assert not condition.takes_targets
    assert not condition.takes_home


def test_home_starts_from_standstill_only_and_keeps_targets_out():
    assert ControllerCondition(lost=None).takes_home
    assert ControllerCondition(lost=None, motion=MotionMode.HOLD).takes_home
    assert not ControllerCondition(lost=None, motion=MotionMode.FOLLOW).takes_home
    assert not ControllerCondition(lost=None, motion=MotionMode.HOME).takes_targets


def test_a_latched_state_says_how_to_leave_it():
    assert "/bridge/resume" in ControllerCondition(lost=None, stopped=True).cause.message
    assert "/bridge/resume" in ControllerCondition(lost=None, fault=REFLEX).cause.message
