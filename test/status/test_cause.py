import ast
import pickle
import string
from pathlib import Path

import pytest

import bridge_ros
import bridge_ros.status as room
from bridge_ros.errors import PlanError, StaleObservationError
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    ExpertReason,
    Reason,
    TaskReason,
    TrajectoryReason,
    cause_of,
)

KINDS = [
    kind
    for kind in vars(room).values()
    if isinstance(kind, type) and issubclass(kind, Reason) and kind is not Reason
]
ALL = [reason for kind in KINDS for reason in kind]


def details_of(reason):
    return {name for _, name, _, _ in string.Formatter().parse(reason.sentence) if name}


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: f"{type(reason).__name__}.{reason}")
def test_every_reason_has_a_message(reason):
    details = dict.fromkeys(details_of(reason), 1.5)
    cause = reason.because(**details)
    assert (cause.reason, bool(cause.message.strip())) == (reason, True)
    assert str(cause) == cause.message


def calls_of_because():
    """Each `Kind.NAME.because(...)` in the package, with the names of the details given."""
    kinds = {kind.__name__: kind for kind in KINDS}
    for file in sorted(Path(bridge_ros.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Attribute(value=ast.Name(id=kind), attr=name), attr="because"
                    )
                ) if kind in kinds:
                    reason = kinds[kind][name]
                    yield reason, {keyword.arg for keyword in node.keywords}, file.name


def test_callers_give_the_details_that_the_sentence_names():
    found = list(calls_of_because())
    assert len(found) > 50
    wrong = [(str(r), given, file) for r, given, file in found if given != details_of(r)]
    assert wrong == []


def test_a_value_is_read_back_and_anything_else_is_nothing():
    assert ControllerReason.read("node_ended") is ControllerReason.NODE_ENDED
    assert ControllerReason.read("waiting for the expert node, which has ended") is None
    assert ControllerReason.read("") is None
    assert ControllerState.read("hold") is ControllerState.HOLD
    assert ControllerState.read("holding") is None


def test_members_are_written_as_their_values():
    assert f"{ControllerReason.NODE_ENDED} {ControllerState.HOLD:>5}" == "node_ended  hold"
    assert (
        pickle.loads(pickle.dumps(ControllerReason.HOME_REACHED)) is ControllerReason.HOME_REACHED
    )


def test_an_error_keeps_the_cause_that_it_was_raised_with():
    cause = ExpertReason.ARM_STALE.because(age_s=0.3, limit_s=0.15)
    error = StaleObservationError(cause)
    assert cause_of(error, ExpertReason.INFERENCE_REFUSED) == cause
    assert str(error) == "the arm's pose is 0.30 s old: expected at most 0.15 s"


def test_an_error_of_another_vocabulary_or_of_none_gives_its_text():
    foreign = PlanError(TrajectoryReason.NO_WAYPOINTS.because())
    told = cause_of(foreign, TaskReason.NO_PLAN)
    assert told == TaskReason.NO_PLAN.because(
        why="no waypoints: expected at least one, the keypoint"
    )
    assert cause_of(PlanError("so"), TaskReason.NO_PLAN) == TaskReason.NO_PLAN.because(why="so")
