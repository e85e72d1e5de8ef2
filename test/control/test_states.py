import pytest

from bridge_ros.control.states import NO_TARGET, Condition, ControllerState, Motion


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"lost": "cable"}, ControllerState.DISCONNECTED),
        ({"recovering": True}, ControllerState.RECOVERING),
        ({"fault": "reflex"}, ControllerState.FAULT),
        ({"stopped": True}, ControllerState.STOPPED),
        ({"blockers": ("waiting for the expert node",)}, ControllerState.HOLD),
        ({"motion": Motion.HOLD}, ControllerState.HOLD),
        ({"motion": Motion.FOLLOW}, ControllerState.ACTIVE),
        ({"motion": Motion.HOME}, ControllerState.ACTIVE),
        ({}, ControllerState.IDLE),
    ],
)
def test_each_fact_has_its_state(facts, state):
    assert Condition(**{"lost": None, **facts}).state is state


def test_the_graver_fact_decides_the_state():
    facts = {
        "lost": "cable",
        "recovering": True,
        "fault": "reflex",
        "stopped": True,
        "blockers": ("gripper lost",),
        "motion": Motion.FOLLOW,
    }
    seen = []
    for name, calm in [*Condition(lost=None).__dict__.items()]:
        seen.append(Condition(**facts).state)
        facts[name] = calm
    expected = ["DISCONNECTED", "RECOVERING", "FAULT", "STOPPED", "HOLD", "ACTIVE", "IDLE"]
    assert [state.name for state in seen] == expected


def test_only_a_hold_that_waits_for_targets_says_so():
    assert Condition(lost=None, motion=Motion.HOLD).message.startswith(NO_TARGET)
    blocked = Condition(lost=None, motion=Motion.HOLD, blockers=("waiting for the expert node",))
    assert "expert" in blocked.message
    assert not blocked.message.startswith(NO_TARGET)


@pytest.mark.parametrize(
    "facts", [{"lost": "cable"}, {"recovering": True}, {"fault": "reflex"}, {"stopped": True}]
)
def test_what_is_latched_or_lost_forbids_targets_and_home(facts):
    condition = Condition(**{"lost": None, **facts})
    assert not condition.takes_targets
    assert not condition.takes_home


def test_home_starts_from_standstill_only_and_keeps_targets_out():
    assert Condition(lost=None).takes_home
    assert Condition(lost=None, motion=Motion.HOLD).takes_home
    assert not Condition(lost=None, motion=Motion.FOLLOW).takes_home
    assert not Condition(lost=None, motion=Motion.HOME).takes_targets


def test_a_latched_state_says_how_to_leave_it():
    assert "/bridge/resume" in Condition(lost=None, stopped=True).message
    assert "/bridge/resume" in Condition(lost=None, fault="reflex").message
